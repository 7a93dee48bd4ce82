import { expiredExclusions } from '../config/guards.ts';
import { stageMode } from '../config/settings.ts';
import type { Mode, RunState } from '../model/run.ts';
import { RunState as RunStateSchema } from '../model/run.ts';
import type { Scope } from '../guard/rights.ts';
import { type Breaker, openBreakers } from '../records/breakers.ts';
import { held } from '../records/containments.ts';
import { holds } from '../records/holds.ts';
import { messages } from '../records/outbox.ts';
import { type Switch, switchesOn } from '../records/switches.ts';
import type { RunDeps } from './deps.ts';
import { heldBackRuns } from './halt.ts';
import { openQuestions } from './inbox.ts';
import { readRun } from './turn.ts';

type Counts = Readonly<Record<string, number>>;

/** How things stand, at one glance. */
export type Status = {
  readonly at: string;
  readonly stage: string;
  readonly mode: Mode;
  readonly switches: readonly Switch[];
  readonly breakers: readonly Breaker[];
  /** Open and waiting ones of any day, and how those of today have ended. */
  readonly runs: { readonly open: number; readonly waiting: number; readonly endedToday: Counts };
  readonly heldBack: readonly { readonly run: string; readonly playbook: string; readonly targetName: string }[];
  readonly questions: { readonly open: number; readonly oldest: string | null; readonly nextDeadline: string | null };
  readonly containments: { readonly held: number; readonly byPlaybook: Counts; readonly reviewsOverdue: number };
  readonly holds: number;
  readonly outbox: { readonly waiting: number; readonly oldest: string | null; readonly givenUp: number };
  readonly expiredExclusions: readonly {
    readonly name: string;
    readonly owner: string;
    readonly expires: string;
  }[];
};

/** More runs than this are under way only where something is badly wrong; the count stops there. */
const mostRuns = 5_000;
const farOff = '9999-12-31T00:00:00.000Z';

const countBy = <T>(items: readonly T[], key: (item: T) => string): Counts =>
  Object.fromEntries([...Map.groupBy(items, key)].map(([name, of]) => [name, of.length]));

const smallest = (texts: readonly string[]): string | null =>
  texts.length === 0 ? null : texts.reduce((a, b) => (b < a ? b : a));

type Sees = (scope: Scope) => boolean;
const scopeOf = ({ order }: RunState): Scope => ({ account: order.finding.account, playbook: order.playbook });

async function runsIn({ records, clock }: RunDeps, sees: Sees): Promise<Status['runs']> {
  const [due, today] = await Promise.all([
    records.listDue('run', farOff, mostRuns),
    records.list('run', clock.now().slice(0, 10)),
  ]);
  const seen = (all: typeof due) =>
    all.map(({ body }) => RunStateSchema.parse(body)).filter((one) => sees(scopeOf(one)));
  const ended = seen(today).filter(({ status }) => status === 'ended');
  const going = seen(due);
  return {
    open: going.filter(({ status }) => status === 'open').length,
    waiting: going.filter(({ status }) => status === 'waiting').length,
    endedToday: countBy(ended, ({ result }) => result?.outcome ?? 'failed'),
  };
}

async function holdsSeen({ records }: RunDeps, sees: Sees): Promise<number> {
  const runs = await Promise.all((await holds(records)).map(({ run }) => readRun(records, run)));
  return runs.filter((run) => sees(run ? scopeOf(run) : { account: '*', playbook: '*' })).length;
}

async function containmentsSeen(deps: RunDeps, sees: Sees): Promise<Status['containments']> {
  const now = deps.clock.now();
  const all = (await held(deps)).filter(({ account, playbook }) => sees({ account, playbook }));
  return {
    held: all.length,
    byPlaybook: countBy(all, ({ playbook }) => playbook),
    reviewsOverdue: all.filter(({ reviews, reviewAt }) => reviews > 0 || reviewAt <= now).length,
  };
}

async function outboxNow(deps: RunDeps): Promise<Status['outbox']> {
  const [waiting, givenUp] = await Promise.all([messages(deps, 'waiting'), messages(deps, 'given-up')]);
  return {
    waiting: waiting.length,
    oldest: smallest(waiting.map(({ postedAt }) => postedAt)),
    givenUp: givenUp.length,
  };
}

/** How things stand for somebody who may see some of it. Nothing is asked of a cloud. */
export async function statusOf(deps: RunDeps, sees: Sees = () => true): Promise<Status> {
  const { settings, clock } = deps;
  const at = clock.now();
  const [switches, breakers, runs, heldBack, questions, containments, onHold, outbox] = await Promise.all([
    switchesOn(deps),
    openBreakers(deps, settings.breaker),
    runsIn(deps, sees),
    heldBackRuns(deps),
    openQuestions(deps, sees),
    containmentsSeen(deps, sees),
    holdsSeen(deps, sees),
    outboxNow(deps),
  ]);
  return {
    at,
    stage: settings.stage,
    mode: stageMode(settings),
    switches,
    breakers: breakers.filter(({ scope }) => scope === 'all' || sees({ account: scope })),
    runs,
    heldBack: heldBack
      .filter((run) => sees(scopeOf(run)))
      .map(({ order }) => ({ run: order.id, playbook: order.playbook, targetName: order.target.name })),
    questions: {
      open: questions.length,
      oldest: smallest(questions.map(({ askedAt }) => askedAt)),
      nextDeadline: smallest(questions.map(({ deadline }) => deadline)),
    },
    containments,
    holds: onHold,
    outbox,
    expiredExclusions: expiredExclusions(settings, at).map(({ name, owner, expires }) => ({ name, owner, expires })),
  };
}
