import { foundations } from './denials.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { evaluate } from './evaluate.ts';

/** What writes the policies or the trust of a role, or hands it to a machine. */
const overRoles = [
  'iam:AttachRolePolicy',
  'iam:DeleteRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PassRole',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRole',
] as const;

/** Names as they are deployed: a pattern stands for one of its own, the rest for themselves. */
const roles = [
  ...['run', 'schedule', 'request', 'event', 'home', 'from-azure'].map((name) => `cordon-production-${name}`),
  ...['CordonReader', 'CordonWriter', 'CordonForwarder-eu-west-1', 'CordonDeploy', 'CordonBreakGlass'],
  ...foundations.map((name) => name.replace('*', '1a2b')),
];

/** A policy as if every condition of what it allows held, and none of what it denies. */
const atWorst = ({ Statement: all, ...document }: PolicyDocument): PolicyDocument => ({
  ...document,
  Statement: all
    .filter(({ Effect, Condition }) => Effect === 'Allow' || Condition === undefined)
    .map(({ Condition: _, ...statement }): Statement => statement),
});

/** Where the roles of an account stand, as its own policies name it: with the account, or with what stands for it. */
function placesIn(documents: readonly PolicyDocument[]): readonly string[] {
  const named = documents
    .flatMap(({ Statement: all }) => all.flatMap(({ Resource = [] }) => Resource))
    .flatMap((resource) => /^arn:[^:]+:iam::[^:]+:/.exec(resource)?.[0] ?? []);
  return [...new Set(named.length > 0 ? named : ['arn:aws:iam::000000000000:'])];
}

/**
 * The roles that Cordon or the organisation stands on which a holder of these policies could change, as
 * `iam:PutRolePolicy on CordonWriter`: whoever can has every right that these have. None, or the policies are no good.
 */
export function foundationsReached(documents: readonly PolicyDocument[]): readonly string[] {
  const identity = documents.map(atWorst);
  const allowed = (action: string, resource: string): boolean => {
    const [, , , , account = ''] = resource.split(':');
    const arn = `${resource.split(':').slice(0, 5).join(':')}:role/holder`;
    const principal = { type: 'role-session', account, arn, roleArn: arn, userId: 'AROAHOLDER:cordon-run' } as const;
    const request = { principal, action, resource, resourceAccount: account, context: {} };
    return evaluate({ identity, request }).decision === 'allowed';
  };
  return overRoles.flatMap((action) =>
    roles
      .filter((name) => placesIn(documents).some((place) => allowed(action, `${place}role/${name}`)))
      .map((name) => `${action} on ${name}`),
  );
}
