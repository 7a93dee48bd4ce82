import type * as sso from '@aws-sdk/client-sso-admin';
import * as z from 'zod';
import { AwsAccountId } from '../../model/identifiers.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { checkIdentityPolicy, PolicySource, policySize, policyText } from './policy-source.ts';
import { AwsFault } from './protocol/fault.ts';
import { instanceOf, onBoth, setOf } from './sso-instance.ts';
import { provisioningOperations } from './sso-provisioning.ts';
import { assignments, instances, type PermissionSetRow, permissionSets } from './sso-rows.ts';

const Assignment = z.union([
  z.strictObject({ account: AwsAccountId, user: z.string() }),
  z.strictObject({ account: AwsAccountId, group: z.string() }),
]);
const PermissionSet = z.strictObject({
  /** `ps-` and 16 hex digits. */
  id: z.string(),
  name: z.string().max(32),
  inline: PolicySource.optional(),
  assignments: z.array(Assignment).default([]),
});
const IdentityCenter = z.strictObject({
  /** `ssoins-` and 16 hex digits. */
  id: z.string(),
  /** Id of the identity store. */
  store: z.string(),
  permissionSets: z.array(PermissionSet).default([]),
});

/** Changes the inline policy; the roles in the accounts stay as they are until it is provisioned. */
const edit = ({ world }: Call, set: PermissionSetRow, inline: string): void =>
  world.rows.put(permissionSets, set.arn, { ...set, inline, behind: set.accounts });

const operations = operationsOf<typeof sso>()({
  ListInstances: {
    does({ MaxResults, NextToken }, { view, account, region }) {
      const mine = view.all(instances).filter(([, one]) => one.account === account && one.region === region);
      const { items, next } = page(mine, NextToken, MaxResults);
      return {
        Instances: items.map(([arn, { store }]) => ({
          InstanceArn: arn,
          IdentityStoreId: store,
          OwnerAccountId: account,
          Status: 'ACTIVE',
        })),
        NextToken: next,
      };
    },
  },
  /** What is assigned to this very principal: what a user has through groups is asked for by group. */
  ListAccountAssignmentsForPrincipal: {
    on: ({ InstanceArn = '*' }) => InstanceArn,
    does({ InstanceArn, PrincipalId, PrincipalType, Filter, MaxResults, NextToken }, call) {
      const { arn: instance } = instanceOf(call, InstanceArn);
      const held = call.view
        .all(assignments)
        .map(([, one]) => one)
        .filter(({ permissionSet }) => call.view.get(permissionSets, permissionSet)?.instance === instance)
        .filter(({ type, principal }) => type === PrincipalType && principal === PrincipalId)
        .filter(({ account }) => Filter?.AccountId === undefined || Filter.AccountId === account);
      const { items, next } = page(held, NextToken, MaxResults);
      return {
        AccountAssignments: items.map(({ account, permissionSet, principal, type }) => ({
          AccountId: account,
          PermissionSetArn: permissionSet,
          PrincipalId: principal,
          PrincipalType: type,
        })),
        NextToken: next,
      };
    },
  },
  ListPermissionSets: {
    on: ({ InstanceArn = '*' }) => InstanceArn,
    does({ InstanceArn, MaxResults, NextToken }, call) {
      const { arn: instance } = instanceOf(call, InstanceArn);
      const mine = call.view.all(permissionSets).filter(([, set]) => set.instance === instance);
      const { items, next } = page(mine, NextToken, MaxResults);
      return { PermissionSets: items.map(([arn]) => arn), NextToken: next };
    },
  },
  DescribePermissionSet: {
    on: onBoth,
    does({ InstanceArn, PermissionSetArn }, call) {
      const { name, arn } = setOf(call, InstanceArn, PermissionSetArn);
      return { PermissionSet: { Name: name, PermissionSetArn: arn } };
    },
  },
  GetInlinePolicyForPermissionSet: {
    on: onBoth,
    does: ({ InstanceArn, PermissionSetArn }, call) => ({
      InlinePolicy: setOf(call, InstanceArn, PermissionSetArn).inline,
    }),
  },
  PutInlinePolicyToPermissionSet: {
    on: onBoth,
    does({ InstanceArn, PermissionSetArn, InlinePolicy = '' }, call) {
      const set = setOf(call, InstanceArn, PermissionSetArn);
      checkIdentityPolicy(InlinePolicy, 'ValidationException');
      if (policySize(InlinePolicy) > 32_768)
        throw new AwsFault('ServiceQuotaExceededException', 'The inline policy is too long.', { status: 400 });
      edit(call, set, InlinePolicy);
      return {};
    },
  },
  DeleteInlinePolicyFromPermissionSet: {
    on: onBoth,
    does({ InstanceArn, PermissionSetArn }, call) {
      const set = setOf(call, InstanceArn, PermissionSetArn);
      if (set.inline === '')
        throw new AwsFault('ResourceNotFoundException', 'There is no inline policy.', { status: 400 });
      edit(call, set, '');
      return {};
    },
  },
});

/** IAM Identity Center: permission sets, and who has them in which account. */
export const identityCenter = awsNoun({
  name: 'identityCenter',
  scope: 'region',
  estate: IdentityCenter.optional(),
  seed(rows, center, { partition, account, region }) {
    if (!center) return;
    const instance = `arn:${partition}:sso:::instance/${center.id}`;
    rows.put(instances, instance, { account, region, arn: instance, store: center.store });
    for (const { id, name, inline, assignments: given } of center.permissionSets) {
      const arn = `arn:${partition}:sso:::permissionSet/${center.id}/${id}`;
      const accounts = [...new Set(given.map((one) => one.account))];
      const text = inline === undefined ? '' : policyText(inline);
      rows.put(permissionSets, arn, { instance, arn, name, inline: text, accounts, behind: [] });
      for (const one of given) {
        const type = 'user' in one ? 'USER' : 'GROUP';
        const principal = 'user' in one ? one.user : one.group;
        const row = { permissionSet: arn, account: one.account, type, principal } as const;
        rows.put(assignments, `${arn}/${one.account}/${principal}`, row);
      }
    }
  },
  operations: { sso: { ...operations, ...provisioningOperations } },
});
