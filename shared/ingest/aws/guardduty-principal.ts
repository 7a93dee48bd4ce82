import { formatArn, InstanceId } from '../../model/identifiers.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import type { AccessKeyDetails } from './guardduty-detail.ts';

/** Where a finding plays, and what else in it tells how a session came to be. */
export type Scene = {
  readonly partition: string;
  /** The caller's account where GuardDuty names it, else the finding's. */
  readonly account: string;
  readonly remoteAccount: string | undefined;
  readonly region: string;
  readonly instanceId: string | undefined;
  readonly lambdaRole: string | undefined;
};

/** Who held the credentials: the actor, and the same principal as targets; the first is what the finding names. */
export type Principal = { readonly actor: Omit<Actor, 'addresses'>; readonly targets: readonly Target[] };

type Held = AccessKeyDetails & Scene;

const arnOf = ({ partition, account }: Scene, service: string, resource: string): string =>
  formatArn({ partition, service, region: '', account, resource });

const global = (held: Held): { account: string; region: string; role: 'affected' } => ({
  account: held.account,
  region: '',
  role: 'affected',
});

const other = (held: Held, kind: string, id: string, name: string): Target => ({
  type: 'other',
  id,
  name,
  ...global(held),
  kind,
});

/** A principal that no action knows: kept under whatever names it. */
function unnamed(held: Held, type: Actor['type'], kind: string): Principal | undefined {
  const { principalId, userName, accessKeyId, account } = held;
  const id = principalId ?? userName ?? accessKeyId;
  return id === undefined
    ? undefined
    : {
        actor: { type, account, userName, principalId, accessKeyId },
        targets: [other(held, kind, id, userName ?? id)],
      };
}

/** The path of a user is not in the finding, so the ARN is that of a user without one. */
function userOf(held: Held): Principal | undefined {
  const { userName, accessKeyId, principalId, account } = held;
  if (userName === undefined) return unnamed(held, 'iam-user', 'iam-user');
  const id = arnOf(held, 'iam', `user/${userName}`);
  const user: Target = { type: 'aws.iam.user', id, name: userName, ...global(held), userName, accessKeyId };
  const actor: Principal['actor'] = { type: 'iam-user', account, userName, accessKeyId, principalId };
  if (!accessKeyId?.startsWith('AKIA')) return { actor, targets: [user] };
  const key: Target = {
    type: 'aws.iam.access-key',
    id: `${id}#${accessKeyId}`,
    name: accessKeyId,
    ...global(held),
    userName,
    accessKeyId,
  };
  return { actor, targets: [key, { ...user, role: 'related' }] };
}

const permissionSetRole = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/;

/** As far as the finding tells; a session's name is free text to whoever may assume the role. */
function sessionKindOf(roleName: string, sessionName: string, lambdaRole: string | undefined): Actor['sessionKind'] {
  if (roleName.startsWith('AWSReservedSSO_')) return 'sso';
  if (lambdaRole?.endsWith(`/${roleName}`)) return 'lambda';
  return InstanceId.safeParse(sessionName).success ? 'instance' : 'assumed';
}

/** `userName` is the role's name and `principalId` is `AROA…:session` (IAM user guide, "aws:userid"). */
function sessionOf(held: Held): Principal | undefined {
  const { userName: roleName, principalId, accessKeyId, account } = held;
  const colon = principalId?.indexOf(':') ?? -1;
  const sessionName = colon > 0 ? principalId?.slice(colon + 1) : undefined;
  if (!roleName || !principalId || !sessionName) return unnamed(held, 'role-session', 'role-session');
  const kind = sessionKindOf(roleName, sessionName, held.lambdaRole) ?? 'assumed';
  const instanceId = kind === 'instance' ? (held.instanceId ?? sessionName) : undefined;
  const permissionSet = permissionSetRole.exec(roleName)?.[1];
  const shared = { principalId, sessionName, accessKeyId, instanceId, permissionSet };
  const role = { name: roleName, arn: arnOf(held, 'iam', `role/${roleName}`) };
  const id = arnOf(held, 'sts', `assumed-role/${roleName}/${sessionName}`);
  return {
    actor: { type: 'role-session', account, ...shared, sessionKind: kind, role },
    targets: [
      {
        type: 'aws.iam.role-session',
        id,
        name: `${roleName}/${sessionName}`,
        ...global(held),
        ...shared,
        kind,
        roleName,
      },
    ],
  };
}

function rootOf(held: Held): Principal {
  const { accessKeyId, principalId, account } = held;
  return {
    actor: { type: 'root', account, accessKeyId, principalId },
    targets: [other(held, 'root', arnOf(held, 'iam', 'root'), 'root')],
  };
}

function federatedUserOf(held: Held): Principal | undefined {
  const { userName, principalId, accessKeyId, account } = held;
  if (userName === undefined) return unnamed(held, 'federated-user', 'federated-user');
  const id = arnOf(held, 'sts', `federated-user/${userName}`);
  return {
    actor: { type: 'federated-user', account, userName, principalId, accessKeyId },
    targets: [other(held, 'federated-user', id, userName)],
  };
}

/** Another account or a service: of the finding's own account only what GuardDuty says it is. */
function outsider(held: Held, type: 'aws-account' | 'aws-service'): Principal | undefined {
  const principal = unnamed(held, type, type);
  return principal && { ...principal, actor: { ...principal.actor, account: held.remoteAccount } };
}

/** By `userType` (docs.aws.amazon.com/guardduty, "Finding details", access key). */
const readers: ReadonlyMap<string, (held: Held) => Principal | undefined> = new Map([
  ['IAMUser', userOf],
  ['AssumedRole', sessionOf],
  ['Role', sessionOf],
  ['FederatedUser', federatedUserOf],
  ['Root', rootOf],
  ['AWSAccount', (held: Held) => outsider(held, 'aws-account')],
  ['AWSService', (held: Held) => outsider(held, 'aws-service')],
]);

/** The principal behind `accessKeyDetails`; undefined where the finding names none. */
export function principalOf(scene: Scene, details: AccessKeyDetails): Principal | undefined {
  const held = { ...details, ...scene };
  const read = readers.get(details.userType ?? '');
  return read ? read(held) : unnamed(held, 'other', details.userType ?? 'principal');
}
