import { type Settings, stageMode } from '../config/settings.ts';
import type { FindingProgress } from '../model/finding-progress.ts';
import { Json } from '../model/json.ts';
import { type Outcome, outcomes } from '../model/outcome.ts';
import { reasons } from '../model/reason.ts';
import type { RunOrder, RunResult } from '../model/run.ts';
import { post } from '../records/outbox.ts';
import type { RunDeps } from './deps.ts';

type Wishes = Pick<Settings, 'stage' | 'stages' | 'writeBack'>;

/** Where findings are kept that can be told something: a malware scan is kept nowhere, a named target was never found. */
const systems = ['guardduty', 'security-hub', 'security-hub-action', 'defender'];

/** What each outcome means for the finding; null where there is nothing to tell: nothing happened, or it is not our finding. */
const meaning: Readonly<Record<Outcome, 'cut' | 'untouched' | null>> = {
  contained: 'cut',
  'partly-contained': 'cut',
  unverified: 'cut',
  'nothing-to-do': 'cut',
  'not-contained': 'untouched',
  denied: 'untouched',
  rejected: 'untouched',
  lapsed: 'untouched',
  'target-gone': 'untouched',
  halted: 'untouched',
  'rolled-back': 'untouched',
  failed: 'untouched',
  told: 'untouched',
  planned: null,
  unconfirmed: null,
  released: null,
};

/** Whether this deployment writes anything into the findings' own systems. */
export const writesBack = ({ writeBack, ...stage }: Wishes): boolean =>
  writeBack.enabled && stageMode(stage) === 'enforce';

/** Whether a step of the run has changed something, whatever became of the rest. */
const changedSome = ({ steps }: RunResult): boolean =>
  steps.some(({ outcome }) => outcome === 'contained' || outcome === 'unverified');

/** In our own words only: what a provider or a finding said stays out of it. */
function noteOf({ id, playbook }: RunOrder, { outcome, reason }: RunResult, cut: boolean): string {
  const why = reason === 'allowed' ? '' : ` ${reasons[reason]}`;
  const next = cut ? `Take it back: cordon release ${id}` : `The whole story: cordon explain ${id}`;
  return `cordon run ${id}: ${outcomes[outcome]}${why} Playbook ${playbook.slice(0, 100)}. ${next}`;
}

/** What the end of a run means for its finding; undefined where its own system is told nothing. Pure. */
export function progressOf(order: RunOrder, result: RunResult, settings: Wishes): FindingProgress | undefined {
  const { finding, kind, mode, id, playbook } = order;
  const means = meaning[result.outcome];
  const real = mode === 'enforce' && !finding.sample && systems.includes(finding.provider);
  if (!writesBack(settings) || kind !== 'containment' || !real || means === null) return undefined;
  const cut = means === 'cut' || (result.outcome !== 'rolled-back' && changedSome(result));
  const contained = result.outcome === 'contained';
  const closes = contained && settings.writeBack.resolve;
  return {
    run: id,
    playbook,
    state: closes ? 'resolved' : cut ? 'in-progress' : 'notified',
    note: noteOf(order, result, cut),
    archive: contained && settings.writeBack.archive,
  };
}

/** Puts what there is to tell into the outbox, once for each run. */
export async function postWriteBack(
  deps: Pick<RunDeps, 'records' | 'clock' | 'settings'>,
  order: RunOrder,
  result: RunResult,
): Promise<void> {
  const progress = progressOf(order, result, deps.settings);
  if (!progress) return;
  const body = Json.parse({ run: order.id, progress });
  await post(deps, { id: `${order.id}:finding`, to: 'finding', body });
}
