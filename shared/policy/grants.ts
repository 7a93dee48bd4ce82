import { asJson, canonical } from '../model/json.ts';
import type { Conditions } from './conditions.ts';
import type { PolicyDocument, Statement } from './document.ts';

/**
 * A right an action declares: an IAM action, and the ARN it is needed on with `{name}` placeholders; `when` bounds it
 * further, as to one managed policy; on Azure it becomes a condition of the role assignment.
 */
export type Grant = { readonly allow: string; readonly on: string; readonly when?: Conditions };

/** A right with what it is for: an action's id, `inspect aws.iam.user`, `confirm guardduty`, `write back`. */
export type Need = { readonly purpose: string; readonly grant: Grant };

/** What the adapters of one cloud read beside the actions: facts of a target by its type, a finding again by its provider. */
export type Reads = {
  readonly inspect: Readonly<Record<string, readonly Grant[]>>;
  readonly confirm: Readonly<Record<string, readonly Grant[]>>;
};

/** One action on one resource, as a policy writes it. */
export type Allowed = { readonly action: string; readonly resource: string; readonly when?: Conditions };

/** The characters an inline session policy may have, white space left out. */
export const sessionPolicyCharacters = 2048;

/** A value as it stands in a policy: `*`, `?` and `$` lose their meaning, so that no name widens a grant. */
const literally = (value: string): string => value.replace(/[*?$]/g, (character) => `\${${character}}`);

/** A grant with its placeholders filled in; a value that is not known yet becomes `*`. */
export function renderGrant({ allow, on, when }: Grant, values: Readonly<Record<string, string>>): Allowed {
  const known = (name: string) => (Object.hasOwn(values, name) ? literally(values[name] ?? '') : '*');
  const fill = (text: string) => text.replace(/(?<!\$)\{(\w+)\}/g, (_, name: string) => known(name));
  if (!when) return { action: allow, resource: fill(on) };
  const filled = Object.entries(when).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).map(([key, wanted]) => [key, wanted.map(fill)])),
  ]);
  return { action: allow, resource: fill(on), when: Object.fromEntries(filled) };
}

/** Collects the members of each key, sorted and without repetition; the keys are sorted too. */
function grouped(pairs: readonly (readonly [key: string, member: string])[]): (readonly [string, readonly string[]])[] {
  const groups = new Map<string, Set<string>>();
  for (const [key, member] of pairs) groups.set(key, (groups.get(key) ?? new Set()).add(member));
  return [...groups].map(([key, members]) => [key, [...members].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Statements that allow exactly this, as few as there are different lists of actions under different conditions. */
export function statementsAllowing(allowed: readonly Allowed[]): readonly Statement[] {
  const key = (when: Conditions | undefined): string => (when ? canonical(asJson(when)) : '');
  const conditions = new Map(allowed.map(({ when }) => [key(when), when]));
  const byPlace = grouped(allowed.map(({ action, resource, when }) => [`${resource}\n${key(when)}`, action]));
  const byActions = grouped(
    byPlace.map(([place, actions]) => {
      const [resource = '', when = ''] = place.split('\n');
      return [`${actions.join()}\n${when}`, resource];
    }),
  );
  return byActions.map(([right, resources]) => {
    const [actions = '', when = ''] = right.split('\n');
    const Condition = conditions.get(when);
    return {
      Effect: 'Allow',
      Action: actions.split(','),
      Resource: resources,
      ...(Condition && { Condition }),
    };
  });
}

/** A policy that allows exactly this, in as few statements as can be. */
export const policyAllowing = (allowed: readonly Allowed[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statementsAllowing(allowed),
});

/**
 * The session policy of one run: what the actions of its plan need on what the plan names, and nothing else. The same
 * grants give the same document in whatever order they come.
 */
export const compileStatements = (grants: readonly Grant[], values: Readonly<Record<string, string>>): PolicyDocument =>
  policyAllowing(grants.map((grant) => renderGrant(grant, values)));

/** Whether a document fits into the inline session policy of AssumeRole. STS may still refuse it once packed with tags. */
export const checkSessionPolicySize = (document: PolicyDocument): boolean =>
  JSON.stringify(document).length <= sessionPolicyCharacters;
