import { userInfo } from 'node:os';
import { columns, cyan, dim, inert, yellow } from '../../../shared/cli/style.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { exitCodeOf, outcomeText, runLines } from '../../../shared/cli/show-run.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { nearest } from '../../../shared/model/nearest.ts';
import type { Plan } from '../../../shared/model/plan.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { RunState } from '../../../shared/model/run.ts';
import type { Target } from '../../../shared/model/target.ts';
import { answer, openApprovals } from '../../../shared/records/approvals.ts';
import { held } from '../../../shared/records/containments.ts';
import { readJournal } from '../../../shared/records/journal.ts';
import { matchingPlaybooks, type Occasion, openRun, targetsOf } from '../../../shared/run/open.ts';
import { type Preview, preview } from '../../../shared/run/preview.ts';
import { openRelease, previewRelease } from '../../../shared/run/release.ts';
import { carryOn, farOff } from '../../../shared/run/carry-on.ts';
import { readRun } from '../../../shared/run/turn.ts';
import type { Desk } from '../desk.ts';
import { oneFinding } from '../events.ts';
import { makeKnown } from '../known.ts';
import { type ExitCode, exit, print } from '../output.ts';

export type Common = { readonly json: boolean };
export type Asking = Common & { readonly event: string; readonly playbook?: string; readonly target?: string };

const me = (as?: string) => ({ kind: 'person', id: as ?? userInfo().username }) as const;

type Wanted = { readonly playbook: Playbook; readonly target: Target; readonly occasion: Occasion };

const none = (message: string, remedy: string) => new InvalidInput({ code: 'nothing-to-plan', message, remedy });

/** The playbooks and targets that an event is about, or those named. */
async function wanted(
  { playbooks }: Desk,
  { event: file, playbook: id, target }: Asking,
  wants: Occasion['wants'],
): Promise<readonly Wanted[]> {
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
  const chosen = named ? [named] : matchingPlaybooks(playbooks, finding, event);
  if (chosen.length === 0)
    throw none(
      'no playbook matches the finding',
      'See why with `cordon match --explain`, or name one with --playbook.',
    );
  // A file's envelope says nothing about now; the finding's own time decides whether it is stale.
  const occasion: Occasion = { finding, event, envelope: { time: undefined, replayed: false }, requester: me(), wants };
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
  return picked;
}

export async function plan(desk: Desk, options: Asking): Promise<ExitCode> {
  const plans: Preview[] = [];
  for (const { playbook, target, occasion } of await wanted(desk, options, 'dry-run'))
    plans.push(await preview(desk.deps, playbook, occasion, target, AbortSignal.timeout(60_000)));
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

async function finish(desk: Desk, runIds: readonly string[], json: boolean): Promise<ExitCode> {
  const states: RunState[] = [];
  for (const id of runIds) {
    await carryOn(desk.engine, id, { signal: AbortSignal.timeout(900_000), until: farOff });
    const state = await readRun(desk.deps.records, id);
    if (state) states.push(state);
  }
  const waiting = await openApprovals(desk.deps);
  print(json, states, () =>
    states.flatMap((state) => [
      ...runLines(state),
      ...waiting
        .filter(({ run }) => run === state.order.id)
        .map(
          ({ id, digest }) =>
            `  answer with: npm run cordon -- approve ${id} --digest ${digest.slice(0, 16)} --as <another person>`,
        ),
    ]),
  );
  return states.map(exitCodeOf).find((code) => code !== 0) ?? exit.done;
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

/** People may name a digest by its first characters. */
const completed = (given: string, { digest }: Plan): string =>
  given.length >= 12 && digest.startsWith(given) ? digest : given;

async function fullDigest(
  desk: Desk,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  given: string,
): Promise<string> {
  const { plan: made } = await preview(desk.deps, playbook, occasion, target, AbortSignal.timeout(60_000));
  return made === 'target-gone' ? given : completed(given, made);
}

export type Releasing = Common & {
  readonly enforce: boolean;
  readonly digest?: string;
  readonly reactivateCredentials: boolean;
  readonly as?: string;
};

export async function release(desk: Desk, runId: string, options: Releasing): Promise<ExitCode> {
  const wish = {
    requester: me(options.as),
    wants: options.enforce ? 'enforce' : 'dry-run',
    reactivateCredentials: options.reactivateCredentials,
  } as const;
  const made = await previewRelease(desk.deps, runId, wish, AbortSignal.timeout(60_000));
  if (!options.enforce) {
    print(options.json, made, () => [...planLines(made), '', dim('Nothing was changed. Take it back with --enforce.')]);
    return exit.done;
  }
  const agreedDigest = options.digest === undefined ? made.digest : completed(options.digest, made);
  return finish(desk, [await openRelease(desk.deps, runId, { ...wish, agreedDigest })], options.json);
}

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
    print(json, { ...state, journal }, () => [
      ...runLines(state),
      ...journal.flatMap(({ at, hash, entries }) =>
        entries.map(
          (entry) =>
            `  ${dim(at)} ${dim(hash.slice(0, 8))} ${entry.type}  ${inert('key' in entry ? entry.key : 'operation' in entry ? `${entry.operation} ${entry.status} ${entry.requestId}` : entry.step)}`,
        ),
      ),
    ]);
    return exit.done;
  }
  const states = (await desk.deps.records.list('run', day ?? desk.clock.now().slice(0, 10))).map(({ body }) =>
    RunState.parse(body),
  );
  print(json, states, () =>
    states.length === 0
      ? [dim('no runs on this day')]
      : columns(
          states.map(({ order, status, result }) => [
            order.id,
            order.kind === 'release' ? 'release' : order.playbook,
            inert(order.target.name),
            dim(order.mode),
            result ? outcomeText(result.outcome) : yellow(status),
          ]),
        ),
  );
  return exit.done;
}

export async function contained(desk: Desk, { json }: Common): Promise<ExitCode> {
  const all = await held(desk.deps);
  print(json, all, () =>
    all.length === 0
      ? [dim('nothing is cut off')]
      : [
          ...columns(
            all.map(({ targetName, action, playbook, since, reviewAt, owners }) => [
              cyan(inert(targetName)),
              action,
              playbook,
              `since ${since.slice(0, 16)}`,
              `review ${reviewAt.slice(0, 16)}`,
              dim(owners.join(' ')),
            ]),
          ),
          dim('Take one back: npm run cordon -- release <run>'),
        ],
  );
  return exit.done;
}

export async function decide(
  desk: Desk,
  id: string,
  options: Common & {
    readonly verdict: 'approved' | 'rejected';
    readonly digest: string;
    readonly as?: string;
    readonly note: string;
  },
): Promise<ExitCode> {
  const open = (await openApprovals(desk.deps)).find((one) => one.id === id);
  const digest =
    open && options.digest.length >= 12 && open.digest.startsWith(options.digest) ? open.digest : options.digest;
  const answered = await answer(desk.deps, id, digest, {
    verdict: options.verdict,
    person: me(options.as).id,
    note: options.note,
  });
  return finish(desk, [answered.run], options.json);
}
