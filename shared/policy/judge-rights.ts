import { accessLevels } from './access-levels.ts';
import type { AwsPolicies } from './compile-aws.ts';
import { type AzureRights, type Holder, unpublished } from './compile-azure.ts';
import type { Statement } from './document.ts';
import { type Accepted, acceptedPaths, type EscalationPath, escalationPaths } from './escalation.ts';
import { foundationsReached } from './judge-foundations.ts';
import { boundsAssigning } from './role-assigning.ts';
import { policiesPerRole } from './split.ts';
import { fits, glob } from './wildcard.ts';

/** Something that no compiled right may be. */
export type RightsFault = {
  readonly code:
    | 'wildcard-action'
    | 'wildcard-resource'
    | 'grants-nothing'
    | 'unknown-right'
    | 'reader-writes'
    | 'too-many-policies'
    | 'escalation'
    | 'reaches-foundations';
  readonly holder: Holder;
  readonly detail: string;
};

/** A way to more rights that a holder has, and why it is accepted; undefined where it is not. */
export type PathFound = { readonly holder: Holder; readonly path: string; readonly because: string | undefined };

const holders = ['reader', 'writer'] as const;
const covers = (pattern: string, right: string): boolean => fits(glob(pattern.toLowerCase()), right.toLowerCase());

/** A statement with no condition on the key that would take the way away. */
const leaves = ({ Condition = {} }: Statement, { boundBy }: EscalationPath): boolean =>
  boundBy === undefined || !Object.values(Condition).some((keys) => Object.hasOwn(keys, boundBy));

/** The reason for which the writer may keep a way. */
const reasonFor = (holder: Holder, path: string): Accepted | undefined =>
  holder === 'writer' && Object.hasOwn(acceptedPaths, path) ? acceptedPaths[path] : undefined;

/** Whether statements are as the reason for a way says. */
function isTrue({ only, never }: Accepted, statements: readonly Statement[]): boolean {
  const about = (right: string, effect: Statement['Effect']): readonly Statement[] =>
    statements.filter(({ Effect, Action = [] }) => Effect === effect && Action.some((one) => covers(one, right)));
  const bound = ({ Condition = {} }: Statement): boolean =>
    only === undefined || Condition['StringEquals']?.[only.key]?.join() === only.value;
  const denied = ({ Condition, Resource = [] }: Statement, on: string): boolean =>
    Condition === undefined && Resource.some((one) => one.endsWith(on));
  return (
    (only === undefined || about(only.right, 'Allow').every(bound)) &&
    (never === undefined || about(never.right, 'Deny').some((one) => denied(one, never.on)))
  );
}

const allowing = ({ documents }: AwsPolicies): readonly Statement[] =>
  documents.flatMap(({ Statement: all }) => all.filter(({ Effect }) => Effect === 'Allow'));

/** The ways to more rights that policies leave open. */
export function awsPaths(policies: { readonly [H in Holder]: AwsPolicies }): readonly PathFound[] {
  return holders.flatMap((holder) => {
    const statements = allowing(policies[holder]);
    const all = policies[holder].documents.flatMap((document) => document.Statement);
    const because = (path: string): string | undefined => {
      const reason = reasonFor(holder, path);
      return reason && isTrue(reason, all) ? reason.because : undefined;
    };
    const open = (path: EscalationPath) =>
      path.needs.every((right, at) =>
        statements.some(
          (one) => (one.Action ?? []).some((action) => covers(action, right)) && (at > 0 || leaves(one, path)),
        ),
      );
    return escalationPaths.aws.filter(open).map(({ name: path }) => ({ holder, path, because: because(path) }));
  });
}

const bareFault = (action: string, statement: Statement): Omit<RightsFault, 'holder'> | undefined => {
  const any = (statement.Resource ?? []).includes('*');
  if (/[*?]/.test(action)) return { code: 'wildcard-action', detail: action };
  const known = Object.hasOwn(accessLevels, action) ? accessLevels[action] : undefined;
  if (!known) return { code: 'unknown-right', detail: action };
  if (any && known.bound) return { code: 'wildcard-resource', detail: `${action}, which AWS can bound to resources` };
  if (any && !statement.Condition)
    return { code: 'wildcard-resource', detail: `${action} on everything, under no condition` };
  if (!any && !known.bound) return { code: 'grants-nothing', detail: `${action} on resources, where AWS knows only *` };
  return undefined;
};

const mayRead = (action: string): boolean =>
  (accessLevels[action]?.level ?? '').split(', ').every((level) => level === 'Read' || level === 'List');

const escalating = (found: readonly PathFound[]): readonly RightsFault[] =>
  found
    .filter(({ because }) => because === undefined)
    .map(({ holder, path }) => ({ code: 'escalation', holder, detail: path }));

/** What is wrong with the policies of both roles; nothing, as a rule. */
export function judgeAws(policies: { readonly [H in Holder]: AwsPolicies }): readonly RightsFault[] {
  const each = holders.flatMap((holder) => {
    const { documents } = policies[holder];
    const rights = allowing(policies[holder]).flatMap((one) => (one.Action ?? []).map((action) => ({ action, one })));
    const faults = rights.flatMap(({ action, one }) => bareFault(action, one) ?? []);
    const writing = holder === 'reader' ? rights.filter(({ action }) => !mayRead(action)) : [];
    return [
      ...faults.map((fault): RightsFault => ({ holder, ...fault })),
      ...writing.map(
        ({ action }): RightsFault => ({
          code: 'reader-writes',
          holder,
          detail: `${action}, which AWS calls ${accessLevels[action]?.level ?? 'nothing'}`,
        }),
      ),
      ...foundationsReached(documents).map((detail): RightsFault => ({ code: 'reaches-foundations', holder, detail })),
      ...(documents.length > policiesPerRole
        ? [{ code: 'too-many-policies', holder, detail: `${documents.length} of ${policiesPerRole}` } as const]
        : []),
    ];
  });
  return [...each, ...escalating(awsPaths(policies))];
}

/**
 * Reads that Azure answers to a POST, and so calls actions. The credential of a cluster's user is its address and its
 * authority, and nobody's key, where local accounts are disabled, as SECURITY.md asks for.
 */
export const readsByPost: readonly string[] = [
  'Microsoft.SecurityInsights/incidents/entities/action',
  'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
];

/** The ways to more rights that roles and Graph permissions leave open. */
export function azurePaths({ roles, graph, entra }: AzureRights): readonly PathFound[] {
  const permissions = [
    ...graph.map(({ holder, permission }) => ({ holder, right: `graph:${permission}` })),
    ...entra.map(({ holder, permission }) => ({ holder, right: `entra:${permission}` })),
  ];
  return holders.flatMap((holder) => {
    const mine = roles.filter((role) => role.holder === holder);
    const has = (right: string, bounded: boolean): boolean =>
      permissions.some((one) => one.holder === holder && one.right === right) ||
      mine.some(
        ({ actions, dataActions, condition }) =>
          [...actions, ...dataActions].some((action) => covers(action, right)) &&
          !(bounded && boundsAssigning(condition)),
      );
    return escalationPaths.azure
      .filter(({ needs, boundBy }) => needs.every((right) => has(right, boundBy !== undefined)))
      .map(({ name: path }) => ({ holder, path, because: reasonFor(holder, path)?.because }));
  });
}

/** What is wrong with the roles and Graph permissions of both identities. */
export function judgeAzure(rights: AzureRights): readonly RightsFault[] {
  const named = rights.roles.flatMap(({ holder, actions, dataActions }) =>
    [...actions, ...dataActions].map((action) => ({ holder, action })),
  );
  const wide = named.filter(({ action }) => action.includes('*') && action !== unpublished);
  const writing = named.filter(
    ({ holder, action }) => holder === 'reader' && !action.endsWith('/read') && !readsByPost.includes(action),
  );
  const granted = [
    ...rights.graph.filter(({ permission }) => !/\.Read\./.test(permission)),
    ...rights.entra.filter(({ permission }) => !permission.endsWith('/read')),
  ].filter(({ holder }) => holder === 'reader');
  return [
    ...wide.map(({ holder, action }): RightsFault => ({ code: 'wildcard-action', holder, detail: action })),
    ...writing.map(({ holder, action }): RightsFault => ({ code: 'reader-writes', holder, detail: action })),
    ...granted.map(({ holder, permission }): RightsFault => ({ code: 'reader-writes', holder, detail: permission })),
    ...escalating(azurePaths(rights)),
  ];
}
