import { setImmediate } from 'node:timers/promises';
import { makeKnown } from '../../functions/local/known.ts';
import { joinClouds } from '../../functions/wire.ts';
import { local } from '../../functions/local/wire.ts';
import { awsClouds } from '../../shared/adapters/aws/clouds.ts';
import { azureClouds } from '../../shared/adapters/azure/clouds.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { openRuns } from '../../shared/run/open.ts';
import { turn } from '../../shared/run/turn.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';
import { azureHttpClient } from '../../shared/sandbox/mount.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { identities, northwindSandbox, northwindSettings, readerPrincipal, writerPrincipal } from './company.ts';
import { findingIn, readEvent } from './events.ts';
import { closePorts, disableKey, leakedKey, openPort, playbook, type Told } from './road.ts';

/** One call that left the process: with which round trip it came back, counted from the start of the turn. */
export type Trip = { readonly round: number; readonly to: 'provider' | 'records'; readonly what: string };

/** How the other side is reached: what is done there, and how long the way to it is. */
type Way = <T>(to: Trip['to'], what: () => string, effect: () => Promise<T>) => Promise<T>;

/** Turns of the event loop without a further call after which everybody waits for an answer. */
const quietTurns = 60;

/**
 * Every call takes one unit of time and thinking takes none: calls that go out side by side come back together, and the
 * number of times that somebody had to wait is the number of dependent round trips.
 */
function lockstep(): { readonly way: Way; readonly trips: Trip[] } {
  const trips: Trip[] = [];
  const waiting: (() => void)[] = [];
  let calls = 0;
  let round = 0;
  const whenQuiet = async (): Promise<void> => {
    for (let quiet = 0, before = calls; quiet < quietTurns; quiet += 1) {
      await setImmediate();
      if (before !== calls) quiet = 0;
      before = calls;
    }
    round += 1;
    for (const go of waiting.splice(0)) go();
  };
  const way: Way = async (to, what, effect) => {
    calls += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = waiting.push(resolve) === 1;
    if (first) void whenQuiet();
    await promise;
    const answer = await effect();
    trips.push({ round, to, what: what() });
    return answer;
  };
  return { way, trips };
}

const records = (real: Records, way: Way): Records => ({
  create: (draft) =>
    way(
      'records',
      () => `create ${draft.kind}`,
      () => real.create(draft),
    ),
  read: (kind, id) =>
    way(
      'records',
      () => `read ${kind}`,
      () => real.read(kind, id),
    ),
  replace: (draft, version) =>
    way(
      'records',
      () => `replace ${draft.kind}`,
      () => real.replace(draft, version),
    ),
  list: (kind, group, limit) =>
    way(
      'records',
      () => `list ${kind}`,
      () => real.list(kind, group, limit),
    ),
  listDue: (kind, before, limit) =>
    way(
      'records',
      () => `list due ${kind}`,
      () => real.listDue(kind, before, limit),
    ),
});
const evidence = (real: Evidence, way: Way): Evidence => ({
  put: (value) =>
    way(
      'records',
      () => 'put evidence',
      () => real.put(value),
    ),
  get: (digest) =>
    way(
      'records',
      () => 'get evidence',
      () => real.get(digest),
    ),
});

/** The sandbox at the end of a way, one request after the other; what was asked of it is told once it has answered. */
function handling(sandbox: Sandbox, way: Way): (request: HttpRequest) => Promise<HttpResponse> {
  let last: Promise<unknown> = Promise.resolve();
  const asked = async (request: HttpRequest, heard: (what: string) => void): Promise<HttpResponse> => {
    const before = sandbox.recorder.calls.length;
    const answer = await sandbox.handle(request);
    const call = sandbox.recorder.calls[before];
    const changes = call?.mutating === true && call.operation !== 'sts:AssumeRole';
    heard(`${changes ? 'change ' : ''}${call?.operation}`);
    return answer;
  };
  return (request) => {
    let what = '';
    const inTurn = (): Promise<HttpResponse> => {
      const answer = last.then(() =>
        asked(request, (heard) => {
          what = heard;
        }),
      );
      last = answer.catch(() => undefined);
      return answer;
    };
    return way('provider', () => what, inTurn);
  };
}

/** Northwind, with all that Cordon reaches at the end of one way. */
export function company(way: Way): { readonly sandbox: Sandbox; readonly deps: RunDeps; readonly plain: RunDeps } {
  const sandbox = northwindSandbox();
  const settings = northwindSettings();
  const { clock } = sandbox;
  const handle = handling(sandbox, way);
  const aws = { settings, clock, homeRegion: 'eu-west-1', credentials: async () => identities.aws };
  const credentials = { reader: sandbox.credential(readerPrincipal), writer: sandbox.credential(writerPrincipal) };
  const clouds = joinClouds({
    aws: async () => awsClouds({ ...aws, requestHandler: requestHandler(handle) }),
    azure: async () => azureClouds({ settings, credentials, httpClient: azureHttpClient(handle) }),
  });
  const { deps: plain } = local({ settings, clouds, clock, file: ':memory:' });
  return {
    sandbox,
    plain,
    deps: { ...plain, records: records(plain.records, way), evidence: evidence(plain.evidence, way) },
  };
}

/** Opens the one run of a finding: what is measured begins with its first turn. */
export async function openedRun(
  sandbox: Sandbox,
  deps: RunDeps,
  how: Playbook,
  { finding, event }: Told,
): Promise<string> {
  makeKnown(sandbox, finding, event as Json);
  const envelope = { time: sandbox.clock.now(), replayed: false };
  const requester = { kind: 'event', id: finding.id } as const;
  const occasion = { finding, event, envelope, requester, wants: 'enforce' } as const;
  const [opening] = await openRuns(deps, playbookSet([how]), occasion);
  if (opening?.opened) return opening.runId;
  throw new Error(`not opened: ${JSON.stringify(opening)}`);
}

/** Takes a run to its end; the waits pass at once. */
export async function toItsEnd(deps: RunDeps, sandbox: Sandbox, runId: string): Promise<string> {
  const engine = engineOf(deps);
  const { signal } = new AbortController();
  for (;;) {
    const { status, dueAt, result } = await turn(engine, runId, signal);
    if (status === 'ended' || dueAt === null) return result?.outcome ?? status;
    sandbox.clock.moveTo(dueAt);
  }
}

/** What a run waited for, in the order of the road. */
export type RoundTrips = {
  readonly trips: readonly Trip[];
  /** Round trips from the start of the turn to the claim: the lease on the target. */
  readonly toClaim: number;
  /** From the claim to the answer of the last change; the claim counts. */
  readonly toContained: number;
  /** From the claim to the read that proves it, without the time in which it settles. */
  readonly toVerified: number;
};

const lastOf = (trips: readonly Trip[], fits: (trip: Trip) => boolean): number =>
  Math.max(...trips.filter(fits).map(({ round }) => round));

/** Counts the dependent round trips of one containment. Everything is loaded before: a first run goes ahead elsewhere. */
export async function roundTrips(how: Playbook, told: Told): Promise<RoundTrips> {
  const straight = company(async (_, __, effect) => effect());
  const ahead = await openedRun(straight.sandbox, straight.plain, how, told);
  await toItsEnd(straight.deps, straight.sandbox, ahead);
  const { way, trips } = lockstep();
  const { sandbox, deps, plain } = company(way);
  const runId = await openedRun(sandbox, plain, how, told);
  const before = trips.length;
  const outcome = await toItsEnd(deps, sandbox, runId);
  if (outcome !== 'contained') throw new Error(`the run came to ${outcome}`);
  const [first] = trips;
  const counted = trips.slice(before).map((trip) => ({ ...trip, round: trip.round - (first?.round ?? 1) + 1 }));
  const claim = counted.find(({ what }) => what === 'create lease')?.round ?? Number.NaN;
  const contained = lastOf(counted, ({ what }) => what.startsWith('change '));
  const settled = counted.filter(({ round }) => round > contained);
  const proof = lastOf(settled, ({ to }) => to === 'provider');
  const again = settled.find(({ what }) => what === 'read run')?.round ?? contained + 1;
  return {
    trips: counted,
    toClaim: claim - 1,
    toContained: contained - claim + 1,
    toVerified: contained - claim + 1 + (proof - again + 1),
  };
}

/** Time in which at least one call is under way. */
function awayTime(): { readonly way: Way; readonly marks: { what: string; own: number }[] } {
  const marks: { what: string; own: number }[] = [];
  const began = performance.now();
  let away = 0;
  let open = 0;
  let since = 0;
  const way: Way = async (_, what, effect) => {
    if (open === 0) since = performance.now();
    open += 1;
    const answer = await effect();
    open -= 1;
    const now = performance.now();
    if (open === 0) away += now - since;
    marks.push({ what: what(), own: open === 0 ? now - began - away : since - began - away });
    return answer;
  };
  return { way, marks };
}

/** Milliseconds of Cordon's own, and the SDK's, from the claim to the answer of the last change. */
export async function ownTime(how: Playbook, told: Told): Promise<number> {
  const { way, marks } = awayTime();
  const { sandbox, deps, plain } = company(way);
  await toItsEnd(deps, sandbox, await openedRun(sandbox, plain, how, told));
  const claim = marks.find(({ what }) => what === 'create lease');
  const change = marks.findLast(({ what }) => what.startsWith('change '));
  if (!claim || !change) throw new Error('the run has changed nothing');
  return change.own - claim.own;
}

const isolation = (cutFlows: boolean): Playbook =>
  playbook(`
id: isolate
title: Isolate an instance
on: { finding: { provider: [guardduty] } }
mode: enforce
steps:
  - id: isolate
    action: aws.ec2.isolate-instance
    with: { instanceId: "\${target.instanceId}", cutFlows: ${cutFlows} }
`);

const compromised = (): Told => {
  const event = readEvent('guardduty/compromised-instance');
  return { finding: findingIn(event), event };
};

/** What is measured, with what DESIGN section 8 wants: round trips from the claim until contained, then until verified. */
export const courses = [
  { name: 'IAM key', how: disableKey(), told: () => leakedKey(), wanted: [3, 4] },
  { name: 'EC2 instance', how: isolation(false), told: compromised, wanted: [3, 4] },
  { name: 'EC2 instance, flows cut', how: isolation(true), told: compromised, wanted: [4, 5] },
  { name: 'NSG port', how: closePorts(22), told: openPort, wanted: [3, 4] },
] as const;
