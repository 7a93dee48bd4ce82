import * as z from 'zod';
import { Approval } from '../model/approval.ts';
import type { Containment } from '../model/containment.ts';
import { InvalidInput, messageOf } from '../model/error.ts';
import { asJson, own } from '../model/json.ts';
import type { Plan } from '../model/plan.ts';
import type { Playbook } from '../model/playbook.ts';
import { RunState } from '../model/run.ts';
import { explain } from '../pattern/explain.ts';
import { compilePlaybook } from '../playbook/compiled.ts';
import { daysBetween } from '../records/anchors.ts';
import { type Entry, type Row, readJournal } from '../records/journal.ts';
import { sideBySide } from '../records/side-by-side.ts';
import type { RunDeps } from './deps.ts';
import { pinnedPlaybook } from './plan.ts';
import { containmentsOf, readPlan } from './stored-plan.ts';
import { readRun } from './turn.ts';

/** A plan that a run made, and when. */
export type Planned = { readonly at: string; readonly plan: Plan };

/** All that is known of one run, read from its journal and what that names. */
export type Story = {
  readonly state: RunState;
  readonly journal: readonly Row[];
  /** Undefined where the store has lost it. */
  readonly playbook: Playbook | undefined;
  /** Which fields of the finding or of its event the playbook matched on. */
  readonly why: string;
  readonly plans: readonly Planned[];
  readonly approvals: readonly Approval[];
  /** What it still holds. */
  readonly held: readonly Containment[];
  /** Runs that took it back, or tried to. */
  readonly releases: readonly RunState[];
};

type Deps = RunDeps;

const PlanReply = z.object({ ok: z.literal(true), value: z.object({ plan: z.string().min(1) }) });
const AskReply = z.object({ ok: z.literal(true), value: z.object({ approval: z.string() }) });

type Noted = { readonly at: string; readonly entry: Entry };
const notedIn = (journal: readonly Row[]): readonly Noted[] =>
  journal.flatMap(({ at, entries }) => entries.map((entry) => ({ at, entry })));

async function plansIn(deps: Deps, noted: readonly Noted[]): Promise<readonly Planned[]> {
  const named = noted.flatMap(({ at, entry }) => {
    const reply =
      entry.type === 'reply' && entry.key.startsWith('plan#') ? PlanReply.safeParse(entry.reply).data : undefined;
    return reply ? [{ at, digest: reply.value.plan }] : [];
  });
  const plans = await sideBySide(named, 8, async ({ at, digest }) => ({ at, plan: await readPlan(deps, digest) }));
  return plans.flatMap(({ at, plan }) => (plan ? [{ at, plan }] : []));
}

async function approvalsIn({ records }: Deps, noted: readonly Noted[]): Promise<readonly Approval[]> {
  const ids = noted.flatMap(({ entry }) => {
    const reply = entry.type === 'reply' ? AskReply.safeParse(entry.reply).data : undefined;
    return reply ? [reply.value.approval] : [];
  });
  const stored = await sideBySide([...new Set(ids)], 8, (id) => records.read('approval', id));
  return stored.flatMap((one) => Approval.safeParse(one?.body).data ?? []);
}

async function whyMatched(deps: Deps, { order }: RunState, playbook: Playbook): Promise<string> {
  const { finding } = order;
  try {
    const event = (await deps.evidence.get(order.event)) ?? null;
    const { matched, text } = explain(compilePlaybook(playbook).trigger, asJson({ finding, event }));
    return matched ? text : `its trigger does not match by itself: ${text}`;
  } catch (thrown) {
    return `it cannot be told any more: ${messageOf(thrown)}`;
  }
}

/** Releases of a run, the oldest first: looked for among the runs of every day since. */
async function releasesOf({ records, clock }: Deps, { order }: RunState): Promise<readonly RunState[]> {
  const days = daysBetween(order.openedAt, clock.now());
  const lists = await sideBySide(days, 16, (day) => records.list('run', day));
  return lists
    .flat()
    .filter(({ body }) => own(own(body, 'order'), 'releases') === order.id)
    .map(({ body }) => RunState.parse(body))
    .sort((a, b) => a.order.openedAt.localeCompare(b.order.openedAt));
}

/** Reads the story of a run. Throws `InvalidInput` when there is none of that id, `journal-broken` when it was tampered with. */
export async function storyOf(deps: Deps, runId: string): Promise<Story> {
  const [found, journal] = await Promise.all([readRun(deps.records, runId), readJournal(deps.records, runId)]);
  if (!found)
    throw new InvalidInput({
      code: 'no-such-run',
      message: `there is no run ${runId}`,
      remedy: 'List them with `cordon runs`.',
    });
  const { version: _, ...state } = found;
  const noted = notedIn(journal);
  const playbook = await pinnedPlaybook(deps, state.order).catch(() => undefined);
  const [why, plans, approvals, held, releases] = await Promise.all([
    playbook ? whyMatched(deps, state, playbook) : 'its playbook is no longer in the store',
    plansIn(deps, noted),
    approvalsIn(deps, noted),
    state.order.kind === 'release' ? [] : containmentsOf(deps, runId),
    releasesOf(deps, state),
  ]);
  return { state, journal, playbook, why, plans, approvals, held, releases };
}
