import type { PolicyDocument } from './document.ts';

/** A right an action declares: an IAM action, and the ARN it is needed on with `{name}` placeholders. */
export type Grant = { readonly allow: string; readonly on: string };

/** One action on one resource, as a policy writes it. */
export type Allowed = { readonly action: string; readonly resource: string };

/** The characters an inline session policy may have, white space left out. */
export const sessionPolicyCharacters = 2048;

/** A value as it stands in a policy: `*`, `?` and `$` lose their meaning, so that no name widens a grant. */
const literally = (value: string): string => value.replace(/[*?$]/g, (character) => `\${${character}}`);

/** A grant with its placeholders filled in; a value that is not known yet becomes `*`. */
export function renderGrant({ allow, on }: Grant, values: Readonly<Record<string, string>>): Allowed {
  const fill = (name: string) => (Object.hasOwn(values, name) ? literally(values[name] ?? '') : '*');
  return { action: allow, resource: on.replace(/(?<!\$)\{(\w+)\}/g, (_, name: string) => fill(name)) };
}

/** Collects the members of each key, sorted and without repetition; the keys are sorted too. */
function grouped(pairs: readonly (readonly [key: string, member: string])[]): (readonly [string, readonly string[]])[] {
  const groups = new Map<string, Set<string>>();
  for (const [key, member] of pairs) groups.set(key, (groups.get(key) ?? new Set()).add(member));
  return [...groups].map(([key, members]) => [key, [...members].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A policy that allows exactly this, in as few statements as there are different lists of actions. */
export function policyAllowing(allowed: readonly Allowed[]): PolicyDocument {
  const byResource = grouped(allowed.map(({ action, resource }) => [resource, action]));
  const byActions = grouped(byResource.map(([resource, actions]) => [actions.join(), resource]));
  return {
    Version: '2012-10-17',
    Statement: byActions.map(([actions, resources]) => ({
      Effect: 'Allow',
      Action: actions.split(','),
      Resource: resources,
    })),
  };
}

/**
 * The session policy of one run: what the actions of its plan need on what the plan names, and nothing else. The same
 * grants give the same document in whatever order they come.
 */
export const compileStatements = (grants: readonly Grant[], values: Readonly<Record<string, string>>): PolicyDocument =>
  policyAllowing(grants.map((grant) => renderGrant(grant, values)));

/** Whether a document fits into the inline session policy of AssumeRole. STS may still refuse it once packed with tags. */
export const checkSessionPolicySize = (document: PolicyDocument): boolean =>
  JSON.stringify(document).length <= sessionPolicyCharacters;
