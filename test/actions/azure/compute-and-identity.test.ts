import { describe, expect, it } from 'vitest';
import type { Action } from '../../../shared/action/action.ts';
import { authorizationRemoveRoleAssignment } from '../../../shared/actions/azure/authorization-remove-role-assignment.ts';
import { computeDeallocateVirtualMachine } from '../../../shared/actions/azure/compute-deallocate-virtual-machine.ts';
import { entraDisableServicePrincipal } from '../../../shared/actions/azure/entra-disable-service-principal.ts';
import { entraRemoveApplicationCredential } from '../../../shared/actions/azure/entra-remove-application-credential.ts';
import { entraRevokeSignInSessions } from '../../../shared/actions/azure/entra-revoke-sign-in-sessions.ts';
import type { Json } from '../../../shared/model/json.ts';
import { userOf, users } from '../../../shared/sandbox/azure/entra-users.ts';
import {
  type RoleAssignmentRow,
  roleAssignmentId,
  roleAssignments,
} from '../../../shared/sandbox/azure/role-assignments.ts';
import { principals } from '../../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, blobUrl, fetchBlob, rewrite, vmId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const where = { account: subscription, region: '' };
const act = (action: Action, input: Json, prepare?: (sandbox: Sandbox) => void) =>
  acting(action, input, { where, ...(prepare && { prepare }) });
const uuid = (end: string): string => `0a1b2c3d-0000-4000-8000-00000000${end}`;

describe('stopping a virtual machine', () => {
  const stop = (prepare?: (sandbox: Sandbox) => void, virtualMachineId = vmId) =>
    act(computeDeallocateVirtualMachine, { virtualMachineId }, prepare);
  const power = (state: string) => (sandbox: Sandbox) =>
    rewrite(sandbox, vmId, ({ properties }) => ({
      properties: { ...properties, instanceView: { statuses: [{ code: `PowerState/${state}` }] } },
    }));

  it.each(['stopping', 'stopped', 'deallocating', 'deallocated'])('leaves one alone that is %s', async (state) => {
    expect(await (await stop(power(state))).plan()).toEqual([]);
  });

  it.each(['starting', 'unknown'])('counts %s as running', async (state) => {
    expect(await (await stop(power(state))).plan()).toMatchObject([{ from: { powerState: 'running' } }]);
  });

  it('goes on from halfway, and leaves one to others whom they have stopped', async () => {
    const one = await stop();
    const changes = await one.plan();
    power('deallocating')(one.sandbox);
    expect((await one.contain(changes)).applied).toHaveLength(1);
    const two = await stop();
    power('stopped')(two.sandbox);
    expect((await two.contain(changes)).moved).toHaveLength(1);
  });

  it('refuses one that loses its disk, and one that a cluster looks after', async () => {
    await expect((await stop(undefined, vmId.replace('web-01', 'worker-01'))).capture()).rejects.toMatchObject({
      code: 'ephemeral-disk',
    });
    const node = azureId('MC_rg-web_aks-web_westeurope', 'Microsoft.Compute/virtualMachines', 'aks-nodepool1-0');
    await expect((await stop(undefined, node)).capture()).rejects.toMatchObject({ code: 'managed-machine' });
  });
});

describe('taking role assignments away', () => {
  const [owner, reader] = ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'acdd72a7-3385-48ef-bd42-f606fba81ae7'];
  const scope = `/subscriptions/${subscription}`;
  const idOf = (name: string, at = scope): string => roleAssignmentId({ scope: at, name: uuid(name) });
  const give =
    (given: Partial<RoleAssignmentRow>) =>
    ({ rows }: Sandbox): void => {
      const row = { name: uuid('d0f1'), scope, principalId: uuid('e001'), roleId: reader, more: {}, ...given };
      rows.put(roleAssignments, roleAssignmentId(row).toLowerCase(), row);
    };
  const take = (input: Json, prepare?: (sandbox: Sandbox) => void) =>
    act(authorizationRemoveRoleAssignment, input, prepare);
  const rowAt = ({ rows }: Sandbox, id: string) => rows.get(roleAssignments, id.toLowerCase());

  it('puts one back as it was, condition and all', async () => {
    const more = { condition: '@Resource[x] StringEquals 1', conditionVersion: '2.0', description: 'why' };
    const one = await take({ roleAssignmentId: idOf('d0f1') }, give({ more }));
    const before = rowAt(one.sandbox, idOf('d0f1'));
    const changes = await one.plan();
    await one.contain(changes);
    expect(rowAt(one.sandbox, idOf('d0f1'))).toBeUndefined();
    expect(await one.isContained()).toBe(true);
    await one.release(changes);
    expect(rowAt(one.sandbox, idOf('d0f1'))).toEqual(before);
  });

  it.each([owner, '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9'])(
    'cannot put back the role %s, and says so before',
    async (roleId) => {
      const one = await take({ roleAssignmentId: idOf('d0f1') }, give({ roleId }));
      const [change] = await one.plan();
      if (!change) throw new Error('nothing is planned');
      expect(authorizationRemoveRoleAssignment.final(change)).toMatch(/d0f1 gives a role by which others are given/);
      await one.contain([change]);
      await expect(one.release([change])).rejects.toMatchObject({ code: 'AuthorizationFailed' });
      expect(rowAt(one.sandbox, idOf('d0f1'))).toBeUndefined();
    },
  );

  it('names what comes from above and leaves it alone', async () => {
    const one = await take({ principalId: uuid('a003') });
    const above = idOf('d003', '/providers/Microsoft.Management/managementGroups/northwind');
    expect(await one.capture()).toMatchObject({ [uuid('a003')]: { inherits: [above] } });
    await one.contain();
    expect(rowAt(one.sandbox, above)).toBeDefined();
    expect(await one.isContained()).toBe(true);
  });

  it('keeps to a scope that is given', async () => {
    const { [uuid('a003')]: told, ...going } = await (
      await take({ principalId: uuid('a003'), scope: `${scope}/resourceGroups/RG-data/providers` }, give({}))
    ).capture();
    expect(Object.keys(going)).toHaveLength(1);
    expect(told).toMatchObject({
      inherits: [expect.stringMatching(/managementGroups/), expect.stringMatching(/d004$/)],
    });
  });

  it('never takes the last owner of the subscription away, by whichever way, and another one where there are two', async () => {
    const [id, principal] = [{ roleAssignmentId: idOf('d001') }, { principalId: uuid('e003') }];
    for (const input of [id, principal])
      await expect((await take(input)).plan()).rejects.toMatchObject({ code: 'last-owner' });
    const conditional = give({ roleId: owner, more: { condition: 'only this' } });
    await expect((await take(id, conditional)).plan()).rejects.toMatchObject({ code: 'last-owner' });
    expect(await (await take(id, give({ roleId: owner }))).plan()).toHaveLength(1);
  });

  it('acts in its own subscription alone', async () => {
    const elsewhere = idOf('d002').replace(subscription, uuid('0002'));
    await expect((await take({ roleAssignmentId: elsewhere })).capture()).rejects.toMatchObject({
      code: 'foreign-account',
    });
  });

  it.each(['/resourceGroups/a/../../..', '/x?y=', '/x#'])('takes no id that leads elsewhere: %s', (way) => {
    const roleAssignmentId = idOf('d002').replace('/providers', `${way}/providers`);
    expect(() => authorizationRemoveRoleAssignment.parse({ roleAssignmentId })).toThrow(/roleAssignments/);
  });

  it.each([{}, { principalId: uuid('a003'), roleAssignmentId: idOf('d001') }])('wants one of both: %j', (input) => {
    expect(() => authorizationRemoveRoleAssignment.parse(input)).toThrow(/either/);
  });

  it('stops the calls only when Resource Manager has forgotten the role', async () => {
    const one = await take({ principalId: uuid('a003') });
    one.sandbox.rows.setLag('azure.authorization', 600);
    one.sandbox.clock.advance(3_600);
    await one.contain();
    const status = async () => (await fetchBlob(one.sandbox, blobUrl, uuid('a003'))).status;
    expect(await status()).toBe(200);
    one.sandbox.clock.advance(601);
    expect(await status()).toBe(403);
  });
});

describe('disabling a service principal', () => {
  const disable = (servicePrincipal: string, prepare?: (sandbox: Sandbox) => void) =>
    act(entraDisableServicePrincipal, { servicePrincipal }, prepare);

  it.each([
    ['a managed identity', 'a003', 'managed-identity', undefined],
    ['an application of somebody else', 'a004', 'foreign-application', undefined],
    ['an application of Microsoft', 'a004', 'microsoft-application', 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'],
  ])('refuses %s', async (_, id, code, ownerTenant) => {
    const one = await disable(uuid(id), ({ rows }) => {
      const row = rows.get(principals, uuid(id));
      if (row && ownerTenant) rows.put(principals, row.id, { ...row, ownerTenant });
    });
    await expect(one.plan()).rejects.toMatchObject({ code });
  });

  it('finds it by the id of its application too, and knows one that is not there', async () => {
    expect(await (await disable(uuid('b001'))).plan()).toMatchObject([{ resource: uuid('a001') }]);
    expect(await (await disable(uuid('dead'))).capture()).toEqual({});
  });
});

describe('taking a secret away', () => {
  it('has nothing to do where it is gone, and knows an application that is not there', async () => {
    const remove = (input: Json) => act(entraRemoveApplicationCredential, input);
    const gone = await remove({ applicationId: uuid('c002'), keyId: uuid('dead') });
    expect(await gone.plan()).toEqual([]);
    expect(await (await remove({ servicePrincipalId: uuid('dead'), keyId: uuid('b0b2') })).capture()).toEqual({});
  });
});

describe('ending the sign-ins of a user whom two findings are about', () => {
  it.each([
    ['nothing where they were ended after what was seen', '2026-11-20T09:00:00Z', 0],
    ['once more where the user was seen since', '2026-11-20T09:00:02Z', 1],
  ])('does %s', async (_, seenUntil, changes) => {
    const one = await act(entraRevokeSignInSessions, { user: uuid('e001'), seenUntil }, ({ rows }) => {
      const row = userOf(rows, uuid('e001'));
      if (row) rows.put(users, row.id, { ...row, signInSessionsValidFromDateTime: '2026-11-20T09:00:01Z' });
    });
    expect(await one.plan()).toHaveLength(changes);
  });
});
