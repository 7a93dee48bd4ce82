import * as z from 'zod';
import { Approval } from '../../../shared/model/approval.ts';
import { Containment } from '../../../shared/model/containment.ts';
import { providers, Severity } from '../../../shared/model/finding.ts';
import { Examined } from '../../../shared/model/examined.ts';
import { Outcome } from '../../../shared/model/outcome.ts';
import { Plan, StepPlan } from '../../../shared/model/plan.ts';
import { Mode, Requester, RunState } from '../../../shared/model/run.ts';
import { Breaker } from '../../../shared/records/breakers.ts';
import { Hold } from '../../../shared/records/holds.ts';
import { Row } from '../../../shared/records/journal.ts';
import { Switch } from '../../../shared/records/switches.ts';
import type { CutOff } from '../../../shared/run/contained-now.ts';
import type { DrillReport } from '../../../shared/run/drill.ts';
import type { OpenQuestion } from '../../../shared/run/inbox.ts';
import type { ManyPlan, OpenedRelease } from '../../../shared/run/release-many.ts';
import type { Status } from '../../../shared/run/status.ts';

const counts = z.record(z.string(), z.int());

/** `GET /approvals/:id` */
export const Question = Approval.extend({
  account: z.string(),
  target: z.string().nullable(),
  targetName: z.string().nullable(),
  finding: z
    .object({
      provider: z.enum(providers),
      id: z.string(),
      type: z.string(),
      title: z.string(),
      description: z.string(),
      severity: Severity,
    })
    .nullable(),
  asked: z.array(z.string()),
  turnUntil: z.string(),
  minutesLeft: z.int(),
  cut: z.array(z.object({ action: z.string(), targetName: z.string(), since: z.string() })),
  asks: StepPlan.nullable(),
  plan: Plan.nullable(),
  open: z.boolean(),
  commands: z.array(z.string()),
}) satisfies z.ZodType<OpenQuestion>;

/** `GET /approvals` */
export const Questions = z.object({ approvals: z.array(Question) });

/** `POST /approvals/:id` */
export const Answered = z.object({ approval: Approval });

/** `PUT /kill-switch`, turned on. */
export const Halted = z.object({ on: z.literal(true), by: z.string(), why: z.string() });

/** `PUT /kill-switch`, turned off. */
export const Resumed = z.object({
  on: z.literal(false),
  by: z.string(),
  started: z.array(z.string()),
  stillOn: z.array(z.string()),
});

/** `POST /breakers/:scope/close` */
export const Closed = z.object({ scope: z.string(), open: z.literal(false) });

/** `GET /status` */
export const StatusNow = z.object({
  at: z.string(),
  stage: z.string(),
  mode: Mode,
  switches: z.array(Switch),
  breakers: z.array(Breaker),
  runs: z.object({ open: z.int(), waiting: z.int(), endedToday: counts }),
  heldBack: z.array(z.object({ run: z.string(), playbook: z.string(), targetName: z.string() })),
  questions: z.object({ open: z.int(), oldest: z.string().nullable(), nextDeadline: z.string().nullable() }),
  containments: z.object({ held: z.int(), byPlaybook: counts, reviewsOverdue: z.int() }),
  holds: z.int(),
  outbox: z.object({ waiting: z.int(), oldest: z.string().nullable(), givenUp: z.int() }),
  expiredExclusions: z.array(z.object({ name: z.string(), owner: z.string(), expires: z.string() })),
}) satisfies z.ZodType<Status>;

const finding = z.object({ id: z.string(), type: z.string(), title: z.string(), severity: z.string() });
const Cut = Containment.extend({
  because: z.array(z.object({ run: z.string(), playbook: z.string(), finding, by: Requester, openedAt: z.string() })),
  until: z.string().nullable(),
  reviewOverdue: z.boolean(),
  watched: z.object({ looks: z.int(), of: z.int(), next: z.string().nullable() }),
  release: z.array(z.string()),
}) satisfies z.ZodType<CutOff>;

/** `GET /containments` */
export const Contained = z.object({ containments: z.array(Cut) });

/** `GET /holds` */
export const OnHold = z.object({ holds: z.array(Hold) });

/** `DELETE /holds/:run` */
export const Lifted = z.object({ run: z.string(), lifted: z.int() });

/** One line for a run. */
const Short = z.object({
  id: z.string(),
  kind: z.enum(['containment', 'release']),
  playbook: z.string(),
  target: z.string(),
  mode: Mode,
  status: z.string(),
  outcome: Outcome.nullable(),
});

/** `GET /runs`, `POST /runs/:id/release` with enforce */
export const Runs = z.object({ runs: z.array(Short) });

/** `GET /runs/:id` */
export const OneRun = RunState.extend({ journal: z.array(Row), plan: Plan.nullable() });

/** `POST /runs/:id/release` as a dry-run. */
export const WayBack = z.object({ plan: Plan });

const one = { run: z.string(), playbook: z.string(), account: z.string(), targetName: z.string() };

/** `POST /releases` as a dry-run. */
export const ManyBack = z.object({
  digest: z.string(),
  runs: z.array(z.object({ ...one, plan: Plan })),
  left: z.array(z.object({ ...one, why: z.string() })),
}) satisfies z.ZodType<ManyPlan>;

/** `POST /releases` with enforce. */
export const Opened = z.object({
  releases: z.array(
    z.object({ run: z.string(), release: z.string(), startsAt: z.string() }) satisfies z.ZodType<OpenedRelease>,
  ),
});

/** `GET /doctor` */
export const Parts = z.object({ parts: z.array(z.string()) });

/** `POST /doctor` */
export const ExaminedPart = z.object({ part: z.string(), lines: z.array(Examined) });

/** `POST /drills` with enforce. */
export const DrillRun = z.object({ run: z.string() });

/** `GET /drills/:run` */
export const Drilled = z.object({
  stages: z.array(z.object({ name: z.enum(['contain', 'release']), run: RunState, seconds: z.number() })),
  refused: z.array(z.string()),
  restored: z.boolean(),
  waitsFor: z.string().nullable(),
}) satisfies z.ZodType<DrillReport>;
