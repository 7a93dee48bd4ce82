import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { asJson, type Json } from '../../../shared/model/json.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import type { Reason } from '../../../shared/model/reason.ts';
import { inScope } from '../../../shared/config/settings.ts';
import { explain } from '../../../shared/pattern/explain.ts';
import { compilePlaybook } from '../../../shared/playbook/compiled.ts';
import { answer, openApprovals } from '../../../shared/records/approvals.ts';
import { playbookSet } from '../../../shared/playbook/playbook-set.ts';
import { type Occasion, type Opening, openRuns, targetsOf } from '../../../shared/run/open.ts';
import { attend } from '../../../shared/run/attend.ts';
import { carryOn, farOff } from '../../../shared/run/carry-on.ts';
import { preview } from '../../../shared/run/preview.ts';
import { openRelease, previewRelease } from '../../../shared/run/release.ts';
import { readRun } from '../../../shared/run/turn.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { makeKnown } from '../known.ts';
import { fixtureEvent } from '../try.ts';
import type { Local } from '../wire.ts';
import type { Attack } from './attacker.ts';
import type { AttackReport, Audience, ReleaseReport, RunReport, SceneReport, WatchReport } from './report.ts';
import type { Scene } from './scenes.ts';

/** Cordon at the sandbox company, and who watches. */
export type Stage = Local & {
  readonly sandbox: Sandbox;
  readonly playbooks: readonly Playbook[];
  readonly audience: Audience;
};

const patience = (): AbortSignal => AbortSignal.timeout(60_000);

/** Drives a run to its end; where it asks a person, the scene's approver answers. */
async function toTheEnd(stage: Stage, runId: string, approver: string | undefined): Promise<string | undefined> {
  const { deps, engine, audience } = stage;
  let approvedBy: string | undefined;
  for (;;) {
    const { status, waitsFor } = await carryOn(engine, runId, { signal: patience(), until: farOff });
    if (status === 'ended' || waitsFor === null) return approvedBy;
    const question = (await openApprovals(deps)).find(({ run }) => run === runId);
    if (!question || approver === undefined) return approvedBy;
    audience.approval(approver, question.step, question.digest);
    await answer(deps, question.id, question.digest, {
      verdict: 'approved',
      person: approver,
      note: 'Read and agreed.',
      channel: 'cli',
    });
    approvedBy = approver;
  }
}

async function followed(
  stage: Stage,
  opening: Opening,
  why: string,
  plan: RunReport['plan'],
  scene: Scene,
): Promise<RunReport | undefined> {
  if (!opening.opened) return undefined;
  const { deps, audience } = stage;
  const approvedBy = await toTheEnd(stage, opening.runId, scene.approver);
  const state = await readRun(deps.records, opening.runId);
  if (!state) return undefined;
  const { outcome = state.status, reason = 'allowed' } = state.result ?? {};
  const target = state.order.target.name;
  const report: RunReport = {
    run: opening.runId,
    playbook: opening.playbook,
    why,
    target,
    plan,
    approvedBy,
    outcome,
    reason,
    state,
  };
  audience.outcome(report);
  return report;
}

/** Lets one playbook answer: its plan is shown, then its runs are opened and driven. */
async function answerWith(
  stage: Stage,
  playbook: Playbook,
  occasion: Occasion,
  scene: Scene,
): Promise<{ runs: RunReport[]; left: Reason[] }> {
  const { deps, audience } = stage;
  const { finding, event } = occasion;
  const why = explain(compilePlaybook(playbook).trigger, asJson({ finding, event })).text;
  const runs: RunReport[] = [];
  const left: Reason[] = [];
  const plans = new Map<string, RunReport['plan']>();
  if (inScope(deps.settings, finding.account))
    for (const target of targetsOf(playbook, finding)) {
      const { plan } = await preview(deps, playbook, occasion, target, patience());
      plans.set(target.id, plan);
      audience.matched(playbook.id, why, plan);
    }
  for (const opening of await openRuns(deps, playbookSet([playbook]), occasion)) {
    if (!opening.opened) left.push(opening.reason);
    const report = await followed(
      stage,
      opening,
      why,
      opening.opened ? (plans.get(opening.target) ?? 'target-gone') : 'target-gone',
      scene,
    );
    if (report) runs.push(report);
  }
  for (const reason of left) audience.leftAlone(playbook.id, reason);
  return { runs, left };
}

async function attack({ sandbox, audience }: Stage, { attacks }: Scene, after: boolean) {
  const answers = [];
  for (const one of attacks) {
    const { worked, answer: said } = await one.attempt(sandbox);
    audience.attack(one.call, said, worked, after);
    answers.push({ call: one.call, said, worked });
  }
  return answers;
}

const findingsOf = (event: Json): readonly Finding[] => {
  const { reading } = normalise(event);
  if (reading.kind === 'findings') return reading.findings;
  throw new Error(`the demo's own event was not understood: ${JSON.stringify(reading)}`);
};

/** Plays one alert: the attacker before, Cordon's answer, the attacker after. */
export async function playScene(stage: Stage, scene: Scene): Promise<SceneReport> {
  const { sandbox, audience, playbooks } = stage;
  const event = await fixtureEvent(scene.event, scene.changed);
  const [finding] = findingsOf(event);
  if (!finding) throw new Error(`${scene.event} holds no finding`);
  makeKnown(sandbox, finding, event);
  audience.scene(scene.title, finding);
  const before = await attack(stage, scene, false);
  const from = sandbox.recorder.calls.length;
  const stop = sandbox.recorder.onCall((call) => audience.call(call));
  const occasion: Occasion = {
    finding,
    event,
    envelope: { time: sandbox.clock.now(), replayed: false },
    requester: { kind: 'event', id: finding.id },
    wants: 'enforce',
  };
  const answers = [];
  for (const playbook of playbookSet(playbooks).matching(finding, event))
    answers.push(await answerWith(stage, playbook, occasion, scene));
  const runs = answers.flatMap((one) => one.runs);
  const left = answers.flatMap((one) => one.left);
  stop();
  const calls = sandbox.recorder.calls.slice(from);
  const after = await attack(stage, scene, true);
  const attacks = after.map(
    ({ call, said, worked }, at): AttackReport => ({
      call,
      before: before[at]?.said ?? '',
      after: said,
      stopped: before[at]?.worked === true && !worked,
    }),
  );
  const contained =
    runs.length > 0 && runs.every(({ outcome }) => outcome === 'contained') && attacks.every(({ stopped }) => stopped);
  const untouched = runs.every(({ outcome }) => outcome !== 'contained') && calls.every(({ mutating }) => !mutating);
  const asExpected = scene.expect === 'contained' ? contained : untouched;
  return {
    title: scene.title,
    event: scene.event,
    finding,
    runs,
    left,
    calls,
    attacks,
    expected: scene.expect,
    asExpected,
  };
}

/** Something happens after a containment; a minute later the watch reads it again and answers. */
export async function playWatch(
  stage: Stage,
  title: string,
  attacker: Attack,
  look: (sandbox: Sandbox) => Promise<string>,
): Promise<WatchReport> {
  const { deps, sandbox, audience } = stage;
  audience.watch(title);
  const { worked, answer: said } = await attacker.attempt(sandbox);
  audience.attack(attacker.call, said, worked, false);
  sandbox.clock.advance(60);
  const stop = sandbox.recorder.onCall((call) => audience.call(call));
  const started: string[] = [];
  await attend({ ...deps, starter: { start: async (runId) => void started.push(runId) } }, patience());
  for (const runId of started) await toTheEnd(stage, runId, undefined);
  stop();
  const runs = await Promise.all(started.map((runId) => readRun(deps.records, runId)));
  const outcome = runs.map((run) => run?.result?.outcome ?? run?.status).join(', ') || 'nothing seen';
  const now = await look(sandbox);
  audience.released(outcome, now);
  return { title, call: attacker.call, outcome, now };
}

/** Takes a run back, or shows that it stays; says what the cloud shows afterwards. */
export async function playRelease(
  stage: Stage,
  title: string,
  runId: string,
  wish: { readonly reactivateCredentials: boolean; readonly by: string; readonly approver?: string },
  look: (sandbox: Sandbox) => Promise<string>,
): Promise<ReleaseReport> {
  const { deps, sandbox, audience } = stage;
  const { reactivateCredentials, by, approver } = wish;
  const asked = { requester: { kind: 'person', id: by }, wants: 'enforce', reactivateCredentials } as const;
  const plan = await previewRelease(deps, runId, asked, patience());
  audience.release(title, plan);
  const release = await openRelease(deps, runId, { ...asked, agreedDigest: plan.digest });
  await toTheEnd(stage, release, approver);
  const state = await readRun(deps.records, release);
  const outcome = state?.result?.outcome ?? state?.status ?? 'failed';
  const restored = await look(sandbox);
  audience.released(outcome, restored);
  return { title, plan, outcome, restored };
}
