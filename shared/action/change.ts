import { type Json, same } from '../model/json.ts';
import type { Action, Change, State, StepContext } from './action.ts';
import { ForeignEdit } from './foreign-edit.ts';

/** The lines of a plan: where what is wanted differs from what is there. */
export function changesOf(action: Action, input: Json, seen: State, wanted: State): Change[] {
  return Object.entries(wanted).flatMap(([resource, to]) => {
    const change: Change = { resource, from: seen[resource] ?? null, to };
    if (same(change.from, to)) return [];
    const through = action.passage(input, change);
    return [through ? { ...change, through } : change];
  });
}

/** The same changes, exchanged and in reverse order; what was passed through is not passed again. */
export const inverse = (plan: readonly Change[]): Change[] =>
  plan.map(({ resource, from, to }) => ({ resource, from: to, to: from })).reverse();

/** `done`: as planned. `open`: as before, or where only we leave it. `moved`: somebody else's edit. */
export type Standing = 'done' | 'open' | 'moved';

/** Three-way: before, ours and now. A lost answer reads as done. */
export function standing({ from, to, through }: Change, now: Json, halfway: readonly Json[] = []): Standing {
  if (same(now, to)) return 'done';
  const ours = [from, ...halfway, ...(through ? [through.value] : [])];
  return ours.some((value) => same(now, value)) ? 'open' : 'moved';
}

/** What carrying out a plan found: what was left to others, who have moved it or stand in its way, and what was really sent. */
export type Carried = { readonly moved: readonly Change[]; readonly applied: readonly Change[] };

/** What stands halfway goes on from there: it is not brought there once more. */
function onward(change: Change, now: Json): Change {
  const { through, ...rest } = change;
  return through && same(now, through.value) ? rest : change;
}

/** Changes in their order, with those together that go side by side. */
function stagesOf(action: Action, changes: readonly Change[]): readonly (readonly Change[])[] {
  const stages: Change[][] = [];
  let last: string | undefined;
  for (const change of changes) {
    const stage = action.stage(change);
    if (stage !== undefined && stage === last) stages.at(-1)?.push(change);
    else stages.push([change]);
    last = stage;
  }
  return stages;
}

/** Makes the changes of one stage. Where one fails the others are not left halfway: it throws when all have come back. */
async function makeStage(stage: readonly Change[], make: (change: Change) => Promise<void>): Promise<Carried> {
  const made = await Promise.allSettled(stage.map(make));
  const isForeign = (one: PromiseSettledResult<void> | undefined) =>
    one?.status === 'rejected' && one.reason instanceof ForeignEdit;
  const failed = made.find((one) => one.status === 'rejected' && !isForeign(one));
  if (failed?.status === 'rejected') throw failed.reason;
  return {
    applied: stage.filter((_, at) => made[at]?.status === 'fulfilled'),
    moved: stage.filter((_, at) => isForeign(made[at])),
  };
}

/**
 * Makes the planned changes and no others. Containing, resuming after a crash and rolling back are all this:
 * look, then act on what is still open. `seen` spares the look when it was made a moment ago.
 */
export async function carryOut(
  action: Action,
  sessions: { readonly reader: unknown; readonly writer: unknown },
  input: Json,
  plan: readonly Change[],
  step: StepContext,
  seen?: State,
): Promise<Carried> {
  const now = seen ?? (await action.capture(sessions.reader, input, step));
  const stands = plan.map((change) => ({
    change,
    standing: standing(change, now[change.resource] ?? null, action.halfway),
  }));
  const applied: Change[] = [];
  const moved = stands.filter(({ standing: where }) => where === 'moved').map(({ change }) => change);
  const open = stands.filter(({ standing: where }) => where === 'open').map(({ change }) => change);
  for (const stage of stagesOf(action, open)) {
    step.signal.throwIfAborted();
    const made = await makeStage(stage, (change) =>
      action.apply(sessions.writer, onward(change, now[change.resource] ?? null), step),
    );
    applied.push(...made.applied);
    moved.push(...made.moved);
  }
  return { moved, applied };
}

/** Which planned changes do not show when read again; with all shown, whether the probe agrees. */
export async function verify(
  action: Action,
  reader: unknown,
  input: Json,
  plan: readonly Change[],
  step: StepContext,
): Promise<{ readonly open: readonly Change[]; readonly proven: boolean }> {
  // begun beside the look; what it finds, or cannot find yet, only matters where every change shows
  const proving = action.probe(reader, input, step);
  const [looked] = await Promise.allSettled([action.capture(reader, input, step), proving]);
  if (looked.status === 'rejected') throw looked.reason;
  const open = plan.filter((change) => !same(looked.value[change.resource] ?? null, change.to));
  return { open, proven: open.length === 0 && (await proving) };
}

/** Contained is: nothing left to plan, and the probe agrees. */
export async function isContained(action: Action, reader: unknown, input: Json, step: StepContext): Promise<boolean> {
  const now = await action.capture(reader, input, step);
  if (Object.keys(now).length === 0) return false;
  return changesOf(action, input, now, action.plan(input, now, step)).length === 0 && action.probe(reader, input, step);
}
