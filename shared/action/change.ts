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
  for (const { change, standing: where } of stands) {
    if (where !== 'open') continue;
    step.signal.throwIfAborted();
    try {
      await action.apply(sessions.writer, onward(change, now[change.resource] ?? null), step);
      applied.push(change);
    } catch (thrown) {
      if (!(thrown instanceof ForeignEdit)) throw thrown;
      moved.push(change);
    }
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
  const now = await action.capture(reader, input, step);
  const open = plan.filter((change) => !same(now[change.resource] ?? null, change.to));
  return { open, proven: open.length === 0 && (await action.probe(reader, input, step)) };
}

/** Contained is: nothing left to plan, and the probe agrees. */
export async function isContained(action: Action, reader: unknown, input: Json, step: StepContext): Promise<boolean> {
  const now = await action.capture(reader, input, step);
  if (Object.keys(now).length === 0) return false;
  return changesOf(action, input, now, action.plan(input, now, step)).length === 0 && action.probe(reader, input, step);
}
