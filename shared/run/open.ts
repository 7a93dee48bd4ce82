import { inScope, type Settings, stageMode } from '../config/settings.ts';
import { isOwnChange } from '../guard/own-change.ts';
import { isOwnWriteBack } from '../ingest/aws/own-write-back.ts';
import { type Envelope, screen } from '../ingest/screen.ts';
import { confirmRules, type Finding } from '../model/finding.ts';
import { comparable } from '../model/identifiers.ts';
import { asJson, type Json, shortDigest } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Reason } from '../model/reason.ts';
import { type Mode, type Requester, RunOrder, RunState } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import { matches } from '../pattern/match.ts';
import { compilePlaybook } from '../playbook/compiled.ts';
import { onlyTells } from '../playbook/only-tells.ts';
import type { PlaybookSet } from '../playbook/playbook-set.ts';
import type { Clock } from '../ports/clock.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';
import { noteVersion, type Version } from '../records/findings.ts';
import { holdOn } from '../records/holds.ts';
import { queue, queues } from '../records/admission.ts';
import { containmentsOf } from './stored-plan.ts';
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
      /** A further version of what opened it before. */
      readonly update: boolean;
    }
  | { readonly opened: false; readonly playbook: string | null; readonly reason: Reason };

/** The resources of a finding that a playbook acts on. */
export const targetsOf = (playbook: Playbook, finding: Finding): readonly Target[] => {
  const { targets } = compilePlaybook(playbook);
  return finding.resources.filter((target) => matches(targets, asJson(target)));
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

/** Writes a run down, once, to be started now or at an instant. False when it was there before. */
export async function createRun(
  { records }: Pick<Deps, 'records'>,
  order: RunOrder,
  dueAt = order.openedAt,
): Promise<boolean> {
  const state = RunState.parse({
    order,
    status: 'open',
    dueAt,
    waitsFor: null,
    result: null,
    endedAt: null,
  });
  const draft = {
    kind: 'run',
    id: order.id,
    group: runGroup(state),
    due: dueAt,
    body: asJson(state),
  } as const;
  const fresh = await records.create(draft);
  if (fresh && queues(order)) await queue(records, order);
  return fresh;
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
    ...(onlyTells(playbook) && { tells: true }),
  });
}

/** It is over, there was nothing to do, and nothing stands for it that could be read again. */
async function foundNothing(deps: Deps, runId: string): Promise<boolean> {
  const run = await readRun(deps.records, runId);
  if (run?.status !== 'ended' || run.result?.outcome !== 'nothing-to-do') return false;
  return (await containmentsOf(deps, runId)).length === 0;
}

/** The last number of a series that begins with 0 and has no gaps, in few steps however long it is. */
async function lastOf(exists: (number: number) => Promise<boolean>): Promise<number> {
  let last = 0;
  let step = 1;
  for (; await exists(last + step); step *= 2) last += step;
  for (step /= 2; step >= 1; step /= 2) if (await exists(last + step)) last += step;
  return last;
}

/** Runs that look at a version anew are numbered apart from those of episodes, and of holds that were lifted. */
const anewEpisodes = 1_000_000_000;

/**
 * The number of the run that answers a version. Where a source tells of the state of things, a newer version is looked
 * at anew if there was nothing to do before: the change that it tells of may be another one under the same id.
 */
async function episodeOf(
  deps: Deps,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  { standing, episode }: Version,
): Promise<number> {
  if (standing !== 'newer' || confirmRules[occasion.finding.provider] !== 'state') return episode;
  const { mode } = modeOf(deps.settings, playbook, occasion, deps.clock.now());
  const numberOf = (anew: number): number => episode + anew * anewEpisodes;
  const idOf = (anew: number): string => runIdOf(playbook, occasion, target, mode, numberOf(anew));
  const last = await lastOf(async (anew) => (await readRun(deps.records, idOf(anew))) !== undefined);
  return numberOf((await foundNothing(deps, idOf(last))) ? last + 1 : last);
}

/**
 * Opens a run of one playbook for one target. An event that comes again finds the run it opened; a person who asks
 * again after a run has ended means a new one.
 */
export async function openRun(
  deps: Deps,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  version: Version = { standing: 'first', episode: 0 },
): Promise<Opening> {
  const update = version.standing === 'newer';
  for (let episode = await episodeOf(deps, playbook, occasion, target, version); ; episode += 1) {
    const order = await orderFor(deps, playbook, occasion, target, episode);
    const fresh = await createRun(deps, order);
    const over =
      !fresh && occasion.requester.kind === 'person' && (await readRun(deps.records, order.id))?.status === 'ended';
    if (!over) return { opened: true, runId: order.id, playbook: playbook.id, target: target.id, fresh, update };
  }
}

/** How a delivery stands to what is known of its finding, or why it opens nothing. Samples and replays leave no trace. */
async function versionOf(
  deps: Deps,
  { finding, envelope, event }: Occasion,
): Promise<Version | { readonly reason: Reason }> {
  const { settings, clock } = deps;
  const ours = isOwnChange(settings, finding, event);
  const screened = screen(finding, envelope, clock.now(), settings.maxEventAgeHours, ours);
  if (screened.act === 'plan-only') return { standing: 'first', episode: 0 };
  if (screened.act === 'skip' && screened.reason !== 'archived-finding') return { reason: screened.reason };
  const version = await noteVersion(deps.records, finding);
  const known = version.standing === 'same' || version.standing === 'older';
  // our note outlives its reason: on a version that was not known yet it stands beside news
  if ((known || screened.act === 'skip') && isOwnWriteBack(event)) return { reason: 'own-change' };
  if (screened.act === 'skip') return { reason: screened.reason };
  return version.standing === 'older' ? { reason: 'known-version' } : version;
}

/** A hold that was lifted makes the finding count anew: its runs are numbered apart from those of its own episodes. */
const liftedEpisodes = 1_000_000;

/** A target that a person has released stays released for the same finding. */
async function openUnheld(
  deps: Deps,
  playbook: Playbook,
  occasion: Occasion,
  target: Target,
  version: Version,
): Promise<Opening> {
  const { id, provider } = occasion.finding;
  const { held, lifts } = await holdOn(deps.records, { provider, finding: id, target: target.id });
  if (held) return { opened: false, playbook: playbook.id, reason: 'on-hold' };
  return openRun(deps, playbook, occasion, target, { ...version, episode: version.episode + lifts * liftedEpisodes });
}

/** Why a playbook that matches answers nothing, so that what is left for others is opened. */
const unanswered: readonly Reason[] = ['no-target', 'limit-targets'];

async function openTargets(
  deps: Deps,
  playbook: Playbook,
  occasion: Occasion,
  version: Version,
): Promise<readonly Opening[]> {
  const { otherwise, limits, id } = playbook;
  const picked = targetsOf(playbook, occasion.finding);
  const targets = otherwise ? [...picked, ...occasion.finding.resources].slice(0, 1) : picked;
  if (targets.length === 0) return [{ opened: false, playbook: id, reason: 'no-target' }];
  if (targets.length > limits.targets) return [{ opened: false, playbook: id, reason: 'limit-targets' }];
  return Promise.all(targets.map((target) => openUnheld(deps, playbook, occasion, target, version)));
}

/** Stages 3 to 5 of the road for one finding: screen, match, open a run for each playbook and target. */
export async function openRuns(deps: Deps, playbooks: PlaybookSet, occasion: Occasion): Promise<readonly Opening[]> {
  const { finding, event } = occasion;
  const version = await versionOf(deps, occasion);
  if ('reason' in version) return [{ opened: false, playbook: null, reason: version.reason }];
  const matched = playbooks.matching(finding, event);
  if (matched.length > 0 && !inScope(deps.settings, finding.account))
    return matched.map(({ id }) => ({ opened: false, playbook: id, reason: 'account-out-of-scope' }));
  if (matched.length === 0) return [{ opened: false, playbook: null, reason: 'no-playbook' }];
  const open = (playbook: Playbook) => openTargets(deps, playbook, occasion, version);
  const openings = (await Promise.all(matched.map(open))).flat();
  const left = openings.every((one) => !one.opened && unanswered.includes(one.reason));
  const others = left
    ? playbooks.otherwise(finding, event).filter(({ id }) => !matched.some((one) => one.id === id))
    : [];
  return [...openings, ...(await Promise.all(others.map(open))).flat()];
}
