import { bold, columns, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { awsPlace } from '../../../shared/playbook/aws-place.ts';
import { accessLevelsOf } from '../../../shared/policy/access-levels.ts';
import { compileAws } from '../../../shared/policy/compile-aws.ts';
import { compileAzure } from '../../../shared/policy/compile-azure.ts';
import { awsPaths, azurePaths, judgeAws, judgeAzure } from '../../../shared/policy/judge-rights.ts';
import { rightsNeeded } from '../../../shared/playbook/rights-needed.ts';
import { type Unplayed, unplayed, withoutReason } from '../../../shared/policy/unplayed.ts';
import type { RecordedCall } from '../../../shared/sandbox/record.ts';
import { type Desk, type Northwind, readNorthwind } from '../desk.ts';
import { allActions, allReads } from '../../wire.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';
import { tryPlaybook } from '../try.ts';
import { neededAt } from './policy.ts';

type Refusal = { readonly playbook: string; readonly test: string; readonly right: string };

const isRefused = ({ status, error }: RecordedCall): boolean => (status === 401 || status === 403) && error !== '';

/** What the plays of playbooks showed. */
type Plays = { readonly refused: readonly Refusal[]; readonly unused: readonly Unplayed[] };

/** Plays the tests of each playbook with the rights that are compiled for it alone: which calls were refused, and which rights nobody used. */
async function playAll(playbooks: readonly Playbook[], company: Northwind): Promise<Plays> {
  const { settings, identities } = company;
  const refused: Refusal[] = [];
  const reads = new Set<string>();
  const actions = new Set<string>();
  const isReader = ({ caller }: RecordedCall) =>
    caller.includes(`assumed-role/${settings.aws.readerRole}`) || caller === identities.azure.reader;
  const hear = (playbook: Playbook, test: string) => (call: RecordedCall) => {
    if (isReader(call)) for (const name of [call.operation, ...call.also]) reads.add(name.toLowerCase());
    if (isRefused(call)) refused.push({ playbook: playbook.id, test, right: call.operation });
  };
  for (const playbook of playbooks)
    for (const test of playbook.tests) {
      const tried = await tryPlaybook(playbook, test, { company, onCall: hear(playbook, test.name) });
      for (const action of tried.actions) actions.add(action);
    }
  const declared = { catalogue: allActions, reads: allReads, writeBack: { aws: [], azure: [] } };
  const { aws, azure } = await rightsNeeded(declared, { playbooks });
  return { refused, unused: withoutReason(unplayed([aws, azure], { reads, actions })) };
}

const unusedLines = (unused: readonly Unplayed[], strict: boolean): readonly string[] =>
  unused.map(
    ({ purpose, rights }) =>
      `${strict ? red('✗') : yellow('!')} granted for ${bold(inert(purpose))} and used by no test: ${rights.join(', ')}`,
  );

export type CheckOptions = Common & { readonly strict?: boolean };

/**
 * Holds the compiled rights against what the playbooks' tests call, published access levels, and known paths to more
 * rights. A right that no test uses is told, and with `strict` a fault: a test is missing, or a trigger is too wide.
 */
export async function policyCheck(desk: Desk, { json, strict = false }: CheckOptions): Promise<ExitCode> {
  const needed = await neededAt(desk);
  const policies = compileAws(needed.aws, awsPlace(desk.settings));
  const rights = compileAzure(needed.azure);
  const faults = [
    ...judgeAws(policies).map((fault) => ({ cloud: 'aws', ...fault })),
    ...judgeAzure(rights).map((fault) => ({ cloud: 'azure', ...fault })),
  ];
  const playbooks = await desk.playbooks();
  const { refused, unused } = await playAll(playbooks, await readNorthwind());
  const paths = [...awsPaths(policies), ...azurePaths(rights)].filter(({ because }) => because !== undefined);
  const count = faults.length + refused.length + (strict ? unused.length : 0);
  const tests = playbooks.reduce((sum, one) => sum + one.tests.length, 0);
  print(json, { faults, refused, unused, paths, unknown: needed.unknown, accessLevels: accessLevelsOf }, () => [
    ...faults.map(
      ({ cloud, holder, code, detail }) => `${red('✗')} ${cloud} ${holder}: ${code.replaceAll('-', ' ')}: ${detail}`,
    ),
    ...refused.map(
      ({ playbook, test, right }) =>
        `${red('✗')} ${inert(playbook)}: "${inert(test)}" was refused ${bold(right)}, which it is not granted`,
    ),
    ...needed.unknown.map((id) => `${red('✗')} an open containment was made by ${inert(id)}, which is unknown here`),
    ...unusedLines(unused, strict),
    ...columns(paths.map(({ path, because = '' }) => [`${yellow('!')} ${path}`, dim(because)])),
    `${count === 0 ? green('✓') : red('✗')} ${playbooks.length} playbooks, ${tests} tests played with the rights of their playbook alone, ${count} faults ${dim(`(access levels as published, ${accessLevelsOf})`)}`,
  ]);
  return count + needed.unknown.length > 0 ? exit.failed : exit.done;
}
