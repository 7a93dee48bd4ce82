import { makeKnown } from '../../functions/local/known.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { type Json, type JsonObject, own } from '../../shared/model/json.ts';
import type { Plan } from '../../shared/model/plan.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readPlaybook } from '../../shared/playbook/parse.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { type Occasion, type Opening, openRuns } from '../../shared/run/open.ts';
import { openRelease, previewRelease, type ReleaseWish } from '../../shared/run/release.ts';
import { type Engine, readRun, type Standing, turn } from '../../shared/run/turn.ts';
import { readPlan } from '../../shared/run/stored-plan.ts';
import { readJournal } from '../../shared/records/journal.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { company, subscription } from './company.ts';
import { findingIn, readEvent, withMembers } from './events.ts';

export const keyId = 'AKIACIDEPLOY00000001';
export const nsgId = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web`;

/** A playbook as people write it; throws with every problem. */
export function playbook(text: string): Playbook {
  const { read, problems } = readPlaybook(text, 'test.yaml');
  if (read) return read.playbook;
  throw new Error(problems.map((problem) => problem.describe()).join('\n'));
}

/** Turns the leaked key off; `more` goes into the step, `head` into the playbook. */
export const disableKey = (more = '', head = ''): Playbook =>
  playbook(`
id: leaked-key
title: Turn a leaked key off
on: { finding: { provider: [guardduty] } }
mode: enforce
${head}
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
    ${more}
`);

/** Closes ports of a network security group, one step for each. */
export const closePorts = (...ports: number[]): Playbook =>
  playbook(`
id: close-ports
title: Close ports
on: { finding: { provider: [defender] } }
mode: enforce
steps:
${ports
  .map(
    (port) => `  - id: close-${String.fromCodePoint(97 + ports.indexOf(port))}
    action: azure.network.close-nsg-port
    with: { networkSecurityGroupId: "\${target.id}", port: ${port} }`,
  )
  .join('\n')}
`);

/** A GuardDuty finding about the leaked key with the event it came in. */
export function leakedKey(members: Readonly<Record<string, Json | undefined>> = {}): {
  finding: Finding;
  event: JsonObject;
} {
  const event = withMembers(readEvent('guardduty/leaked-access-key'), members);
  return { finding: findingIn(event), event };
}

/** A Defender finding about the web servers' security group, made by hand. */
export function openPort(): { finding: Finding; event: JsonObject } {
  const { finding: sample } = leakedKey();
  const finding: Finding = {
    ...sample,
    id: 'open-port',
    severityOriginal: 'High',
    provider: 'defender',
    cloud: 'azure',
    type: 'VM_BruteForceSsh',
    account: subscription,
    region: 'westeurope',
    resources: [
      {
        type: 'azure.network.security-group',
        id: nsgId,
        name: 'nsg-web',
        account: subscription,
        region: 'westeurope',
        role: 'affected',
        resourceGroup: 'rg-web',
      },
    ],
    link: {
      alertId: `/subscriptions/${subscription}/providers/Microsoft.Security/locations/westeurope/alerts/open-port`,
      alertName: 'open-port',
      systemAlertId: 'open-port',
    },
  };
  const { actor: _, ...rest } = finding;
  return { finding: rest, event: { id: finding.id } };
}

export type Road = {
  readonly sandbox: Sandbox;
  readonly deps: RunDeps;
  readonly engine: Engine;
  readonly signal: AbortSignal;
};

/** Northwind with Cordon beside it. */
export function road(changed: Partial<Settings> = {}, clouds: (real: Clouds) => Partial<Clouds> = () => ({})): Road {
  const { sandbox, deps: plain } = company(changed);
  const deps: RunDeps = { ...plain, clouds: { ...plain.clouds, ...clouds(plain.clouds) } };
  return { sandbox, deps, engine: engineOf(deps), signal: new AbortController().signal };
}

export type Told = { readonly finding: Finding; readonly event: JsonObject };

/** Opens the runs of one finding. */
export async function opened(
  { deps, sandbox }: Road,
  playbooks: readonly Playbook[],
  { finding, event }: Told,
  more: Partial<Occasion> = {},
): Promise<readonly Opening[]> {
  makeKnown(sandbox, finding, event);
  const envelope = { time: sandbox.clock.now(), replayed: false };
  const requester = { kind: 'event', id: finding.id } as const;
  return openRuns(deps, playbookSet(playbooks), { finding, event, envelope, requester, wants: 'enforce', ...more });
}

/** Opens the one run of one finding and one playbook. */
export async function openOne(one: Road, how: Playbook, told: Told, more: Partial<Occasion> = {}): Promise<string> {
  const [opening] = await opened(one, [how], told, more);
  if (opening?.opened) return opening.runId;
  throw new Error(`not opened: ${JSON.stringify(opening)}`);
}

/** Lets a run go on until it ends or waits for a person; the waits pass at once. */
export async function carryOn({ engine, sandbox, signal }: Road, runId: string): Promise<Standing> {
  for (;;) {
    const standing = await turn(engine, runId, signal);
    if (standing.status === 'ended' || standing.waitsFor !== null || standing.dueAt === null) return standing;
    sandbox.clock.moveTo(standing.dueAt);
  }
}

/** The state of a run that exists. */
export async function stateOf({ deps }: Road, runId: string): Promise<RunState> {
  const state = await readRun(deps.records, runId);
  if (state) return state;
  throw new Error(`no run ${runId}`);
}

const wordOf = ({ result, status }: Standing): string => (result ? `${result.outcome} ${result.reason}` : status);

/** Opens a run, lets it go on, and gives what became of it. */
export async function lived(one: Road, how: Playbook, told: Told, more: Partial<Occasion> = {}) {
  const runId = await openOne(one, how, told, more);
  const standing = await carryOn(one, runId);
  return { runId, standing, result: standing.result, word: wordOf(standing) };
}

/** Takes a run back as a person does: asks for the plan, then names it. */
export async function takenBack(one: Road, runId: string, changed: Partial<ReleaseWish> = {}) {
  const requester = { kind: 'person', id: 'maria' } as const;
  const wish: ReleaseWish = { requester, wants: 'enforce', reactivateCredentials: false, ...changed };
  const { digest: agreedDigest } = await previewRelease(one.deps, runId, wish, one.signal);
  const release = await openRelease(one.deps, runId, { agreedDigest, ...wish });
  const standing = await carryOn(one, release);
  return { runId: release, standing, result: standing.result, word: wordOf(standing) };
}

/** The last plan that a run made. */
export async function planOf({ deps }: Road, runId: string): Promise<Plan | undefined> {
  const rows = await readJournal(deps.records, runId);
  const digests = rows
    .flatMap(({ entries }) => entries)
    .flatMap((entry) =>
      entry.type === 'reply' && entry.key.startsWith('plan#') ? [own(own(entry.reply, 'value'), 'plan')] : [],
    );
  const last = digests.at(-1);
  return typeof last === 'string' ? readPlan(deps, last) : undefined;
}

/** Calls that change the customer's clouds: all but Cordon's own sessions. */
export const changing = ({ sandbox }: Pick<Road, 'sandbox'>): readonly RecordedCall[] =>
  sandbox.recorder.calls.filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole');

export const operations = (one: Pick<Road, 'sandbox'>): string[] =>
  changing(one).map(({ operation, error }) => `${operation}${error && ` ${error}`}`);
