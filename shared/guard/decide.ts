import type { Declaration } from '../action/action.ts';
import { inScope, type Protection, type Settings } from '../config/settings.ts';
import type { Finding } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, own } from '../model/json.ts';
import { type Decision, stricter } from '../model/plan.ts';
import type { Step } from '../model/playbook.ts';
import type { Reason } from '../model/reason.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';
import { builtInProtections } from './protect.ts';

export type Verdict = { readonly decision: Decision; readonly reason: Reason; readonly detail?: string };

/** Everything a decision about one step may look at. */
export type Question = {
  readonly finding: Finding;
  /** The target with its facts as read now. */
  readonly target: JsonObject;
  readonly action: Pick<Declaration, 'id' | 'irreversible' | 'target'>;
  readonly step: Pick<Step, 'id' | 'approve'>;
  /** Rendered inputs of the step. */
  readonly input: Json;
  /** The account the step acts in. */
  readonly account: string;
  readonly settings: Settings;
  readonly limits: { readonly perHour: number };
  /** Runs that acted this hour, this one not counted. */
  readonly acted: { readonly playbook: number; readonly account: number };
  readonly killSwitch: boolean;
};

const allow: Verdict = { decision: 'allow', reason: 'allowed' };

const scalars = (finding: Finding): JsonObject =>
  Object.fromEntries(Object.entries(finding).filter(([, value]) => typeof value !== 'object')) as JsonObject; // what is left are scalars

/** What patterns of guards see: no arrays of the finding, because "any element" is dangerous in an approval. */
const view = ({ finding, target, action }: Question): Json => ({
  finding: scalars(finding),
  target,
  action: action.id,
});

function protectedBy(question: Question): readonly Verdict[] {
  const seen = view(question);
  const stands = ({ when }: Protection) => matches(parsePattern(when), seen);
  return [...builtInProtections, ...question.settings.protections].filter(stands).map(({ name, kind, decision }) => ({
    decision,
    reason: kind === 'principal' ? 'protected-principal' : 'protected-target',
    detail: name,
  }));
}

/** Every scalar inside a value, as text. */
function* leaves(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* leaves(item);
  else if (value !== null) yield String(value);
}

function protectedPrincipal({ target, input, settings }: Question): readonly Verdict[] {
  const { tags: _, ...facts } = target; // whoever may write tags must not make himself untouchable
  // no name of a principal tells capitals apart: not an IAM user's, nor a person's in Entra
  const named = new Set([...leaves(input), ...leaves(facts)].map((leaf) => leaf.toLowerCase()));
  const { readerRole, writerRole } = settings.aws;
  const hit = [...settings.protectedPrincipals, readerRole, writerRole].find((principal) => {
    const id = principal.toLowerCase();
    return named.has(id) || named.has(id.slice(id.lastIndexOf('/') + 1));
  });
  return hit ? [{ decision: 'deny', reason: 'protected-principal', detail: hit }] : [];
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

/** What cannot be read counts as the stricter answer. */
function asked({ step: { approve }, ...question }: Question): readonly Verdict[] {
  if (!approve) return [];
  const seen = view({ ...question, step: { id: '' } });
  const excused = approve.unless !== undefined && matches(parsePattern(approve.unless), seen);
  const { when } = approve;
  const wanted = when === undefined || unreadable(when, seen) || matches(parsePattern(when), seen);
  return wanted && !excused ? [{ decision: 'ask', reason: 'approval-asked' }] : [];
}

function limits({ acted, limits: { perHour }, settings }: Question): readonly Verdict[] {
  const over: Verdict[] = [];
  if (acted.playbook >= perHour) over.push({ decision: 'ask', reason: 'limit-per-hour', detail: `${perHour} an hour` });
  if (acted.account >= settings.accountPerHour)
    over.push({
      decision: 'ask',
      reason: 'limit-per-hour',
      detail: `${settings.accountPerHour} an hour in the account`,
    });
  return over;
}

const rules: readonly ((question: Question) => readonly Verdict[])[] = [
  ({ killSwitch }) => (killSwitch ? [{ decision: 'deny', reason: 'kill-switch' }] : []),
  place,
  protectedBy,
  protectedPrincipal,
  ({ action: { irreversible } }) =>
    irreversible ? [{ decision: 'ask', reason: 'irreversible-action', detail: irreversible }] : [],
  limits,
  asked,
];

/** The strictest answer of every guardrail; pure, asked at plan time and again before each change. */
export const decide = (question: Question): Verdict =>
  rules.flatMap((rule) => rule(question)).reduce<Verdict>((a, b) => stricter(a, b), allow);
