import {
  GetUserIdCommand,
  IdentitystoreClient,
  paginateListGroupMembershipsForMember,
} from '@aws-sdk/client-identitystore';
import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListInstancesCommand,
  type PrincipalType,
  paginateListAccountAssignmentsForPrincipal,
  paginateListAccountsForProvisionedPermissionSet,
  paginateListPermissionSets,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import { describe, expect, it } from 'vitest';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { permissionSets } from '../../shared/sandbox/aws/sso-rows.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';

const [home, member, other] = ['999988887777', '111122223333', '444455556666'] as const;
const InstanceArn = 'arn:aws:sso:::instance/ssoins-72230aa11bb22cc3';
const setArn = (id: string) => `arn:aws:sso:::permissionSet/ssoins-72230aa11bb22cc3/${id}`;
const power = { InstanceArn, PermissionSetArn: setArn('ps-power') };
const roleName = 'AWSReservedSSO_Power_0123456789abcdef';
const role = { name: roleName, path: '/aws-reserved/sso.amazonaws.com/', roleId: 'AROASSO', trust: [] };
const IdentityStoreId = 'd-9067aa11bb';
const key = (id: string) => ({ name: id, keys: [{ id, secret: 's' }], inline: { all: { allow: ['*'] } } });
const deny = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });

function play() {
  const sandbox = createSandbox(
    Estate.parse({
      name: 'Identity Center',
      now: '2026-01-01T00:00:00.000Z',
      aws: {
        accounts: {
          [home]: {
            name: 'home',
            users: [key('AKIAHOME000000000001')],
            regions: {
              'us-east-1': {
                identityStore: {
                  id: IdentityStoreId,
                  users: [{ id: 'u-1', name: 'maria', groups: ['g-1', 'g-2', 'g-3'] }],
                },
                identityCenter: {
                  id: 'ssoins-72230aa11bb22cc3',
                  store: IdentityStoreId,
                  permissionSets: [
                    {
                      id: 'ps-power',
                      name: 'Power',
                      assignments: [
                        { account: member, user: 'u-1' },
                        { account: other, user: 'u-1' },
                        { account: other, group: 'g-1' },
                      ],
                    },
                    { id: 'ps-read', name: 'Read' },
                    { id: 'ps-bill', name: 'Bill' },
                  ],
                },
              },
            },
          },
          [member]: { name: 'member', users: [key('AKIAMEMBER0000000001')], roles: [role] },
          [other]: { name: 'other', roles: [role] },
        },
      },
    }),
  );
  const client = new SSOAdminClient(holding(sandbox, 'AKIAHOME000000000001', 'us-east-1'));
  const store = new IdentitystoreClient(holding(sandbox, 'AKIAHOME000000000001', 'us-east-1'));
  const provision = (more: object = {}) =>
    client.send(new ProvisionPermissionSetCommand({ ...power, TargetType: 'ALL_PROVISIONED_ACCOUNTS', ...more }));
  const status = async (started: Awaited<ReturnType<typeof provision>>) => {
    const ProvisionPermissionSetRequestId = started.PermissionSetProvisioningStatus?.RequestId;
    const ask = { InstanceArn, ProvisionPermissionSetRequestId };
    const answer = await client.send(new DescribePermissionSetProvisioningStatusCommand(ask));
    return answer.PermissionSetProvisioningStatus;
  };
  const behind = async (
    ProvisioningStatus: 'LATEST_PERMISSION_SET_PROVISIONED' | 'LATEST_PERMISSION_SET_NOT_PROVISIONED',
  ) => {
    const asked = { ...power, ProvisioningStatus };
    const pages = await Array.fromAsync(paginateListAccountsForProvisionedPermissionSet({ client }, asked));
    return pages.flatMap(({ AccountIds = [] }) => AccountIds);
  };
  const put = (InlinePolicy = deny) =>
    client.send(new PutInlinePolicyToPermissionSetCommand({ ...power, InlinePolicy }));
  const inRole = (account: string) => sandbox.rows.get(roles, `${account}/${roleName}`)?.inline['AwsSSOInlinePolicy'];
  return { sandbox, client, store, provision, status, behind, put, inRole };
}

describe('an identity store', () => {
  const ask = (AttributeValue: string, AttributePath = 'userName', id = IdentityStoreId) =>
    new GetUserIdCommand({
      IdentityStoreId: id,
      AlternateIdentifier: { UniqueAttribute: { AttributePath, AttributeValue } },
    });

  it('finds people by name', async () => {
    const { store } = play();
    expect(await store.send(ask('maria'))).toMatchObject({ UserId: 'u-1' });
    expect(await refusal(store.send(ask('nobody')))).toBe('ResourceNotFoundException');
    expect(await refusal(store.send(ask('maria', 'userName', 'd-0000000000')))).toBe('ResourceNotFoundException');
    expect(await refusal(store.send(ask('maria', 'title')))).toBe('ValidationException');
  });

  it('tells the groups of a person page by page', async () => {
    const { store: client } = play();
    const asked = { IdentityStoreId, MemberId: { UserId: 'u-1' } };
    const pages = await Array.fromAsync(paginateListGroupMembershipsForMember({ client, pageSize: 2 }, asked));
    expect(pages.map(({ GroupMemberships = [] }) => GroupMemberships.map(({ GroupId }) => GroupId))).toEqual([
      ['g-1', 'g-2'],
      ['g-3'],
    ]);
  });
});

describe('Identity Center', () => {
  it('shows itself in its own account and region only', async () => {
    const { sandbox, client } = play();
    expect((await client.send(new ListInstancesCommand({}))).Instances).toMatchObject([
      { InstanceArn, IdentityStoreId },
    ]);
    for (const [id, region] of [
      ['AKIAMEMBER0000000001', 'us-east-1'],
      ['AKIAHOME000000000001', 'eu-west-1'],
    ] as const) {
      const stranger = new SSOAdminClient(holding(sandbox, id, region));
      expect((await stranger.send(new ListInstancesCommand({}))).Instances).toEqual([]);
      expect(await refusal(stranger.send(new DescribePermissionSetCommand(power)))).toBe('ResourceNotFoundException');
    }
  });

  it('lists permission sets and what a principal itself is assigned, page by page', async () => {
    const { client } = play();
    const sets = await Array.fromAsync(paginateListPermissionSets({ client, pageSize: 2 }, { InstanceArn }));
    expect(sets.map(({ PermissionSets = [] }) => PermissionSets.length)).toEqual([2, 1]);
    const assigned = async (PrincipalType: PrincipalType, PrincipalId: string) => {
      const asked = { InstanceArn, PrincipalType, PrincipalId };
      const pages = await Array.fromAsync(paginateListAccountAssignmentsForPrincipal({ client, pageSize: 1 }, asked));
      return pages.map(({ AccountAssignments = [] }) => AccountAssignments.map(({ AccountId }) => AccountId));
    };
    expect(await assigned('USER', 'u-1')).toEqual([[member], [other]]);
    expect(await assigned('GROUP', 'g-1')).toEqual([[other]]);
  });

  it('keeps an inline policy, refuses what is none, and deletes it once', async () => {
    const { client, put } = play();
    const get = async () => (await client.send(new GetInlinePolicyForPermissionSetCommand(power))).InlinePolicy;
    const remove = () => client.send(new DeleteInlinePolicyFromPermissionSetCommand(power));
    expect(await get()).toBe('');
    expect(await refusal(put('{'))).toBe('ValidationException');
    const long = deny.replace('"Resource":"*"', `"Resource":"${'x'.repeat(33_000)}"`);
    expect(await refusal(put(long))).toBe('ServiceQuotaExceededException');
    await put();
    expect(await get()).toBe(deny);
    await remove();
    expect(await get()).toBe('');
    expect(await refusal(remove())).toBe('ResourceNotFoundException');
  });
});

describe('provisioning a permission set', () => {
  it('brings its inline policy into the roles of all its accounts, after a while', async () => {
    const { sandbox, put, provision, status, behind, inRole } = play();
    await put();
    expect(await behind('LATEST_PERMISSION_SET_NOT_PROVISIONED')).toEqual([member, other]);
    const started = await provision();
    expect(await status(started)).toMatchObject({ Status: 'IN_PROGRESS' });
    expect(inRole(member)).toBeUndefined();
    sandbox.clock.advance(20);
    expect(await status(started)).toMatchObject({ Status: 'SUCCEEDED' });
    expect([inRole(member), inRole(other)]).toEqual([deny, deny]);
    expect(await behind('LATEST_PERMISSION_SET_PROVISIONED')).toEqual([member, other]);
  });

  it('of one account leaves the others behind', async () => {
    const { sandbox, put, provision, behind, inRole } = play();
    await put();
    await provision({ TargetType: 'AWS_ACCOUNT', TargetId: member });
    sandbox.clock.advance(20);
    expect(await behind('LATEST_PERMISSION_SET_NOT_PROVISIONED')).toEqual([other]);
    expect([inRole(member), inRole(other)]).toEqual([deny, undefined]);
  });

  it('is refused while another one runs', async () => {
    const { sandbox, provision } = play();
    await provision();
    expect(await refusal(provision())).toBe('ConflictException');
    sandbox.clock.advance(20);
    expect(await refusal(provision())).toBeUndefined();
  });

  it('fails where the estate says so, and changes nothing', async () => {
    const { sandbox, put, provision, status, inRole } = play();
    await put();
    const set = sandbox.rows.get(permissionSets, power.PermissionSetArn);
    if (set) sandbox.rows.put(permissionSets, set.arn, { ...set, failure: 'a policy is missing' });
    const started = await provision();
    sandbox.clock.advance(20);
    expect(await status(started)).toMatchObject({ Status: 'FAILED', FailureReason: 'a policy is missing' });
    expect(inRole(member)).toBeUndefined();
  });

  it('knows its own requests and permission sets only', async () => {
    const { client, provision } = play();
    expect(await refusal(provision({ PermissionSetArn: setArn('ps-none') }))).toBe('ResourceNotFoundException');
    const ask = { InstanceArn, ProvisionPermissionSetRequestId: '00000000-0000-4000-8000-999999999999' };
    const asked = client.send(new DescribePermissionSetProvisioningStatusCommand(ask));
    expect(await refusal(asked)).toBe('ResourceNotFoundException');
  });
});
