import { inScope, type Settings, stageMode } from '../config/settings.ts';
import { type Envelope, screen } from '../ingest/screen.ts';
import type { Finding } from '../model/finding.ts';
import { comparable } from '../model/identifiers.ts';
import { asJson, Json, shortDigest } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Reason } from '../model/reason.ts';
import { type Mode, type Requester, RunOrder, RunState } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import { matches } from '../pattern/match.ts';
import { compilePlaybook } from '../playbook/compiled.ts';
import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';
import { readRun, runGroup } from './turn.ts';

type Deps = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly settings: Settings;
};

/** One finding and where it came from. */
export type Occasion = {
  readonly finding: Finding;
  readonly event: Json;
  readonly envelope: Envelope;
  readonly requester: Requester;
  /** What the one who asks wants; the stage and the playbook must agree. */
  readonly wants: Mode;
  readonly agreedDigest?: string;
};

/** A run that is open now, or why there is none. */
export type Opening =
  | {
      readonly opened: true;
      readonly runId: string;
      readonly playbook: string;
      readonly target: string;
      readonly fresh: boolean;
    }
  | { readonly opened: false; readonly playbook: string | null; readonly reason: Reason };

/** The playbooks whose trigger matches. */
export const matchingPlaybooks = (playbooks: readonly Playbook[], finding: Finding, event: Json): readonly Playbook[] =>
  playbooks.filter((playbook) => matches(compilePlaybook(playbook).trigger, Json.parse({ finding, event })));

/** The resources of a finding that a playbook acts on. */
export const targetsOf = (playbook: Playbook, finding: Finding): readonly Target[] => {
  const { targets } = compilePlaybook(playbook);
  return finding.resources.filter((target) => matches(targets, Json.parse(target)));
};

/** Enforce only where stage, playbook and request all say so and screening agrees; with the reason where it does not. */
export function modeOf(
  settings: Settings,
  playbook: Playbook,
  { finding, envelope, wants }: Pick<Occasion, 'finding' | 'envelope' | 'wants'>,
  now: string,
): { readonly mode: Mode; readonly modeReason: Reason } {
  const screened = screen(finding, envelope, now, settings.maxEventAgeHours);
  if (screened.act !== 'enforce') return { mode: 'dry-run', modeReason: screened.reason };
  const all = [stageMode(settings), playbook.mode, wants];
  return all.every((mode) => mode === 'enforce')
    ? { mode: 'enforce', modeReason: 'allowed' }
    : { mode: 'dry-run', modeReason: 'mode-dry-run' };
}

/** The same finding, playbook, target, mode and episode make the same run, whoever delivers it and however often. */
const runIdOf = (playbook: Playbook, occasion: Occasion, target: Target, mode: Mode, episode: number): string =>
  shortDigest({
    provider: occasion.finding.provider,
    finding: comparable(occasion.finding.id),
    playbook: playbook.id,
    target: comparable(target.id),
    mode,
    asked: occasion.requester.kind === 'person' ? (occasion.agreedDigest ?? occasion.requester.id) : '',
    episode,
  });

/** Writes a run down, once. False when it was there before. */
export async function createRun({ records }: Pick<Deps, 'records'>, order: RunOrder): Promise<boolean> {
  const state = RunState.parse({
    order,
    status: 'open',
    dueAt: order.openedAt,
    waitsFor: null,
    result: null,
    endedAt: null,
  });
  return records.create({
    kind: 'run',
    id: order.id,
    group: runGroup(state),
    due: order.openedAt,
    body: asJson(state),
  });
}

/** What a run of one playbook for one target would set out to do; its playbook and event are put into the evidence store. */
export async function orderFor(
  deps: Deps,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  episode = 0,
): Promise<RunOrder> {
  const now = deps.clock.now();
  const { mode, modeReason } = modeOf(deps.settings, playbook, occasion, now);
  const { tests: _, ...pinned } = playbook;
  const [event, hash] = await Promise.all([deps.evidence.put(occasion.event), deps.evidence.put(asJson(pinned))]);
  return RunOrder.parse({
    kind: 'containment',
    id: runIdOf(playbook, occasion, target, mode, episode),
    playbook: playbook.id,
    playbookHash: hash,
    finding: occasion.finding,
    target,
    mode,
    modeReason,
    requester: occasion.requester,
    openedAt: now,
    event,
    ...(occasion.agreedDigest !== undefined && { agreedDigest: occasion.agreedDigest }),
  });
}

/**
 * Opens a run of one playbook for one target. An event that comes again finds the run it opened; a person who asks
 * again after a run has ended means a new one.
 */
export async function openRun(deps: Deps, playbook: Playbook, occasion: Occasion, target: Target): Promise<Opening> {
  for (let episode = 0; ; episode += 1) {
    const order = await orderFor(deps, playbook, occasion, target, episode);
    const fresh = await createRun(deps, order);
    const over =
      !fresh && occasion.requester.kind === 'person' && (await readRun(deps.records, order.id))?.status === 'ended';
    if (!over) return { opened: true, runId: order.id, playbook: playbook.id, target: target.id, fresh };
  }
}

/** Stages 3 to 5 of the road for one finding: screen, match, open a run for each playbook and target. */
export async function openRuns(
  deps: Deps,
  playbooks: readonly Playbook[],
  occasion: Occasion,
): Promise<readonly Opening[]> {
  const { finding, event, envelope } = occasion;
  const screened = screen(finding, envelope, deps.clock.now(), deps.settings.maxEventAgeHours);
  if (screened.act === 'skip') return [{ opened: false, playbook: null, reason: screened.reason }];
  const matched = matchingPlaybooks(playbooks, finding, event);
  if (matched.length > 0 && !inScope(deps.settings, finding.account))
    return matched.map(({ id }) => ({ opened: false, playbook: id, reason: 'account-out-of-scope' }));
  if (matched.length === 0) return [{ opened: false, playbook: null, reason: 'no-playbook' }];
  const openings = matched.map(async (playbook): Promise<readonly Opening[]> => {
    const targets = targetsOf(playbook, finding);
    if (targets.length === 0) return [{ opened: false, playbook: playbook.id, reason: 'no-target' }];
    if (targets.length > playbook.limits.targets)
      return [{ opened: false, playbook: playbook.id, reason: 'limit-targets' }];
    return Promise.all(targets.map((target) => openRun(deps, playbook, occasion, target)));
  });
  return (await Promise.all(openings)).flat();
}
