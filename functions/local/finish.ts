import { runLines, exitCodeOf } from '../../shared/cli/show-run.ts';
import { asTyped } from '../../shared/cli/show-inbox.ts';
import type { RunState } from '../../shared/model/run.ts';
import { anchorHeads } from '../../shared/records/anchors.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { openQuestions } from '../../shared/run/inbox.ts';
import { readRun } from '../../shared/run/turn.ts';
import type { Desk } from './desk.ts';
import { type ExitCode, exit, print } from './output.ts';

/** Carries runs on until each has ended or waits for a person, one after the other, none before its time. */
export async function carried(
  desk: Desk,
  runIds: readonly string[],
  startsAt: (runId: string) => string | undefined = () => undefined,
): Promise<readonly RunState[]> {
  const states: RunState[] = [];
  for (const id of runIds) {
    const seconds = (Date.parse(startsAt(id) ?? '') - Date.parse(desk.clock.now())) / 1_000;
    if (seconds > 0) await desk.clock.sleep(seconds, AbortSignal.timeout(86_400_000));
    await carryOn(desk.engine, id, { signal: AbortSignal.timeout(900_000), until: farOff });
    const state = await readRun(desk.deps.records, id);
    if (state) states.push(state);
  }
  await anchorHeads({ ...desk.deps, anchor: desk.anchor });
  return states;
}

/** The exit code of several runs: that of the first which is not simply done. */
export const codeOf = (states: readonly RunState[]): ExitCode =>
  states.map(exitCodeOf).find((code) => code !== exit.done) ?? exit.done;

/** Carries runs on and shows where they stand, with the commands that answer what they ask. */
export async function finish(desk: Desk, runIds: readonly string[], json: boolean): Promise<ExitCode> {
  const states = await carried(desk, runIds);
  const waiting = await openQuestions(desk.deps, ({ run }) => runIds.includes(run));
  print(json, states, () =>
    states.flatMap((state) => [
      ...runLines(state),
      ...waiting
        .filter(({ run }) => run === state.order.id)
        .map(({ commands: [approve = ''] }) => `  answer with: ${asTyped(approve)} --as <another person>`),
    ]),
  );
  return codeOf(states);
}
