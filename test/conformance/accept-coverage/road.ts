import { readdirSync, readFileSync } from 'node:fs';
import { makeKnown } from '../../../functions/local/known.ts';
import { grantPlaybooks } from '../../../functions/local/rights.ts';
import { local, sandboxClouds } from '../../../functions/local/wire.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { type Playbook, placedSteps } from '../../../shared/model/playbook.ts';
import { tellPerson } from '../../../shared/action/portable.ts';
import { readPlaybook } from '../../../shared/playbook/parse.ts';
import { playbookSet } from '../../../shared/playbook/playbook-set.ts';
import { openApprovals } from '../../../shared/records/approvals.ts';
import { readJournal } from '../../../shared/records/journal.ts';
import { carryOn, farOff } from '../../../shared/run/carry-on.ts';
import { targetsOf } from '../../../shared/run/open.ts';
import { receive } from '../../../shared/run/receive.ts';
import { readRun } from '../../../shared/run/turn.ts';
import {
  identities,
  northwindSandbox,
  northwindSettings,
  production,
  tenant,
  writerPrincipal,
} from '../../support/company.ts';
import { type Case, eventOf } from './case.ts';

const folder = new URL('../../../playbooks/', import.meta.url);

/** Every shipped playbook. */
export const shipped: readonly Playbook[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const { read, problems } = readPlaybook(readFileSync(new URL(name, folder), 'utf8'), name);
    if (read) return read.playbook;
    throw new Error(problems.map((problem) => problem.describe()).join('\n'));
  });
const set = playbookSet(shipped);

const settings = (() => {
  const identityProviders = [{ arn: `arn:aws:iam::${production}:saml-provider/NorthwindEntra`, tenant }];
  const plain = northwindSettings({ identityProviders });
  return { ...plain, azure: { ...plain.azure, identities: [writerPrincipal] } };
})();

/** What one run came to. */
export type Came = {
  readonly playbook: string;
  /** `waiting`, or the outcome. */
  readonly to: string;
  readonly reason: string;
  readonly detail: string;
  /** Steps that have changed something. */
  readonly made: readonly string[];
  /** The step that a person is asked about, and why. */
  readonly asks: { readonly step: string; readonly reason: string } | undefined;
};

/** Whether a playbook does nothing but tell people. */
export const onlyTells = (playbook: Playbook): boolean =>
  placedSteps(playbook).every(({ step }) => step.action === tellPerson && !step.approve);

export const playbookNamed = (id: string): Playbook | undefined => shipped.find((one) => one.id === id);

function findingOf(event: JsonObject, { type, about }: Case): Finding {
  const { reading } = normalise(event);
  const [finding] = reading.kind === 'findings' ? reading.findings : [];
  if (finding) return finding;
  throw new Error(`${type} on ${about} makes no finding: ${JSON.stringify(reading)}`);
}

/** The playbooks that would answer, by matching alone: those that pick a target, else those for what is left. */
export function answering(one: Case): readonly string[] {
  const event = eventOf(one);
  const finding = findingOf(event, one);
  const matched = set.matching(finding, event).filter(({ otherwise }) => !otherwise);
  const picking = matched.filter((playbook) => {
    const { length } = targetsOf(playbook, finding);
    return length > 0 && length <= playbook.limits.targets;
  });
  return (picking.length > 0 ? picking : set.otherwise(finding, event)).map(({ id }) => id).sort();
}

/** Northwind with Cordon beside it, holding just the rights that these playbooks need; each case has a copy of its own. */
export async function courseFor(playbooks: readonly Playbook[] = shipped) {
  const course = northwindSandbox();
  await grantPlaybooks(course, playbooks, settings, identities);
  return (one: Case): Promise<readonly Came[]> => lived(course.fork(), one);
}

/** Sends an alert down the whole road, and gives what every run that it opens comes to. */
async function lived(sandbox: ReturnType<typeof northwindSandbox>, one: Case): Promise<readonly Came[]> {
  const clouds = sandboxClouds(sandbox, settings, identities);
  const { deps, engine, store } = local({ settings, clouds, clock: sandbox.clock, file: ':memory:' });
  const event = eventOf(one);
  makeKnown(sandbox, findingOf(event, one), event);
  const runs = new Set<string>();
  const starter = { start: async (runId: string) => void runs.add(runId) };
  await receive({ ...deps, starter }, set, event, { kind: 'event', id: 'queue' });
  const all: Came[] = [];
  for (const runId of runs) {
    await carryOn(engine, runId, { signal: AbortSignal.timeout(60_000), until: farOff });
    const run = await readRun(deps.records, runId);
    if (!run) throw new Error(`run ${runId} is lost`);
    const entries = (await readJournal(deps.records, runId)).flatMap((row) => row.entries);
    const made = entries.flatMap((entry) => (entry.type === 'applied' ? [entry.step] : []));
    const asks = (await openApprovals(deps)).find((approval) => approval.run === runId);
    const { playbook } = run.order;
    all.push({
      playbook,
      to: run.result?.outcome ?? run.status,
      reason: run.result?.reason ?? '',
      detail: run.result?.detail ?? '',
      made,
      asks,
    });
  }
  store.close();
  return all;
}
