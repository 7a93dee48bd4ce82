import type { Containment } from '../model/containment.ts';
import { later } from '../model/duration.ts';
import { CordonError, messageOf } from '../model/error.ts';
import type { Starter } from '../ports/starter.ts';
import { changeContainment, dueContainments } from '../records/containments.ts';
import { takeRechecks } from '../records/rechecks.ts';
import type { RunDeps } from './deps.ts';
import { containmentNotice, tell } from './notices.ts';
import { openRelease } from './release.ts';
import { readRun } from './turn.ts';
import { watch } from './watch.ts';
import { watchSoon } from './watch-soon.ts';

type Deps = RunDeps & { readonly starter: Starter };

const atOnce = 50;
const daySeconds = 86_400;
const hourSeconds = 3_600;
/** From this reminder on, somebody is woken up. */
const pagesFrom = 2;

/** What stands for a time only is taken back, for every owner; where that fails it is tried again an hour later. */
async function ends(deps: Deps, held: Containment, now: string): Promise<void> {
  const requester = { kind: 'schedule', id: 'ends-by-itself' } as const;
  for (const owner of held.owners) {
    const wish = { requester, wants: 'enforce', reactivateCredentials: false, only: held.id } as const;
    await deps.starter.start(await openRelease(deps, owner, wish));
  }
  await changeContainment(deps, held.id, (one) => ({ ...one, endsAt: later(now, hourSeconds) }));
}

/** Reminds people that something is still cut off, every day. */
async function review(deps: Deps, held: Containment, now: string): Promise<void> {
  const run = await readRun(deps.records, held.owners[0] ?? '');
  const page = held.reviews >= pagesFrom;
  const detail = `cut off since ${held.since}`;
  await tell(deps, containmentNotice('review-due', held, run?.order, detail, { at: now, page, key: held.reviewAt }));
  await changeContainment(deps, held.id, (one) =>
    one.status === 'held' && one.reviewAt === held.reviewAt
      ? { ...one, reviews: one.reviews + 1, reviewAt: later(now, daySeconds) }
      : undefined,
  );
}

async function attendOne(deps: Deps, held: Containment, signal: AbortSignal): Promise<void> {
  const now = deps.clock.now();
  if (held.endsAt !== null && held.endsAt <= now) return ends(deps, held, now);
  if (held.watch !== null && held.watch.at <= now) await watch(deps, held, signal);
  if (held.reviewAt <= now) await review(deps, held, now);
}

/**
 * Looks after the containments that are due: reads them again, reminds of their review, ends those that end by themselves.
 * One that fails does not keep the others; throws after all were tried.
 */
export async function attend(deps: Deps, signal: AbortSignal): Promise<{ readonly attended: number }> {
  await takeRechecks(deps, atOnce, (run) => watchSoon(deps, run));
  const due = await dueContainments(deps, atOnce);
  const problems: string[] = [];
  for (const held of due) {
    try {
      await attendOne(deps, held, signal);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      problems.push(`${held.action} on ${held.target}: ${messageOf(thrown)}`);
    }
  }
  if (problems.length > 0)
    throw new CordonError({
      code: 'not-attended',
      message: `${problems.length} of ${due.length} containments could not be looked after: ${problems[0]}`,
      remedy: 'The next sweep tries again.',
      retryable: true,
    });
  return { attended: due.length };
}
