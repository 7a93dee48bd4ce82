import type * as sso from '@aws-sdk/client-sso-admin';
import type { World } from '../world.ts';
import { roles } from './iam-rows.ts';
import { type Call, type Operations, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { instanceOf, onBoth, setOf } from './sso-instance.ts';
import { type PermissionSetRow, type ProvisioningRow, permissionSets, provisionings } from './sso-rows.ts';

/** How long a provisioning takes here; the real one takes minutes over many accounts. */
const provisioningSeconds = 20;

/** The name under which the inline policy of a permission set stands in its roles. */
const rolePolicy = 'AwsSSOInlinePolicy';

/** Writes the inline policy into the role that an account has for a permission set. */
function provision({ rows }: World, { name, inline }: PermissionSetRow, account: string): void {
  for (const [key, role] of rows.all(roles)) {
    if (role.account !== account || !role.name.startsWith(`AWSReservedSSO_${name}_`)) continue;
    const { [rolePolicy]: _, ...rest } = role.inline;
    rows.put(roles, key, { ...role, inline: inline === '' ? rest : { ...rest, [rolePolicy]: inline } });
  }
}

function finish(world: World, provisioning: ProvisioningRow): void {
  const { rows } = world;
  const { accounts, permissionSet, requestId } = provisioning;
  const set = rows.get(permissionSets, permissionSet);
  const failed = !set || set.failure !== undefined;
  rows.put(provisionings, requestId, { ...provisioning, status: failed ? 'FAILED' : 'SUCCEEDED' });
  if (failed) return;
  for (const account of accounts) provision(world, set, account);
  rows.put(permissionSets, set.arn, { ...set, behind: set.behind.filter((account) => !accounts.includes(account)) });
}

/** Lets those provisionings take effect whose time has come. Their effect shows from the next call to Identity Center on. */
export function settle({ world }: Call): void {
  const due = world.clock.milliseconds - provisioningSeconds * 1_000;
  for (const [, provisioning] of world.rows.all(provisionings))
    if (provisioning.status === 'IN_PROGRESS' && Date.parse(provisioning.startedAt) <= due) finish(world, provisioning);
}

const describe = (
  { requestId, permissionSet, status, startedAt }: ProvisioningRow,
  failure?: string,
): sso.PermissionSetProvisioningStatus => ({
  RequestId: requestId,
  PermissionSetArn: permissionSet,
  Status: status,
  CreatedDate: new Date(startedAt),
  ...(status === 'FAILED' && { FailureReason: failure ?? 'The permission set is gone.' }),
});

/** What brings a permission set into its accounts, which takes its time. */
export const provisioningOperations: Operations = operationsOf<typeof sso>()({
  ListAccountsForProvisionedPermissionSet: {
    on: onBoth,
    does({ InstanceArn, PermissionSetArn, ProvisioningStatus, MaxResults, NextToken }, call) {
      settle(call);
      const { accounts, behind } = setOf(call, InstanceArn, PermissionSetArn);
      const wanted = accounts.filter(
        (account) =>
          ProvisioningStatus === undefined ||
          behind.includes(account) === (ProvisioningStatus === 'LATEST_PERMISSION_SET_NOT_PROVISIONED'),
      );
      const { items, next } = page(wanted, NextToken, MaxResults);
      return { AccountIds: [...items], NextToken: next };
    },
  },
  ProvisionPermissionSet: {
    on: (input, call) => {
      const everywhere = call.view.get(permissionSets, input.PermissionSetArn ?? '')?.accounts ?? [];
      const targets = input.TargetType === 'AWS_ACCOUNT' ? [input.TargetId ?? ''] : everywhere;
      return [...onBoth(input), ...targets.map((account) => `arn:${call.partition}:sso:::account/${account}`)];
    },
    does({ InstanceArn, PermissionSetArn, TargetType, TargetId }, call) {
      settle(call);
      const { world } = call;
      const set = setOf(call, InstanceArn, PermissionSetArn);
      if (
        world.rows.all(provisionings).some(([, one]) => one.permissionSet === set.arn && one.status === 'IN_PROGRESS')
      )
        throw new AwsFault('ConflictException', 'A provisioning of this permission set is in progress.', {
          status: 400,
        });
      const accounts = TargetType === 'AWS_ACCOUNT' ? [TargetId ?? ''] : set.accounts;
      const requestId = `00000000-0000-4000-8000-${String(world.next('sso.provisioning')).padStart(12, '0')}`;
      const startedAt = world.clock.now();
      const row: ProvisioningRow = { requestId, permissionSet: set.arn, accounts, status: 'IN_PROGRESS', startedAt };
      world.rows.put(provisionings, requestId, row);
      return { PermissionSetProvisioningStatus: describe(row) };
    },
  },
  DescribePermissionSetProvisioningStatus: {
    on: ({ InstanceArn = '*' }) => InstanceArn,
    does({ InstanceArn, ProvisionPermissionSetRequestId = '' }, call) {
      settle(call);
      instanceOf(call, InstanceArn);
      const row = call.world.rows.get(provisionings, ProvisionPermissionSetRequestId);
      if (!row) throw new AwsFault('ResourceNotFoundException', 'Provisioning request not found.', { status: 400 });
      const failure = call.world.rows.get(permissionSets, row.permissionSet)?.failure;
      return { PermissionSetProvisioningStatus: describe(row, failure) };
    },
  },
});
