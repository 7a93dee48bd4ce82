import { CordonError, InvalidInput, messageOf } from '../model/error.ts';
import { shortDigest } from '../model/json.ts';
import type { Notice } from '../model/notice.ts';
import { RunState } from '../model/run.ts';
import type { Starter } from '../ports/starter.ts';
import type { Records, Stored } from '../ports/records.ts';
import { killed, setKillSwitch, type SwitchScope, switchesOn } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { tell } from './notices.ts';
import { readRun } from './turn.ts';

type Deps = Pick<RunDeps, 'records' | 'clock' | 'notifier'>;

/** A scope as commands and records write it: `all`, `playbook:<id>`, `run:<id>`. */
export function scopeText({ playbook, run }: SwitchScope): string {
  if (run !== undefined) return `run:${run}`;
  return playbook === undefined ? 'all' : `playbook:${playbook}`;
}

/** The command that lifts a switch again. */
export function resumeCommand({ playbook, run }: SwitchScope): string {
  const of = run ?? (playbook === undefined ? '--all' : `--playbook ${playbook}`);
  return `cordon resume ${of} --why '...'`;
}

const haltNotice = (scope: SwitchScope, by: string, why: string, at: string): Notice => ({
  id: shortDigest({ halted: scopeText(scope), at }),
  kind: 'halted',
  at,
  severity: 'High',
  page: scope.run === undefined,
  run: scope.run ?? null,
  playbook: scope.playbook ?? null,
  finding: null,
  target: null,
  outcome: null,
  detail: `${by} has halted ${scopeText(scope)}: ${why}`,
  steps: [],
  asks: null,
  commands: [resumeCommand(scope), 'cordon status'],
});

/**
 * Stops changes at once: of everything, of one playbook, or of one run. What is at work stops before its next change, and
 * waits for a day at most. People are told.
 */
export async function halt(deps: Deps, scope: SwitchScope, by: string, why: string): Promise<void> {
  if (scope.run !== undefined && !(await readRun(deps.records, scope.run)))
    throw new InvalidInput({
      code: 'no-such-run',
      message: `there is no run ${scope.run}`,
      remedy: 'List them with `cordon runs`.',
    });
  const at = deps.clock.now();
  await setKillSwitch(deps, { ...scope, on: true, by, why });
  await tell(deps, haltNotice(scope, by, why, at));
}

async function runOf(records: Records, { id }: Stored): Promise<RunState | undefined> {
  const run = await readRun(records, id);
  return run && RunState.parse(run);
}

/** The runs that a kill switch holds back, in the order of their ids. */
export async function heldBackRuns({ records }: Pick<Deps, 'records'>): Promise<readonly RunState[]> {
  const runs = await Promise.all((await records.list('paused', 'paused')).map((stored) => runOf(records, stored)));
  return runs.flatMap((run) => (run && run.status !== 'ended' ? [run] : []));
}

/** Takes a run that waited in vain, until it was over, off the list. */
async function forget(records: Records, { kind, id, body, version }: Stored): Promise<void> {
  await records.replace({ kind, id, group: 'over', body }, version); // whoever has written it meanwhile has done so too
}

async function ifFree(records: Records, stored: Stored): Promise<readonly string[]> {
  const run = await runOf(records, stored);
  if (!run || run.status === 'ended') {
    await forget(records, stored);
    return [];
  }
  return (await killed(records, run.order.playbook, run.order.id)) ? [] : [run.order.id];
}

/**
 * The held-back runs that no switch stands for any more. The sweep starts them too, so that none is left behind where
 * the list lags, or where whoever lifted the switch has died before starting them.
 */
export async function freedRuns({ records }: Pick<Deps, 'records'>): Promise<readonly string[]> {
  const paused = await records.list('paused', 'paused');
  return (await Promise.all(paused.map((stored) => ifFree(records, stored)))).flat();
}

/** What lifting a switch came to: the runs that go on, and the switches that are still on. */
export type Resumed = { readonly started: readonly string[]; readonly stillOn: readonly string[] };

/**
 * Lifts a switch and starts what it held back; a run that another switch holds too goes on waiting. Throws, after all
 * were tried, when one could not be started.
 */
export async function resume(
  deps: Deps & { readonly starter: Starter },
  scope: SwitchScope,
  by: string,
  why: string,
): Promise<Resumed> {
  await setKillSwitch(deps, { ...scope, on: false, by, why });
  const started = await freedRuns(deps);
  const starts = await Promise.allSettled(started.map((id) => deps.starter.start(id)));
  const failed = starts.flatMap((start) => (start.status === 'rejected' ? [messageOf(start.reason)] : []));
  if (failed.length > 0)
    throw new CordonError({
      code: 'not-started',
      message: `the switch is off, but ${failed.length} of ${started.length} runs could not be started: ${failed[0]}`,
      remedy: 'The next sweep tries again.',
      retryable: true,
    });
  const still = await switchesOn(deps);
  return { started, stillOn: still.map((one) => one.scope).filter((one) => one !== scopeText(scope)) };
}
