import * as z from 'zod';
import { readMessage } from '../ingest/read-message.ts';
import { InvalidInput } from '../model/error.ts';
import { Finding } from '../model/finding.ts';
import { asJson, Json } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { Mode } from '../model/run.ts';
import { Target } from '../model/target.ts';
import { findingFor } from '../run/named-target.ts';
import { type Occasion, targetsOf } from '../run/open.ts';
import { type ApiDeps, playbookOf } from './context.ts';
import { type Caller, ensure, type Right } from '../guard/rights.ts';

const subject = {
  playbook: z.string(),
  /** A raw event, as its cloud sent it. */
  event: Json.optional(),
  /** A finding in the normal form. */
  finding: Finding.optional(),
  /** A target that no finding names; `why` says what speaks for it. */
  target: Target.optional(),
  why: z.string().min(3).max(500).optional(),
  /** The id of one of the finding's resources, where the playbook picks several. */
  resource: z.string().optional(),
};

type Subject = { readonly [K in 'event' | 'finding' | 'target' | 'why']?: unknown };

const oneSubject = ({ event, finding, target }: Subject): boolean =>
  [event, finding, target].filter((given) => given !== undefined).length === 1;
const oneSubjectWanted = 'give one of event, finding and target';
const targetWithReason = ({ target, why }: Subject): boolean => (target === undefined) === (why === undefined);
const reasonWanted = 'a target comes with why it is to be contained, and only a target does';

/** What somebody wants a plan of. */
export const PlanWish = z
  .strictObject(subject)
  .refine(oneSubject, oneSubjectWanted)
  .refine(targetWithReason, reasonWanted);
export type PlanWish = z.infer<typeof PlanWish>;

/** What somebody wants a run of; `digest` is that of the plan they have seen and want, and no other. */
export const RunWish = z
  .strictObject({ ...subject, mode: Mode.default('dry-run'), digest: z.string().length(64).optional() })
  .refine(oneSubject, oneSubjectWanted)
  .refine(targetWithReason, reasonWanted)
  .refine(({ target, mode, digest }) => target === undefined || mode === 'dry-run' || digest !== undefined, {
    path: ['digest'],
    message: 'no provider confirms a target that a person names: enforce needs the digest of its plan',
  });
export type RunWish = z.infer<typeof RunWish>;

const unusable = (message: string, remedy: string) => new InvalidInput({ code: 'nothing-to-plan', message, remedy });

async function findingIn(event: Json): Promise<Finding> {
  const { reading } = await readMessage(event);
  if (reading.kind === 'malformed') throw unusable(reading.problem, reading.remedy);
  if (reading.kind === 'ignored') throw unusable(reading.reason, 'Send an event that reports something.');
  const [finding, ...more] = reading.findings;
  if (finding && more.length === 0) return finding;
  throw unusable(`the event holds ${reading.findings.length} findings`, 'Send one of them as `finding`.');
}

async function findingOf({ settings }: ApiDeps, wish: PlanWish, person: string, now: string): Promise<Finding> {
  const { event, finding, target, why = '' } = wish;
  if (event !== undefined) return findingIn(event);
  if (target) return findingFor({ target, person, why, now, partition: settings.aws.partition });
  if (finding && finding.provider !== 'person') return finding;
  throw unusable('no provider has reported this finding', 'Send what is to be contained as `target`, with `why`.');
}

/** A wish that somebody may have: the playbook, what it is about, and each resource it would act on. */
export type Granted = {
  readonly playbook: Playbook;
  readonly occasion: Occasion;
  readonly targets: readonly Target[];
};

function picked(playbook: Playbook, finding: Finding, resource: string | undefined): readonly Target[] {
  const all = targetsOf(playbook, finding);
  const targets = resource === undefined ? all : all.filter(({ id }) => id === resource);
  const named = all.map(({ id }) => id).join(', ') || 'none';
  if (targets.length === 0) throw unusable('the playbook picks no such resource of the finding', `It picks ${named}.`);
  if (targets.length > playbook.limits.targets)
    throw unusable(
      `the finding names ${targets.length} targets, more than the playbook allows`,
      'Name one `resource`.',
    );
  return targets;
}

/** Reads a wish and checks that the caller may have it, for its playbook and every account it touches. */
export async function granted(
  deps: ApiDeps,
  caller: Caller,
  right: Right,
  wish: PlanWish & Partial<Pick<RunWish, 'mode' | 'digest'>>,
): Promise<Granted> {
  const playbook = playbookOf(deps, wish.playbook);
  ensure(caller, right, { playbook: playbook.id });
  const now = deps.clock.now();
  const finding = await findingOf(deps, wish, caller.id, now);
  const targets = picked(playbook, finding, wish.resource);
  for (const account of [finding.account, ...targets.map((target) => target.account)])
    ensure(caller, right, { playbook: playbook.id, account });
  const occasion: Occasion = {
    finding,
    event: wish.event ?? asJson(finding),
    // a person who asks means now: what counts is that the provider confirms the finding, not how old its event is
    envelope: { time: now, replayed: false },
    requester: { kind: 'person', id: caller.id },
    wants: wish.mode ?? 'dry-run',
    ...(wish.digest !== undefined && { agreedDigest: wish.digest }),
  };
  return { playbook, occasion, targets };
}
