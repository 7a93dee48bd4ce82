import { sandboxClouds } from '../../functions/local/wire.ts';
import { allActions } from '../../functions/wire.ts';
import { CordonError } from '../../shared/model/error.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { RunState } from '../../shared/model/run.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import type { Records } from '../../shared/ports/records.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { receive } from '../../shared/run/receive.ts';
import { openRelease } from '../../shared/run/release.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { type Engine, turn } from '../../shared/run/turn.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import { azureHttpClient } from '../../shared/sandbox/mount.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { testSigner } from '../support/store.ts';
import type { Message } from './messages.ts';
import { identities, settings, type World } from './world.ts';

/** What a call on the store, a cloud or the queue passes on its way out of a process and back. */
export type Boundary = <T>(call: string, effect: () => Promise<T>) => Promise<T>;

/** A process: Cordon with its own memory, over a world that outlives it. */
export type Process = {
  readonly world: World;
  readonly deps: RunDeps;
  readonly engine: Engine;
  readonly boundary: Boundary;
  readonly playbook: Playbook;
};

const boundedRecords = (records: Records, boundary: Boundary): Records => ({
  create: (draft) => boundary(`create ${draft.kind} ${draft.id}`, () => records.create(draft)),
  read: (kind, id) => boundary(`read ${kind} ${id}`, () => records.read(kind, id)),
  replace: (draft, version) => boundary(`replace ${draft.kind} ${draft.id}`, () => records.replace(draft, version)),
  list: (kind, group, limit) => boundary(`list ${kind} ${group}`, () => records.list(kind, group, limit)),
  listDue: (kind, before, limit) => boundary(`list due ${kind}`, () => records.listDue(kind, before, limit)),
});

const boundedEvidence = (evidence: Evidence, boundary: Boundary): Evidence => ({
  put: (value) => boundary('put evidence', () => evidence.put(value)),
  get: (key) => boundary('get evidence', () => evidence.get(key)),
});

/** A process over a world, every call of which passes the boundary. */
export function processOn(
  world: World,
  playbook: Playbook,
  boundary: Boundary,
  clock: Clock = world.sandbox.clock,
): Process {
  const { sandbox, store } = world;
  const handle: Sandbox['handle'] = (request) =>
    boundary(`${request.method} ${request.url.host}${request.url.pathname}`, () => sandbox.handle(request));
  const watched: Sandbox = { ...sandbox, requestHandler: requestHandler(handle), httpClient: azureHttpClient(handle) };
  const deps: RunDeps = {
    records: boundedRecords(store.records, boundary),
    evidence: boundedEvidence(store.evidence, boundary),
    clock,
    clouds: sandboxClouds(watched, settings, identities),
    actions: allActions,
    settings,
    signer: testSigner,
    notifier: silentNotifier,
  };
  return { world, deps, engine: engineOf(deps), boundary, playbook };
}

const signal = new AbortController().signal;
/** Every start is lost: what the sweep does not find is not found. */
const noStart = { start: async () => {} };

async function handle({ deps, engine, playbook }: Process, message: Message): Promise<void> {
  switch (message.kind) {
    case 'event':
      await receive({ ...deps, starter: noStart }, playbookSet([playbook]), message.event, {
        kind: 'event',
        id: 'queue',
      });
      return;
    case 'release':
      await openRelease(deps, message.runId, message.wish);
      return;
    case 'wake':
      await turn(engine, message.runId, signal);
  }
}

/** One round of a host: a message, or else the runs that are due. False when there was neither. */
async function round(one: Process): Promise<boolean> {
  const { world, engine, deps, boundary } = one;
  const [message] = world.inbox;
  if (message) {
    await handle(one, message);
    await boundary('acknowledge', async () => void (world.inbox[0] === message && world.inbox.shift()));
    return true;
  }
  const started: string[] = [];
  const starter = { start: async (runId: string) => void started.push(runId) };
  await sweep({ ...deps, starter });
  for (const runId of started) await turn(engine, runId, signal);
  return started.length > 0;
}

/** When the next run is due that waits for nobody; undefined when all have ended or wait for a person. */
function nextDue({ store }: World): string | undefined {
  const open = store.all('run').map(({ body }) => RunState.parse(body));
  const due = open.flatMap(({ status, waitsFor, dueAt }) =>
    status === 'ended' || waitsFor !== null || dueAt === null ? [] : [dueAt],
  );
  return due.sort()[0];
}

/** There is always something left to do: what must never be. */
export class Stuck extends Error {
  constructor(rounds: number) {
    super(`stuck: after ${rounds} rounds there is still something to do`);
    this.name = 'Stuck';
  }
}

/** More than any story needs, with faults. */
const mostRounds = 300;
/** After a fault a host looks again, as its sweep does. */
const sweepSeconds = 15;

/**
 * Lives until nothing is left to do without a person, or until it has seen enough at the beginning of a round; time passes
 * when there is nothing to do now.
 */
export async function work(one: Process, enough: () => boolean = () => false): Promise<void> {
  const { world, deps } = one;
  for (let rounds = 0; rounds < mostRounds; rounds += 1) {
    if (enough()) return;
    try {
      if (await round(one)) continue;
    } catch (thrown) {
      if (!(thrown instanceof CordonError)) throw thrown;
      await deps.clock.sleep(sweepSeconds, signal);
      continue;
    }
    const due = nextDue(world);
    if (due === undefined) return;
    const seconds = (Date.parse(due) - Date.parse(deps.clock.now())) / 1_000;
    await deps.clock.sleep(Math.max(seconds, 0.001), signal);
  }
  throw new Stuck(mostRounds);
}
