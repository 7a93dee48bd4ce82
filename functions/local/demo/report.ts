import type { Finding } from '../../../shared/model/finding.ts';
import type { Plan } from '../../../shared/model/plan.ts';
import type { Reason } from '../../../shared/model/reason.ts';
import type { RunState } from '../../../shared/model/run.ts';
import type { RecordedCall } from '../../../shared/sandbox/record.ts';

export type AttackReport = {
  readonly call: string;
  readonly before: string;
  readonly after: string;
  readonly stopped: boolean;
};

/** One playbook that answered, on one target. */
export type RunReport = {
  readonly run: string;
  readonly playbook: string;
  readonly why: string;
  readonly target: string;
  readonly plan: Plan | 'target-gone';
  readonly approvedBy: string | undefined;
  readonly outcome: string;
  readonly reason: string;
  readonly state: RunState;
};

/** What one alert led to. */
export type SceneReport = {
  readonly title: string;
  readonly event: string;
  readonly finding: Finding;
  readonly runs: readonly RunReport[];
  /** Why playbooks that matched did not even open a run. */
  readonly left: readonly Reason[];
  readonly calls: readonly RecordedCall[];
  readonly attacks: readonly AttackReport[];
  readonly expected: 'contained' | 'left-alone';
  readonly asExpected: boolean;
};

/** A way back, shown or gone. */
export type ReleaseReport = {
  readonly title: string;
  readonly plan: Plan;
  readonly outcome: string;
  readonly restored: string;
};

/** What the watch over a containment saw and did. */
export type WatchReport = {
  readonly title: string;
  readonly call: string;
  readonly outcome: string;
  readonly now: string;
};

export type DemoReport = {
  readonly scenes: readonly SceneReport[];
  readonly watches: readonly WatchReport[];
  readonly releases: readonly ReleaseReport[];
  readonly seconds: number;
};

/** Told of everything as it happens. */
export type Audience = {
  scene(title: string, finding: Finding): void;
  attack(call: string, answer: string, worked: boolean, after: boolean): void;
  matched(playbook: string, why: string, plan: Plan | 'target-gone'): void;
  call(call: RecordedCall): void;
  approval(person: string, step: string, digest: string): void;
  outcome(run: RunReport): void;
  leftAlone(playbook: string, reason: Reason): void;
  watch(title: string): void;
  release(title: string, plan: Plan): void;
  /** How it ended, and what the cloud shows now. */
  released(outcome: string, now: string): void;
};
