import { bold, columns, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { awsPlace } from '../../../shared/playbook/aws-place.ts';
import { accessLevelsOf } from '../../../shared/policy/access-levels.ts';
import { compileAws } from '../../../shared/policy/compile-aws.ts';
import { compileAzure } from '../../../shared/policy/compile-azure.ts';
import { awsPaths, azurePaths, judgeAws, judgeAzure } from '../../../shared/policy/judge-rights.ts';
import type { RecordedCall } from '../../../shared/sandbox/record.ts';
import { type Desk, type Northwind, readNorthwind } from '../desk.ts';
import { type ExitCode, exit, print } from '../output.ts';
import type { Common } from '../person.ts';
import { tryPlaybook } from '../try.ts';
import { neededAt } from './policy.ts';

type Refusal = { readonly playbook: string; readonly test: string; readonly right: string };

const isRefused = ({ status, error }: RecordedCall): boolean => (status === 401 || status === 403) && error !== '';

/** Plays a playbook's own tests with the rights that are compiled for it alone, and tells which calls were refused. */
async function refusals(playbook: Playbook, company: Northwind): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  for (const test of playbook.tests)
    await tryPlaybook(playbook, test, {
      company,
      onCall(call) {
        if (isRefused(call)) found.push({ playbook: playbook.id, test: test.name, right: call.operation });
      },
    });
  return found;
}

/** Holds the compiled rights against what the playbooks' tests call, published access levels, and known paths to more rights. */
export async function policyCheck(desk: Desk, { json }: Common): Promise<ExitCode> {
  const needed = await neededAt(desk);
  const policies = compileAws(needed.aws, awsPlace(desk.settings));
  const rights = compileAzure(needed.azure);
  const faults = [
    ...judgeAws(policies).map((fault) => ({ cloud: 'aws', ...fault })),
    ...judgeAzure(rights).map((fault) => ({ cloud: 'azure', ...fault })),
  ];
  const refused: Refusal[] = [];
  const company = await readNorthwind();
  const playbooks = await desk.playbooks();
  for (const playbook of playbooks) refused.push(...(await refusals(playbook, company)));
  const paths = [...awsPaths(policies), ...azurePaths(rights)].filter(({ because }) => because !== undefined);
  const tests = playbooks.reduce((sum, one) => sum + one.tests.length, 0);
  print(json, { faults, refused, paths, unknown: needed.unknown, accessLevels: accessLevelsOf }, () => [
    ...faults.map(
      ({ cloud, holder, code, detail }) => `${red('✗')} ${cloud} ${holder}: ${code.replaceAll('-', ' ')}: ${detail}`,
    ),
    ...refused.map(
      ({ playbook, test, right }) =>
        `${red('✗')} ${inert(playbook)}: "${inert(test)}" was refused ${bold(right)}, which it is not granted`,
    ),
    ...needed.unknown.map((id) => `${red('✗')} an open containment was made by ${inert(id)}, which is unknown here`),
    ...columns(paths.map(({ path, because = '' }) => [`${yellow('!')} ${path}`, dim(because)])),
    `${faults.length + refused.length === 0 ? green('✓') : red('✗')} ${playbooks.length} playbooks, ${tests} tests played with the rights of their playbook alone, ${faults.length + refused.length} faults ${dim(`(access levels as published, ${accessLevelsOf})`)}`,
  ]);
  return faults.length + refused.length + needed.unknown.length > 0 ? exit.failed : exit.done;
}
