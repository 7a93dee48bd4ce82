import { manyLines } from '../../../shared/cli/show-contained.ts';
import { planLines } from '../../../shared/cli/show-plan.ts';
import { outcomeText } from '../../../shared/cli/show-run.ts';
import { columns, dim, inert, yellow } from '../../../shared/cli/style.ts';
import { ensure, may } from '../../../shared/guard/rights.ts';
import { Duration, later, secondsOf } from '../../../shared/model/duration.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import type { RunState } from '../../../shared/model/run.ts';
import { held } from '../../../shared/records/containments.ts';
import { openRelease, previewRelease } from '../../../shared/run/release.ts';
import { type Filter, type ManyWish, previewMany, releaseMany } from '../../../shared/run/release-many.ts';
import type { Desk } from '../desk.ts';
import { carried, codeOf, finish } from '../finish.ts';
import { type ExitCode, exit, print } from '../output.ts';
import { type Common, completed, personAt, remembering } from '../person.ts';
import { runNamed } from '../run-named.ts';

export type Releasing = Common & {
  readonly enforce: boolean;
  readonly digest?: string;
  readonly reactivateCredentials: boolean;
  readonly asCommands?: boolean;
  readonly only?: string;
  readonly playbook?: string;
  readonly since?: string;
  readonly account?: string;
  readonly as?: string;
};

const wrong = (code: string, message: string, remedy: string) => new InvalidInput({ code, message, remedy });
const patience = (): AbortSignal => AbortSignal.timeout(60_000);

/** A containment by its id, or the first characters of it. Throws `InvalidInput`. */
async function containmentNamed(desk: Desk, given: string): Promise<string> {
  const found = (await held(desk.deps)).filter(({ id }) => id === given || (given.length >= 6 && id.startsWith(given)));
  const [one, ...more] = found;
  if (one && more.length === 0) return one.id;
  throw wrong('no-such-containment', `nothing is cut off under ${given}`, 'List it with `cordon contained`.');
}

async function releaseOne(desk: Desk, runId: string, options: Releasing): Promise<ExitCode> {
  const { enforce, json, digest, reactivateCredentials, only, as } = options;
  const { caller, requester } = personAt(desk, as);
  const { order } = await runNamed(desk, caller, 'run', runId);
  const wants = enforce ? 'enforce' : 'dry-run';
  const part = only === undefined ? {} : { only: await containmentNamed(desk, only) };
  const wish = { requester, wants, reactivateCredentials, ...part } as const;
  const made = await previewRelease(desk.deps, order.id, wish, patience());
  if (options.asCommands) {
    const { printCommands } = await import('./print-commands.ts');
    const of = { id: order.id, openedAt: desk.clock.now(), kind: 'release' } as const;
    return printCommands(desk, [{ order: of, plan: made }], json);
  }
  if (!enforce) {
    print(json, made, () => [...planLines(made), '', dim('Nothing was changed. Take it back with --enforce.')]);
    return exit.done;
  }
  const agreedDigest = digest === undefined ? made.digest : completed(digest, made.digest);
  return finish(desk, [await openRelease(desk.deps, order.id, { ...wish, agreedDigest })], json);
}

function filterOf(desk: Desk, { playbook, since, account }: Releasing): Filter {
  const from =
    since !== undefined && Duration.safeParse(since).success ? later(desk.clock.now(), -secondsOf(since)) : since;
  if (from !== undefined && Number.isNaN(Date.parse(from)))
    throw wrong('bad-since', `--since ${from} is no time`, 'Say 1h, 30m or 2d, or an instant as 2026-11-20T09:00:00Z.');
  return {
    ...(playbook !== undefined && { playbook }),
    ...(from !== undefined && { since: new Date(from).toISOString() }),
    ...(account !== undefined && { account }),
  };
}

const endLines = (states: readonly RunState[]): string[] =>
  columns(
    states.map(({ order, status, result }) => [
      order.kind === 'release' ? order.releases : order.id,
      inert(order.target.name),
      result ? outcomeText(result.outcome) : yellow(status),
      dim(`release ${order.id}`),
    ]),
  );

async function releaseBulk(desk: Desk, options: Releasing): Promise<ExitCode> {
  const { json, digest, enforce, reactivateCredentials, playbook, account } = options;
  if (options.only !== undefined || options.asCommands)
    throw wrong('one-run-only', '--only and --as-commands are for one run', 'Name the run.');
  const { id, caller, deps } = personAt(desk, options.as);
  ensure(caller, 'run', { ...(playbook !== undefined && { playbook }), ...(account !== undefined && { account }) });
  const wish: ManyWish = { by: id, reactivateCredentials, reaches: (scope) => may(caller, 'run', scope) };
  const filter = filterOf(desk, options);
  if (digest === undefined) {
    const many = await previewMany(deps, filter, wish, patience());
    const next =
      many.runs.length === 0 ? [] : ['', dim(`Nothing was changed. Take them back with --digest ${many.digest}`)];
    print(json, many, () => [...manyLines(many), ...next]);
    if (enforce) throw wrong('digest-needed', 'a bulk release names the plan it agrees to', 'Give its --digest.');
    return exit.done;
  }
  const { starter } = remembering();
  const opened = await releaseMany({ ...deps, starter }, filter, wish, digest, patience());
  const startsAt = new Map(opened.map((one) => [one.release, one.startsAt]));
  const states = await carried(desk, [...startsAt.keys()], (release) => startsAt.get(release));
  print(json, states, () => endLines(states));
  return codeOf(states);
}

/** The run that is meant; undefined where many are. Throws `InvalidInput` where it is neither, or both. */
export function which(
  runId: string | undefined,
  { playbook, since, account }: Pick<Releasing, 'playbook' | 'since' | 'account'>,
): string | undefined {
  const many = playbook ?? since ?? account;
  if ((runId === undefined) !== (many === undefined)) return runId;
  throw wrong('which-one', 'it is not clear what is meant', 'Name one run, or --playbook, --since or --account.');
}

/** Takes one run back, or all that fit at once; shows how first. */
export async function release(desk: Desk, runId: string | undefined, options: Releasing): Promise<ExitCode> {
  const named = which(runId, options);
  return named === undefined ? releaseBulk(desk, options) : releaseOne(desk, named, options);
}
