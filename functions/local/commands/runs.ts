import { columns, dim, inert, yellow } from '../../../shared/cli/style.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { outcomeText, runLines } from '../../../shared/cli/show-run.ts';
import { type Caller, ensure, type Right } from '../../../shared/guard/rights.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { nearest } from '../../../shared/model/nearest.ts';
import type { Outcome } from '../../../shared/model/outcome.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { RunState } from '../../../shared/model/run.ts';
import type { Target } from '../../../shared/model/target.ts';
import { type Entry, readJournal, type Row } from '../../../shared/records/journal.ts';
import { playbookSet } from '../../../shared/playbook/playbook-set.ts';
import { type Occasion, openRun, targetsOf } from '../../../shared/run/open.ts';
import { type Preview, preview } from '../../../shared/run/preview.ts';
import { readRun } from '../../../shared/run/turn.ts';
import type { Desk } from '../desk.ts';
import { oneFinding } from '../events.ts';
import { makeKnown } from '../known.ts';
import { finish } from '../finish.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type Common, completed, personAt } from '../person.ts';

export type Asking = Common & {
  readonly event: string;
  readonly playbook?: string;
  readonly target?: string;
  readonly as?: string;
};

type Wanted = { readonly playbook: Playbook; readonly target: Target; readonly occasion: Occasion };

const none = (message: string, remedy: string) => new InvalidInput({ code: 'nothing-to-plan', message, remedy });

/** Whether somebody may have what they want, for its playbook and every account it touches. */
function ensureMay(caller: Caller, right: Right, { playbook, target, occasion }: Wanted): void {
  for (const account of [occasion.finding.account, target.account])
    ensure(caller, right, { playbook: playbook.id, account });
}

/** The playbooks and targets that an event is about, or those named, as somebody may have them. */
async function wanted(
  desk: Desk,
  { event: file, playbook: id, target, as }: Asking,
  wants: Occasion['wants'],
): Promise<readonly Wanted[]> {
  const playbooks = await desk.playbooks();
  const { requester, caller } = personAt(desk, as);
  const { finding, event } = await oneFinding(file);
  const named = id === undefined ? undefined : playbooks.find((one) => one.id === id);
  if (id !== undefined && !named)
    throw none(
      `there is no playbook ${id}`,
      nearest(
        id,
        playbooks.map((one) => one.id),
      ),
    );
  const chosen = named ? [named] : playbookSet(playbooks).matching(finding, event);
  if (chosen.length === 0)
    throw none(
      'no playbook matches the finding',
      'See why with `cordon match --explain`, or name one with --playbook.',
    );
  // A file's envelope says nothing about now; the finding's own time decides whether it is stale.
  const occasion: Occasion = { finding, event, envelope: { time: undefined, replayed: false }, requester, wants };
  const all = chosen.flatMap((playbook) =>
    targetsOf(playbook, finding).map((one): Wanted => ({ playbook, target: one, occasion })),
  );
  const picked =
    target === undefined ? all : all.filter((one) => one.target.id === target || one.target.name === target);
  if (picked.length === 0)
    throw none(
      'the finding names no such target',
      `Its targets are ${all.map((one) => one.target.id).join(', ') || 'none'}.`,
    );
  for (const one of picked) ensureMay(caller, wants === 'enforce' ? 'run' : 'plan', one);
  return picked;
}

export async function plan(desk: Desk, options: Asking & { readonly asCommands?: boolean }): Promise<ExitCode> {
  const plans: Preview[] = [];
  for (const { playbook, target, occasion } of await wanted(desk, options, 'dry-run'))
    plans.push(await preview(desk.deps, playbook, occasion, target, AbortSignal.timeout(60_000)));
  if (options.asCommands) {
    const { printCommands } = await import('./print-commands.ts');
    const made = plans.flatMap(({ plan: one, order }) => (one === 'target-gone' ? [] : [{ order, plan: one }]));
    return printCommands(desk, made, options.json);
  }
  print(options.json, plans, () =>
    plans.flatMap(({ plan: made, order }) =>
      made === 'target-gone' ? [yellow(`${order.target.id} no longer exists`)] : [...planLines(made), ''],
    ),
  );
  const denied = plans.some(
    ({ plan: made }) => made === 'target-gone' || made.steps.every(({ decision }) => decision === 'deny'),
  );
  return denied ? exit.stopped : exit.done;
}

export async function run(
  desk: Desk,
  options: Asking & { readonly enforce: boolean; readonly digest?: string },
): Promise<ExitCode> {
  const ids: string[] = [];
  for (const { playbook, target, occasion } of await wanted(desk, options, options.enforce ? 'enforce' : 'dry-run')) {
    if (desk.sandbox) makeKnown(desk.sandbox, occasion.finding, occasion.event);
    const agreedDigest =
      options.digest === undefined ? undefined : await fullDigest(desk, playbook, occasion, target, options.digest);
    const opening = await openRun(
      desk.deps,
      playbook,
      { ...occasion, ...(agreedDigest !== undefined && { agreedDigest }) },
      target,
    );
    if (opening.opened) ids.push(opening.runId);
  }
  return finish(desk, ids, options.json);
}

async function fullDigest(
  desk: Desk,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  given: string,
): Promise<string> {
  const { plan: made } = await preview(desk.deps, playbook, occasion, target, AbortSignal.timeout(60_000));
  return made === 'target-gone' ? given : completed(given, made.digest);
}

/** What an entry of the journal is about, in a word or two. */
function subjectOf(entry: Entry): string {
  if (entry.type === 'reply') return entry.key;
  if (entry.type === 'call') return `${entry.operation} ${entry.status} ${entry.requestId}`;
  return 'step' in entry ? entry.step : '';
}

/** A run with its journal, one line for each entry. */
export const journalLines = (state: RunState, journal: readonly Row[]): string[] => [
  ...runLines(state),
  ...journal.flatMap(({ at, hash, entries }) =>
    entries.map((entry) => `  ${dim(at)} ${dim(hash.slice(0, 8))} ${entry.type}  ${inert(subjectOf(entry))}`),
  ),
];

/** A run in one line. */
type InShort = Pick<RunState['order'], 'id' | 'kind' | 'playbook' | 'mode'> & {
  readonly target: string;
  readonly status: string;
  readonly outcome: Outcome | null;
};

/** Runs, one line for each. */
export const runRows = (all: readonly InShort[]): string[] =>
  all.length === 0
    ? [dim('no runs on this day')]
    : columns(
        all.map(({ id, kind, playbook, target, mode, status, outcome }) => [
          id,
          kind === 'release' ? 'release' : playbook,
          inert(target),
          dim(mode),
          outcome ? outcomeText(outcome) : yellow(status),
        ]),
      );

const inShort = ({ order, status, result }: RunState): InShort => ({
  ...{ id: order.id, kind: order.kind, playbook: order.playbook, mode: order.mode },
  ...{ target: order.target.name, status, outcome: result?.outcome ?? null },
});

export async function runs(
  desk: Desk,
  runId: string | undefined,
  { json, day }: Common & { readonly day?: string },
): Promise<ExitCode> {
  if (runId !== undefined) {
    const state = await readRun(desk.deps.records, runId);
    if (!state)
      throw new InvalidInput({
        code: 'no-such-run',
        message: `there is no run ${runId}`,
        remedy: 'List them with `cordon runs`.',
      });
    const journal = await readJournal(desk.deps.records, runId);
    print(json, { ...state, journal }, () => journalLines(state, journal));
    return exit.done;
  }
  const states = (await desk.deps.records.list('run', day ?? desk.clock.now().slice(0, 10))).map(({ body }) =>
    RunState.parse(body),
  );
  print(json, states, () => runRows(states.map(inShort)));
  return exit.done;
}
