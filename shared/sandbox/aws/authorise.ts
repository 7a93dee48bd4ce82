import type { PolicyDocument } from '../../policy/document.ts';
import { evaluate, type Verdict } from '../../policy/evaluate.ts';
import type { World } from '../world.ts';
import { groups, managedPolicies, resourcePolicies, roles, serviceControls, sessions, users } from './iam-rows.ts';
import type { Caller } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { bucketAt, bucketPolicies } from './s3-access.ts';

/** One thing a caller wants to do. */
export type Wish = {
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly region: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
};

type Owner = { readonly attached: readonly string[]; readonly inline: Readonly<Record<string, string>> };

function documentsOf({ rows, policy }: World, owners: readonly (Owner | undefined)[]): readonly PolicyDocument[] {
  return owners.flatMap((owner) => {
    if (!owner) return [];
    const attached = owner.attached.map((arn) => rows.lagged.get(managedPolicies, arn)?.document);
    return [...attached, ...Object.values(owner.inline)].flatMap((text) => (text === undefined ? [] : [policy(text)]));
  });
}

function identityOf(world: World, caller: Caller) {
  const { rows } = world;
  if (caller.type === 'user') {
    const user = rows.lagged.get(users, `${caller.account}/${caller.userName}`);
    const member = (user?.groups ?? []).map((name) => rows.lagged.get(groups, `${caller.account}/${name}`));
    return { identity: documentsOf(world, [user, ...member]), boundary: user?.boundary };
  }
  const role = rows.lagged.get(roles, `${caller.account}/${caller.roleName}`);
  return { identity: documentsOf(world, [role]), boundary: role?.boundary };
}

/** Whose the resource is and what its own policies say to this caller; `trust` stands for them. */
function resourceOf(world: World, caller: Caller, { resource, resourceAccount }: Wish, trust: string | undefined) {
  const bucket = bucketAt(world, resource);
  if (bucket) return { account: bucket.account, policies: bucketPolicies(world, bucket, caller, resource) };
  const text = trust ?? world.rows.lagged.get(resourcePolicies, resource)?.document;
  return { account: resourceAccount, policies: text === undefined ? undefined : [world.policy(text)] };
}

/** What AWS would say to a wish of this caller, by every policy that applies (docs.aws.amazon.com/IAM, "Policy evaluation logic"). `trust` stands for the resource's own policy. */
export function judge(world: World, caller: Caller, wish: Wish, trust?: string): Verdict {
  const { rows, clock, policy } = world;
  const { identity, boundary } =
    caller.type === 'anonymous' ? { identity: [], boundary: undefined } : identityOf(world, caller);
  const session = rows.get(sessions, caller.accessKeyId);
  const { account: resourceAccount, policies: resource } = resourceOf(world, caller, wish, trust);
  const limit = boundary === undefined ? undefined : rows.lagged.get(managedPolicies, boundary)?.document;
  const control = rows.get(serviceControls, caller.account)?.documents;
  const role = caller.roleName === undefined ? undefined : rows.get(roles, `${caller.account}/${caller.roleName}`);
  return evaluate({
    identity,
    resource,
    boundary: limit === undefined ? undefined : [policy(limit)],
    session: session && session.policies.length > 0 ? session.policies.map(policy) : undefined,
    serviceControl: control ? [control.map(policy)] : undefined,
    request: {
      principal: {
        arn: caller.arn,
        account: caller.account,
        type: caller.type,
        userId: caller.userId,
        roleArn: role?.arn,
      },
      action: wish.action,
      resource: wish.resource,
      resourceAccount,
      context: {
        'aws:CurrentTime': clock.now(),
        'aws:RequestedRegion': wish.region,
        ...(caller.issuedAt !== undefined && { 'aws:TokenIssueTime': caller.issuedAt }),
        ...(caller.userName !== undefined && { 'aws:username': caller.userName }),
        ...caller.context,
        ...wish.context,
      },
    },
  });
}

const kinds = {
  serviceControl: 'a service control policy',
  resource: 'a resource-based policy',
  identity: 'an identity-based policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
} as const;

/** The refusal, in the words of the service (docs.aws.amazon.com/IAM, "Troubleshoot access denied error messages"). */
export function denial(
  service: string,
  caller: Caller,
  { action, resource }: Wish,
  { decision, by }: Verdict,
): AwsFault {
  const because =
    decision === 'explicitDeny'
      ? `with an explicit deny in ${kinds[by?.policy ?? 'identity']}`
      : `because no ${kinds[by?.policy ?? 'identity'].replace(/^an? /, '')} allows the ${action} action`;
  const who = caller.type === 'anonymous' ? 'Anonymous' : `User: ${caller.arn}`;
  const message = `${who} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  if (service === 'ec2')
    return new AwsFault('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`, {
      status: 403,
    });
  if (service === 'sns') return new AwsFault('AuthorizationError', message, { status: 403 });
  const code = [
    'sso',
    'guardduty',
    'cloudtrail',
    'config',
    'securityhub',
    'identitystore',
    'lambda',
    'events',
  ].includes(service)
    ? 'AccessDeniedException'
    : 'AccessDenied';
  return new AwsFault(code, message, { status: 403 });
}
