import * as z from 'zod';
import type { State } from '../../shared/action/action.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { RunResult } from '../../shared/model/run.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds, Session } from '../../shared/ports/clouds.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import type { Records } from '../../shared/ports/records.ts';
import { held } from '../../shared/records/containments.ts';
import { LostTurn } from '../../shared/records/journal.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { openRun } from '../../shared/run/open.ts';
import { openRelease, previewRelease } from '../../shared/run/release.ts';
import { type Engine, type Standing, turn } from '../../shared/run/turn.ts';
import { watch } from '../../shared/run/watch.ts';
import { northwindSettings } from './company.ts';
import { type MemoryStore, memoryStore } from './memory-records.ts';
import { leakedKey, playbook } from './road.ts';
import type { Scheduler } from './scheduler.ts';
import { testSigner } from './store.ts';
import { type Model, modelOf, toyAction } from './toy-action.ts';

/** What lies in the store and in the cloud of one deployment. */
export type Scene = { readonly store: MemoryStore; readonly model: Model };
export const emptyScene = (): Scene => ({ store: memoryStore(), model: modelOf({ door: 'open', window: 'open' }) });
export const forkOf = ({ store, model }: Scene): Scene => ({ store: store.fork(), model: modelOf(model.state) });

/** What must never be, whatever becomes of it in the end. */
export type Watchman = { readonly violations: string[] };

type Gate = (what: string) => Promise<void>;

const Held = z.object({ owner: z.string(), until: z.string() });

/** The records behind a gate; whoever takes a lease that another one has is told of. */
function gated(records: Records, gate: Gate, clock: Clock, { violations }: Watchman): Records {
  const watch = async (kind: string, id: string, body: Json): Promise<void> => {
    if (kind !== 'lease') return;
    const before = Held.safeParse((await records.read('lease', id))?.body).data;
    const next = Held.parse(body);
    const taken = before !== undefined && before.until > clock.now() && before.owner !== next.owner;
    if (taken) violations.push(`${next.owner} takes the lease ${id} of ${before.owner}`);
  };
  return {
    async create(draft) {
      await gate(`create ${draft.kind}`);
      return records.create(draft);
    },
    async read(kind, id) {
      await gate(`read ${kind}`);
      return records.read(kind, id);
    },
    async replace(draft, version) {
      await gate(`replace ${draft.kind}`);
      const current = (await records.read(draft.kind, draft.id))?.version === version;
      if (current) await watch(draft.kind, draft.id, draft.body);
      return records.replace(draft, version);
    },
    async list(kind, group, limit) {
      await gate(`list ${kind}`);
      return records.list(kind, group, limit);
    },
    async listDue(kind, before, limit) {
      await gate(`list due ${kind}`);
      return records.listDue(kind, before, limit);
    },
  };
}

/** The model as one process sees it. */
type Seat = Model & { readonly who: string; readonly gate: Gate; readonly race: Race };
const isSeat = (model: Model): model is Seat => 'race' in model;
function seatOf(model: Model): Seat {
  if (isSeat(model)) return model;
  throw new Error('nobody sits here');
}

const plain = toyAction();

/** The toy action behind a gate; a change takes a while, in which nobody else may change the same thing. */
const action = toyAction({
  async capture(model) {
    const { gate } = seatOf(model);
    await gate('capture');
    const seen: State = { ...model.state };
    await gate('seen');
    return seen;
  },
  async apply(model, change, step) {
    const { gate, who, race } = seatOf(model);
    const { changing, watchman } = race;
    const { resource } = change;
    await gate(`change ${resource}`);
    const other = changing.get(resource);
    if (other !== undefined) watchman.violations.push(`${who} and ${other} change ${resource} at once`);
    changing.set(resource, who);
    await plain.apply(model, change, step);
    await gate(`changed ${resource}`);
    changing.delete(resource);
  },
});
const actions = { [action.id]: { hash: 'toy', d3fend: 'D3-CR', load: async () => action } };
const settings = northwindSettings();

const refuse = async (): Promise<never> => {
  throw new Error('nobody asks for this');
};

/** What all processes at a scene share while they race: who goes on, what is being changed, and what must never be. */
export type Race = {
  readonly scene: Scene;
  readonly scheduler: Scheduler;
  readonly changing: Map<string, string>;
  readonly watchman: Watchman;
};
export const raceAt = (scene: Scene, scheduler: Scheduler): Race => ({
  scene,
  scheduler,
  changing: new Map(),
  watchman: { violations: [] },
});

/** One process of Cordon, which stops at every call to the outside until it is its turn. */
type Process = { readonly deps: RunDeps; readonly engine: Engine; readonly scheduler: Scheduler };

function processOf(race: Race, who: string): Process {
  const { store, model } = race.scene;
  const { scheduler, watchman } = race;
  const gate: Gate = (what) => scheduler.gate(who, what);
  const clock: Clock = {
    now: () => new Date(scheduler.milliseconds).toISOString(),
    sleep: (seconds) => scheduler.sleepUntil(scheduler.milliseconds + seconds * 1_000),
  };
  const clouds: Clouds = {
    session: async ({ cloud }): Promise<Session & Seat> => ({ cloud, calls: [], ...model, who, gate, race }),
    rehearse: refuse,
    async inspect() {
      await gate('inspect');
      return {};
    },
    async confirm() {
      await gate('confirm');
      return 'same';
    },
    report: refuse,
  };
  const deps: RunDeps = {
    records: gated(store.records, gate, clock, watchman),
    evidence: store.evidence,
    clock,
    clouds,
    actions,
    settings,
    signer: testSigner,
    notifier: silentNotifier,
  };
  return { deps, engine: engineOf(deps), scheduler };
}

const { signal } = new AbortController();

/** One turn; where another turn is at work, the run as it stands, to be looked at again later. */
async function oneTurn({ engine, scheduler }: Process, runId: string): Promise<Standing | undefined> {
  try {
    return await turn(engine, runId, signal);
  } catch (thrown) {
    if (!(thrown instanceof LostTurn)) throw thrown;
    await scheduler.sleepUntil(scheduler.milliseconds + 15_000);
    return undefined;
  }
}

/** Carries a run on until it ends; nobody answers what it may ask. */
async function carryOn(process: Process, runId: string): Promise<RunResult | undefined> {
  for (;;) {
    const standing = await oneTurn(process, runId);
    if (!standing) continue;
    if (standing.status === 'ended') return standing.result ?? undefined;
    if (standing.dueAt === null) return undefined;
    await process.scheduler.sleepUntil(Date.parse(standing.dueAt));
  }
}

/** Somebody who does one thing at a scene, and what came of it. */
export type Actor = { readonly who: string; act(process: Process): Promise<RunResult | undefined> };

/** Makes an actor do its part in a race. */
export const acts = (race: Race, { who, act }: Actor): Promise<RunResult | undefined> => act(processOf(race, who));

const wants = (id: string, wanted: Record<string, Json>): Playbook =>
  playbook(`
id: ${id}
title: Wants ${Object.keys(wanted).join(' and ')}
on: { finding: { provider: [guardduty] } }
mode: enforce
steps: [{ id: cut, action: aws.toy.set-values, with: { wanted: ${JSON.stringify(wanted)} } }]
`);

/** A door that is shut, by one playbook or another; the house, of which the door is a part; and a door walled up. */
export const playbooks = {
  door: wants('door', { door: 'shut' }),
  again: wants('door-again', { door: 'shut' }),
  house: wants('house', { door: 'shut', window: 'shut' }),
  wall: wants('wall', { door: 'walled up' }),
};

const sample = leakedKey();

/** A finding comes in and is answered by a playbook. */
export const contains = (which: keyof typeof playbooks, number = 0): Actor => ({
  who: `${playbooks[which].id}-finding-${number}`,
  async act(process) {
    const finding = { ...sample.finding, id: `finding-${number}` };
    const [target] = finding.resources;
    if (!target) throw new Error('the finding has no target');
    const envelope = { time: process.deps.clock.now(), replayed: false };
    const requester = { kind: 'event', id: finding.id } as const;
    const occasion = { finding, event: sample.event, envelope, requester, wants: 'enforce' } as const;
    const opening = await openRun(process.deps, playbooks[which], occasion, target);
    return opening.opened ? carryOn(process, opening.runId) : undefined;
  },
});

const RunOf = z.looseObject({
  order: z.looseObject({ playbook: z.string(), finding: z.looseObject({ id: z.string() }) }),
});

/** The id of the run that such an actor has opened. */
export function runOf({ who }: Actor, { store }: Scene): string {
  const run = store.all('run').find(({ body }) => {
    const { playbook: id, finding } = RunOf.parse(body).order;
    return who === `${id}-${finding.id}`;
  });
  if (run) return run.id;
  throw new Error(`${who} has not run`);
}

/** A person takes a run back, with the plan they have seen. */
export const releases = (runId: string, person = 'maria'): Actor => ({
  who: `release-by-${person}`,
  async act(process) {
    const requester = { kind: 'person', id: person } as const;
    const wish = { requester, wants: 'enforce', reactivateCredentials: false } as const;
    const { digest: agreedDigest } = await previewRelease(process.deps, runId, wish, signal);
    return carryOn(process, await openRelease(process.deps, runId, { ...wish, agreedDigest }));
  },
});

/** The watch looks at what is contained, and answers where it does not hold. */
export const watches = (number = 0): Actor => ({
  who: `watch-${number}`,
  async act(process) {
    const started: string[] = [];
    const starter = { start: async (runId: string) => void started.push(runId) };
    for (const one of await held(process.deps)) await watch({ ...process.deps, starter }, one, signal);
    let last: RunResult | undefined;
    for (const runId of started) last = await carryOn(process, runId);
    return last;
  },
});
