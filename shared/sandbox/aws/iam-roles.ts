import type * as iam from '@aws-sdk/client-iam';
import * as z from 'zod';
import { type RoleRow, roles, sessions } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { attachable } from './iam-users.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { checkIdentityPolicy, checkTrustPolicy, PolicySource, policySize, policyText } from './policy-source.ts';
import { AwsFault } from './protocol/fault.ts';

/** A session that stands when the story begins, as an instance's own. */
const Session = z.strictObject({
  name: z.string(),
  accessKeyId: z.string(),
  secret: z.string(),
  token: z.string(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  context: z.record(z.string(), z.string()).default({}),
});
const Role = z.strictObject({
  name: z.string(),
  path: z.string().default('/'),
  roleId: z.string(),
  trust: PolicySource,
  attached: z.array(z.string()).default([]),
  inline: z.record(z.string(), PolicySource).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  boundary: z.string().optional(),
  sessions: z.array(Session).default([]),
});

const noSuch = (kind: string, name: string) =>
  new AwsFault('NoSuchEntity', `The ${kind} with name ${name} cannot be found.`, { status: 404 });

function roleOf({ view, account }: Call, name: string | undefined): RoleRow {
  const role = view.get(roles, `${account}/${name}`);
  if (role) return role;
  throw noSuch('role', name ?? '');
}

const roleArn = (
  { RoleName }: { readonly RoleName?: string | undefined },
  { view, account, partition }: Call,
): string =>
  view.get(roles, `${account}/${RoleName}`)?.arn ?? `arn:${partition}:iam::${account}:role/${RoleName ?? ''}`;

/** IAM refuses to edit roles that other services own. */
function editable(call: Call, name: string | undefined): RoleRow {
  const role = roleOf(call, name);
  if (role.path.startsWith('/aws-service-role/') || role.path.startsWith('/aws-reserved/'))
    throw new AwsFault(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      { status: 400 },
    );
  return role;
}

const put = ({ world }: Call, role: RoleRow): void => world.rows.put(roles, `${role.account}/${role.name}`, role);
const created = new Date('2025-01-01T00:00:00Z');

const operations = operationsOf<typeof iam>()({
  GetRole: {
    on: roleArn,
    does({ RoleName }, call) {
      const { name, path, roleId, arn, trust, tags } = roleOf(call, RoleName);
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const document = encodeURIComponent(trust);
      return {
        Role: {
          RoleName: name,
          Path: path,
          RoleId: roleId,
          Arn: arn,
          CreateDate: created,
          AssumeRolePolicyDocument: document,
          ...(Tags.length > 0 && { Tags }), // IAM leaves the list out where there are none
        },
      };
    },
  },
  ListAttachedRolePolicies: {
    on: roleArn,
    does({ RoleName, Marker, MaxItems }, call) {
      const { items, next } = page(roleOf(call, RoleName).attached, Marker, MaxItems);
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyArn: arn, PolicyName: arn.slice(arn.lastIndexOf('/') + 1) })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  },
  AttachRolePolicy: {
    on: roleArn,
    context: ({ PolicyArn }) => ({ 'iam:PolicyARN': PolicyArn ?? '' }),
    does({ RoleName, PolicyArn = '' }, call) {
      const role = editable(call, RoleName);
      if (!attachable(call, PolicyArn))
        throw new AwsFault('NoSuchEntity', `Policy ${PolicyArn} does not exist or is not attachable.`, { status: 404 });
      put(call, { ...role, attached: [...new Set([...role.attached, PolicyArn])] });
      return {};
    },
  },
  DetachRolePolicy: {
    on: roleArn,
    context: ({ PolicyArn }) => ({ 'iam:PolicyARN': PolicyArn ?? '' }),
    does({ RoleName, PolicyArn = '' }, call) {
      const role = editable(call, RoleName);
      if (!role.attached.includes(PolicyArn))
        throw new AwsFault('NoSuchEntity', `Policy ${PolicyArn} was not found.`, { status: 404 });
      put(call, { ...role, attached: role.attached.filter((arn) => arn !== PolicyArn) });
      return {};
    },
  },
  UpdateAssumeRolePolicy: {
    on: roleArn,
    does({ RoleName, PolicyDocument = '' }, call) {
      const role = editable(call, RoleName);
      checkTrustPolicy(PolicyDocument);
      put(call, { ...role, trust: PolicyDocument });
      return {};
    },
  },
  ListRolePolicies: {
    on: roleArn,
    does: ({ RoleName }, call) => ({ PolicyNames: Object.keys(roleOf(call, RoleName).inline), IsTruncated: false }),
  },
  GetRolePolicy: {
    on: roleArn,
    does({ RoleName, PolicyName = '' }, call) {
      const text = roleOf(call, RoleName).inline[PolicyName];
      if (text === undefined) throw noSuch('role policy', PolicyName);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(text) };
    },
  },
  PutRolePolicy: {
    on: roleArn,
    does({ RoleName, PolicyName = '', PolicyDocument = '' }, call) {
      const role = editable(call, RoleName);
      checkIdentityPolicy(PolicyDocument);
      const inline = { ...role.inline, [PolicyName]: PolicyDocument };
      if (policySize(Object.values(inline).join('')) > 10_240)
        throw new AwsFault('LimitExceeded', `Maximum policy size of 10240 bytes exceeded for role ${role.name}`, {
          status: 409,
        });
      put(call, { ...role, inline });
      return {};
    },
  },
  DeleteRolePolicy: {
    on: roleArn,
    does({ RoleName, PolicyName = '' }, call) {
      const role = editable(call, RoleName);
      if (role.inline[PolicyName] === undefined) throw noSuch('role policy', PolicyName);
      const { [PolicyName]: _, ...inline } = role.inline;
      put(call, { ...role, inline });
      return {};
    },
  },
});

/** IAM roles with their trust, their policies and the sessions that are open. */
export const iamRoles = awsNoun({
  name: 'roles',
  scope: 'account',
  estate: z.array(Role).default([]),
  seed(rows, list, { partition, account }) {
    for (const { sessions: open, trust, inline, boundary, ...role } of list) {
      rows.put(roles, `${account}/${role.name}`, {
        ...role,
        account,
        arn: `arn:${partition}:iam::${account}:role${role.path}${role.name}`,
        trust: policyText(trust),
        inline: Object.fromEntries(Object.entries(inline).map(([name, source]) => [name, policyText(source)])),
        ...(boundary !== undefined && { boundary }),
      });
      for (const { name, ...session } of open)
        rows.put(sessions, session.accessKeyId, {
          ...session,
          account,
          roleName: role.name,
          sessionName: name,
          policies: [],
        });
    }
  },
  operations: { iam: operations },
});
