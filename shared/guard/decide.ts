import type { Declaration } from '../action/action.ts';
import { exclusionsInForce } from '../config/guards.ts';
import { inScope, type Settings } from '../config/settings.ts';
import type { Finding } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, own } from '../model/json.ts';
import { type Decision, stricter } from '../model/plan.ts';
import type { Step } from '../model/playbook.ts';
import type { Reason } from '../model/reason.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import { type FleetUse, overShare } from './fleets.ts';
import { foreignId } from './foreign-id.ts';
import { protectedIn } from './principals.ts';
import { type BuiltIn, builtInProtections } from './protect.ts';
import { namedRole, tagIn } from './tags.ts';

export type Verdict = { readonly decision: Decision; readonly reason: Reason; readonly detail?: string };

/** Everything a decision about one step may look at. */
export type Question = {
  readonly finding: Finding;
  /** The target with its facts as read now; `subject` holds those of a principal that the inputs name beside it. */
  readonly target: JsonObject;
  readonly action: Pick<Declaration, 'id' | 'irreversible' | 'target' | 'cutsNothing' | 'refersTo'>;
  readonly step: Pick<Step, 'id' | 'approve'>;
  /** Rendered inputs of the step. */
  readonly input: Json;
  /** The account the step acts in. */
  readonly account: string;
  readonly settings: Settings;
  readonly limits: { readonly perHour: number };
  /** Whether others have used up what may be done this hour. */
  readonly spent: { readonly playbook: boolean; readonly account: boolean };
  /** The fleets that the target is of, and how many of each are contained, the target not counted. */
  readonly fleets: readonly FleetUse[];
  readonly breakerOpen: boolean;
  readonly killSwitch: boolean;
  /** ISO instant: exclusions have an end. */
  readonly now: string;
};

const allow: Verdict = { decision: 'allow', reason: 'allowed' };
const ask = (reason: Reason, detail?: string): Verdict => ({
  decision: 'ask',
  reason,
  ...(detail !== undefined && { detail }),
});

const scalars = (finding: Finding): JsonObject =>
  Object.fromEntries(Object.entries(finding).filter(([, value]) => typeof value !== 'object')) as JsonObject; // what is left are scalars

/** What patterns of guards see: no arrays of the finding, because "any element" is dangerous in an approval. */
export const seenByGuards = ({
  finding,
  target,
  action,
}: Pick<Question, 'finding' | 'target' | 'action'>): JsonObject => ({
  finding: scalars(finding),
  target,
  action: action.id,
});

function excluded(question: Question): readonly Verdict[] {
  const { settings, now, action } = question;
  const seen = seenByGuards(question);
  const stands = exclusionsInForce(settings, now).find(({ when }) => matches(parsePattern(when), seen));
  if (!stands || action.cutsNothing) return [];
  const { name, owner, expires } = stands;
  return [{ decision: 'deny', reason: 'excluded', detail: `${name} (${owner}, until ${expires})` }];
}

function protectedBy(question: Question): readonly Verdict[] {
  const seen = { ...seenByGuards(question), input: question.input };
  const { action, settings } = question;
  const counts = ({ cutting }: BuiltIn): boolean => !(cutting && action.cutsNothing);
  const stands = ({ when }: BuiltIn) => matches(parsePattern(when), seen);
  const all: readonly BuiltIn[] = [...builtInProtections.filter(counts), ...settings.protections];
  return all.filter(stands).map(({ name, kind, decision }) => ({
    decision,
    reason: kind === 'principal' ? 'protected-principal' : 'protected-target',
    detail: name,
  }));
}

function protectedPrincipal(question: Question): readonly Verdict[] {
  const hit = protectedIn(question.settings, question);
  return hit === undefined ? [] : [{ decision: 'deny', reason: 'protected-principal', detail: hit }];
}

/** Where malicious objects are kept: shut, nothing more could be taken there, and cases in hand would be lost to sight. */
function quarantine({ target, action, settings: { azure, aws } }: Question): readonly Verdict[] {
  const kept =
    (target['type'] === 'azure.storage.account' && target['name'] === azure.quarantineStorageAccount) ||
    (target['type'] === 'aws.s3.bucket' && target['bucket'] === aws.quarantineBucket?.name);
  return kept && !action.cutsNothing
    ? [{ decision: 'deny', reason: 'protected-target', detail: 'where Cordon keeps malicious objects' }]
    : [];
}

const ofPrincipals = ['aws.iam.access-key', 'aws.iam.user', 'aws.iam.role-session', 'azure.entra.user'];

/** The last one who can still administer is left in, whoever it is. A role may be what attackers gave themselves: a person knows. */
function lastAdministrator({ target, action }: Question): readonly Verdict[] {
  const last = [target, target['subject']].some((facts) => own(facts, 'lastAdministrator') === true);
  if (last && action.target === 'aws.iam.role') return [ask('last-administrator')];
  return last && ofPrincipals.includes(action.target) ? [{ decision: 'deny', reason: 'last-administrator' }] : [];
}

/** What tags and names say: they ask, they never forbid and never allow. */
function marked({ target, action, settings: { strictTags } }: Question): readonly Verdict[] {
  if (action.cutsNothing) return [];
  const critical = tagIn(strictTags.critical, target);
  const classified = tagIn(strictTags.classified, target);
  const role = namedRole(target);
  return [
    ...(role === undefined ? [] : [ask('protected-target', role)]),
    ...(critical === undefined ? [] : [ask('critical-asset', critical)]),
    ...(classified === undefined ? [] : [ask('classified-data', classified)]),
  ];
}

function place({ finding, target, account, settings }: Question): readonly Verdict[] {
  const owner = String(target['account'] ?? '');
  if (!inScope(settings, account)) return [{ decision: 'deny', reason: 'account-out-of-scope', detail: account }];
  const { tenant } = settings.azure;
  const home = finding.cloud === 'azure' && tenant !== undefined ? [finding.account, tenant] : [finding.account];
  const foreign = !home.some((one) => one.toLowerCase() === owner.toLowerCase());
  return foreign ? [{ decision: 'deny', reason: 'foreign-account', detail: owner }] : [];
}

/** Whether a pattern asks for what guards do not see, or for a field that was not read. */
function unreadable(pattern: unknown, seen: unknown, depth = 0): boolean {
  if (!isObject(pattern) || depth > 1) return false;
  return Object.entries(pattern).some(([key, inner]) => {
    if (key === '$or') return Array.isArray(inner) && inner.some((one) => unreadable(one, seen, depth));
    const value = own(seen, key);
    return value === undefined || unreadable(inner, value, depth + 1);
  });
}

/** What cannot be read counts as the stricter answer, and so does what only a tag says. */
function asked(question: Question): readonly Verdict[] {
  const { approve } = question.step;
  if (!approve) return [];
  const { tags: _, ...untagged } = question.target;
  const seen = seenByGuards(question);
  const excused = approve.unless !== undefined && matches(parsePattern(approve.unless), { ...seen, target: untagged });
  const { when } = approve;
  const wanted = when === undefined || unreadable(when, seen) || matches(parsePattern(when), seen);
  return wanted && !excused ? [ask('approval-asked')] : [];
}

function limits({ breakerOpen, spent, fleets, limits: { perHour }, settings, action }: Question): readonly Verdict[] {
  const crowded = action.cutsNothing ? undefined : fleets.find((fleet) => overShare(fleet, settings.limits.fleetShare));
  return [
    ...(breakerOpen ? [ask('breaker-open')] : []),
    ...(spent.account ? [ask('limit-account', `${settings.accountPerHour} an hour in the account`)] : []),
    ...(spent.playbook ? [ask('limit-per-hour', `${perHour} an hour`)] : []),
    ...(crowded ? [ask('limit-fleet', `${crowded.contained + 1} of ${crowded.size} in ${crowded.id}`)] : []),
  ];
}

const rules: readonly ((question: Question) => readonly Verdict[])[] = [
  ({ killSwitch }) => (killSwitch ? [{ decision: 'deny', reason: 'kill-switch' }] : []),
  place,
  ({ input, account, action }) => {
    const id = foreignId(input, account, action.refersTo);
    return id === undefined ? [] : [{ decision: 'deny', reason: 'foreign-account', detail: id }];
  },
  protectedBy,
  protectedPrincipal,
  quarantine,
  lastAdministrator,
  excluded,
  marked,
  ({ action: { irreversible } }) => (irreversible ? [ask('irreversible-action', irreversible)] : []),
  limits,
  asked,
];

/** The strictest answer of every guardrail; pure, asked at plan time and again before each change. */
export const decide = (question: Question): Verdict =>
  rules.flatMap((rule) => rule(question)).reduce<Verdict>((a, b) => stricter(a, b), allow);
