import type * as iam from '@aws-sdk/client-iam';
import * as z from 'zod';
import { judge } from './authorise.ts';
import type { Table } from '../rows.ts';
import { groups, managedPolicies, policiesPerUser, roles, users } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, type Caller, operationsOf, page } from './operation.ts';
import { PolicySource, policyText } from './policy-source.ts';
import { AwsFault } from './protocol/fault.ts';

const Policy = z.strictObject({ name: z.string(), path: z.string().default('/'), document: PolicySource });

const noSuch = (message: string) => new AwsFault('NoSuchEntity', message, { status: 404 });

/** The user or role of an ARN, as if it called with these condition keys. */
function simulated({ view, account }: Call, arn: string, context: Caller['context']): Caller {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const user = view.get(users, `${account}/${name}`);
  if (user?.arn === arn)
    return { type: 'user', arn, account, userId: user.userId, userName: name, accessKeyId: '', context };
  const role = view.get(roles, `${account}/${name}`);
  if (role?.arn !== arn) throw noSuch(`The entity ${arn} cannot be found.`);
  const session = `arn:${arn.split(':')[1]}:sts::${account}:assumed-role/${name}/simulated`;
  const userId = `${role.roleId}:simulated`;
  return { type: 'role-session', arn: session, account, userId, roleName: name, accessKeyId: '', context };
}

const contextOf = (entries: readonly iam.ContextEntry[] = []): Caller['context'] =>
  Object.fromEntries(
    entries.map(({ ContextKeyName = '', ContextKeyValues: [value = ''] = [] }) => [ContextKeyName, value]),
  );

const operations = operationsOf<typeof iam>()({
  GetPolicy: {
    on: ({ PolicyArn = '*' }) => PolicyArn,
    does({ PolicyArn = '' }, { view }) {
      const policy = view.get(managedPolicies, PolicyArn);
      if (!policy) throw noSuch(`Policy ${PolicyArn} was not found.`);
      const attached = [...view.all(users), ...view.all(roles)].filter(([, row]) => row.attached.includes(policy.arn));
      return {
        Policy: {
          PolicyName: policy.name,
          Arn: policy.arn,
          DefaultVersionId: 'v1',
          AttachmentCount: attached.length,
          IsAttachable: true,
        },
      };
    },
  },
  ListEntitiesForPolicy: {
    on: ({ PolicyArn = '*' }) => PolicyArn,
    does({ PolicyArn = '', Marker, MaxItems }, { view, account }) {
      const of = <T extends { readonly account: string; readonly attached: readonly string[] }>(table: Table<T>) =>
        view
          .all(table)
          .flatMap(([, row]) => (row.account === account && row.attached.includes(PolicyArn) ? [row] : []));
      const entities = [
        ...of(groups).map(({ name }) => ({ group: { GroupName: name } })),
        ...of(users).map(({ name, userId }) => ({ user: { UserName: name, UserId: userId } })),
        ...of(roles).map(({ name, roleId }) => ({ role: { RoleName: name, RoleId: roleId } })),
      ];
      const { items, next } = page(entities, Marker, MaxItems);
      return {
        PolicyGroups: items.flatMap((one) => ('group' in one ? [one.group] : [])),
        PolicyUsers: items.flatMap((one) => ('user' in one ? [one.user] : [])),
        PolicyRoles: items.flatMap((one) => ('role' in one ? [one.role] : [])),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  },
  GetAccountSummary: {
    does: (_, { view, account }) => ({
      SummaryMap: {
        Users: view.all(users).filter(([, user]) => user.account === account).length,
        AttachedPoliciesPerUserQuota: policiesPerUser,
      },
    }),
  },
  /** Against everything, with the entity's own policies, its boundary and its account's service control policies. */
  SimulatePrincipalPolicy: {
    on: ({ PolicySourceArn = '*' }) => PolicySourceArn,
    does({ PolicySourceArn = '', ActionNames = [], ContextEntries, Marker, MaxItems, ...more }, call) {
      const [unknown] = Object.keys(more);
      if (unknown !== undefined)
        throw new AwsFault('NotImplemented', `the sandbox simulates no ${unknown}`, { status: 501 });
      const caller = simulated(call, PolicySourceArn, contextOf(ContextEntries));
      const { world, account: resourceAccount, region } = call;
      const { items, next } = page(ActionNames, Marker, MaxItems);
      return {
        EvaluationResults: items.map((action) => ({
          EvalActionName: action,
          EvalResourceName: '*',
          EvalDecision: judge(world, caller, { action, resource: '*', resourceAccount, region, context: {} }).decision,
        })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  },
});

/** Customer-managed policies, and what the account allows of them. */
export const iamPolicies = awsNoun({
  name: 'policies',
  scope: 'account',
  estate: z.array(Policy).default([]),
  seed(rows, list, { partition, account }) {
    const administrator = `arn:${partition}:iam::aws:policy/AdministratorAccess`;
    const everything = policyText({ allow: ['*'], on: '*' });
    rows.put(managedPolicies, administrator, { arn: administrator, name: 'AdministratorAccess', document: everything });
    for (const { name, path, document } of list) {
      const arn = `arn:${partition}:iam::${account}:policy${path}${name}`;
      rows.put(managedPolicies, arn, { arn, name, document: policyText(document) });
    }
  },
  operations: { iam: operations },
});
