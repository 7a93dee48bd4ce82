import { stageMode } from '../config/settings.ts';
import { later } from '../model/duration.ts';
import type { Playbook } from '../model/playbook.ts';
import { RunState } from '../model/run.ts';
import type { Measured } from '../ports/metrics.ts';
import { openApprovals } from '../records/approvals.ts';
import { openBreakers } from '../records/breakers.ts';
import { leftThisHour } from '../records/budgets.ts';
import { held } from '../records/containments.ts';
import { messages } from '../records/outbox.ts';
import { sideBySide } from '../records/side-by-side.ts';
import type { RunDeps } from '../run/deps.ts';
import { measure } from './metrics.ts';

type Deps = Pick<RunDeps, 'records' | 'clock' | 'settings'> & { readonly playbooks?: readonly Playbook[] };

/** A run that nothing has carried on after this was opened and its start was lost: the first turn takes seconds. */
const lateSeconds = 120;
/** More of them than this are not told apart. */
const mostLate = 1_000;

/** Runs that were opened and have had no turn yet: the first one leaves them waiting or ended. */
async function neverStarted({ records, clock }: Deps): Promise<number> {
  const late = await records.listDue('run', later(clock.now(), -lateSeconds), mostLate);
  return late.filter(({ body }) => RunState.parse(body).status === 'open').length;
}

const secondsSince = (instant: string, now: string): number =>
  Math.max(0, Math.round((Date.parse(now) - Date.parse(instant)) / 1_000));

async function questions({ records, clock }: Deps): Promise<readonly Measured[]> {
  const now = clock.now();
  const open = (await openApprovals({ records })).filter(({ deadline }) => now < deadline);
  const ages = open.map(({ askedAt }) => secondsSince(askedAt, now));
  return [measure('ApprovalsPending', open.length), measure('OldestApprovalAgeSeconds', Math.max(0, ...ages))];
}

/** What is left of the hour's budgets; nothing where the stage acts on nothing. */
async function budgets({ playbooks = [], ...deps }: Deps): Promise<readonly Measured[]> {
  const acting = stageMode(deps.settings) === 'enforce' ? playbooks.filter(({ mode }) => mode === 'enforce') : [];
  return sideBySide(acting, 8, async ({ id, limits }) =>
    measure('BudgetRemaining', await leftThisHour(deps, id, limits.perHour), { playbook: id }),
  );
}

/**
 * How things stand, in numbers. Nothing is asked of a cloud. `anchoredAt` is when the journals were last anchored
 * outside; null where there is no such place.
 */
export async function gauges(deps: Deps, anchoredAt: string | null): Promise<readonly Measured[]> {
  const [late, asked, breakers, left, contained, waiting, givenUp] = await Promise.all([
    neverStarted(deps),
    questions(deps),
    openBreakers(deps, deps.settings.breaker),
    budgets(deps),
    held(deps),
    messages(deps, 'waiting'),
    messages(deps, 'given-up'),
  ]);
  return [
    measure('RunsNeverStarted', late),
    ...asked,
    measure('BreakersOpen', breakers.length),
    ...left,
    measure('ContainmentsHeld', contained.length),
    measure('OutboxWaiting', waiting.length),
    measure('OutboxGivenUp', givenUp.length),
    ...(anchoredAt === null ? [] : [measure('AuditLagSeconds', secondsSince(anchoredAt, deps.clock.now()))]),
  ];
}
