import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { asJson, type Json } from '../../../shared/model/json.ts';
import type { Playbook } from '../../../shared/model/playbook.ts';
import { explain } from '../../../shared/pattern/explain.ts';
import { compilePlaybook } from '../../../shared/playbook/compiled.ts';
import { answer, openApprovals } from '../../../shared/records/approvals.ts';
import { matchingPlaybooks, type Occasion, openRun, targetsOf } from '../../../shared/run/open.ts';
import { preview } from '../../../shared/run/preview.ts';
import { openRelease, previewRelease } from '../../../shared/run/release.ts';
import { readRun } from '../../../shared/run/turn.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { drive } from '../drive.ts';
import { makeKnown } from '../known.ts';
import { fixtureEvent } from '../try.ts';
import type { Local } from '../wire.ts';
import type { AttackReport, Audience, ReleaseReport, RunReport, SceneReport } from './report.ts';
import type { Scene } from './scenes.ts';

/** Cordon at the sandbox company, and who watches. */
export type Stage = Local & {
  readonly sandbox: Sandbox;
  readonly playbooks: readonly Playbook[];
  readonly audience: Audience;
};

const patience = (): AbortSignal => AbortSignal.timeout(60_000);
const time = ({ clock }: Sandbox) => ({ now: clock.now, moveTo: async (instant: string) => clock.moveTo(instant) });

/** Drives a run to its end; where it asks a person, the scene's approver answers. */
async function toTheEnd(stage: Stage, runId: string, approver: string | undefined): Promise<string | undefined> {
  const { deps, engine, sandbox, audience } = stage;
  let approvedBy: string | undefined;
  for (;;) {
    const { status, waitsFor } = await drive(engine, runId, time(sandbox), patience());
    if (status === 'ended' || waitsFor === null) return approvedBy;
    const question = (await openApprovals(deps)).find(({ run }) => run === runId);
    if (!question || approver === undefined) return approvedBy;
    audience.approval(approver, question.step, question.digest);
    await answer(deps, question.id, question.digest, {
      verdict: 'approved',
      person: approver,
      note: 'Read and agreed.',
    });
    approvedBy = approver;
  }
}

async function answerWith(
  stage: Stage,
  playbook: Playbook,
  occasion: Occasion,
  approver: string | undefined,
): Promise<RunReport[]> {
  const { deps, audience } = stage;
  const reports: RunReport[] = [];
  const why = explain(
    compilePlaybook(playbook).trigger,
    asJson({ finding: occasion.finding, event: occasion.event }),
  ).text;
  for (const target of targetsOf(playbook, occasion.finding)) {
    const { plan } = await preview(deps, playbook, occasion, target, patience());
    audience.matched(playbook.id, why, plan);
    const opening = await openRun(deps, playbook, occasion, target);
    if (!opening.opened) continue;
    const approvedBy = await toTheEnd(stage, opening.runId, approver);
    const state = await readRun(deps.records, opening.runId);
    if (!state) continue;
    const { outcome = state.status, reason = 'allowed' } = state.result ?? {};
    const report: RunReport = {
      run: opening.runId,
      playbook: playbook.id,
      why,
      target: target.name,
      plan,
      approvedBy,
      outcome,
      reason,
      state,
    };
    audience.outcome(report);
    reports.push(report);
  }
  return reports;
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
  const event = await fixtureEvent(scene.event);
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
  const runs: RunReport[] = [];
  for (const playbook of matchingPlaybooks(playbooks, finding, event))
    runs.push(...(await answerWith(stage, playbook, occasion, scene.approver)));
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
  return { title: scene.title, event: scene.event, finding, runs, calls, attacks, expected: scene.expect, asExpected };
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
  const release = await openRelease(deps, runId, { ...asked, agreedDigest: plan.digest });
  await toTheEnd(stage, release, approver);
  const state = await readRun(deps.records, release);
  const outcome = state?.result?.outcome ?? state?.status ?? 'failed';
  const restored = await look(sandbox);
  audience.release(title, plan, outcome, restored);
  return { title, plan, outcome, restored };
}
