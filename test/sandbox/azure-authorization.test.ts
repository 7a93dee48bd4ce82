import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import { describe, expect, it } from 'vitest';
import { users } from '../../shared/sandbox/azure/entra-users.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, atOnce, intoSandbox, refusedWith } from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';

const uuid = (end: string): string => `0a1b2c3d-0000-4000-8000-00000000${end}`;
const scope = `subscriptions/${subscription}`;
const idOf = (name: string): string => `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
const roleOf = (id: string): string => `/${scope}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const version = '2022-04-01';

function play() {
  const sandbox = createSandbox(northwind());
  const as = (id: string) =>
    new ResourceManagementClient(sandbox.credential(id), subscription, intoSandbox(sandbox)).resources;
  const operator = as(allowAll(sandbox));
  const give = (name: string, properties: Record<string, unknown>) =>
    operator.beginCreateOrUpdateByIdAndWait(idOf(name), version, { properties }, atOnce);
  return { sandbox, as, operator, give };
}

describe('a role assignment', () => {
  it('gives a user what the role allows, until it is taken away', async () => {
    const { as, give, operator } = play();
    const read = () => as(uuid('e001')).getById(idOf(uuid('d002')), version);
    expect(await refusedWith(read())).toBe('AuthorizationFailed');
    await give(uuid('d0f1'), { roleDefinitionId: roleOf(owner), principalId: uuid('e001') });
    expect(await read()).toMatchObject({
      properties: { principalId: uuid('a002'), principalType: 'ServicePrincipal' },
    });
    await operator.beginDeleteByIdAndWait(idOf(uuid('d0f1')), version, atOnce);
    expect(await refusedWith(read())).toBe('AuthorizationFailed');
  });

  it.each([
    [
      'a name that is no GUID',
      'InvalidRoleAssignmentId',
      'one',
      { roleDefinitionId: roleOf(owner), principalId: uuid('e001') },
    ],
    [
      'a role that is not there',
      'RoleDefinitionDoesNotExist',
      uuid('d0f1'),
      { roleDefinitionId: roleOf('x'), principalId: uuid('e001') },
    ],
    ['nobody', 'PrincipalNotFound', uuid('d0f1'), { roleDefinitionId: roleOf(owner), principalId: uuid('dead') }],
    [
      'somebody else under the same name',
      'RoleAssignmentUpdateNotPermitted',
      uuid('d002'),
      { roleDefinitionId: roleOf(owner), principalId: uuid('e001') },
    ],
    [
      'the same once more',
      'RoleAssignmentExists',
      uuid('d0f1'),
      { roleDefinitionId: roleOf(owner), principalId: uuid('e003') },
    ],
  ])('is not given to or for %s', async (_, code, name, properties) => {
    expect(await refusedWith(play().give(name, properties))).toBe(code);
  });

  it('of the last owner stays', async () => {
    const { operator } = play();
    const last = operator.beginDeleteByIdAndWait(idOf(uuid('d001')), version, atOnce);
    expect(await refusedWith(last)).toBe('CannotDeleteLastRbacAdminAssignment');
  });
});

describe('signing in', () => {
  it('is refused to who is disabled, and with a secret that the application does not have', async () => {
    const { sandbox } = play();
    const token = (id: string, secret?: string) =>
      sandbox.credential(id, secret).getToken('https://graph.microsoft.com');
    await expect(token(uuid('a002'), 'pipeline-secret')).resolves.toBeDefined();
    await expect(token(uuid('a002'), 'guessed')).rejects.toThrow('AADSTS7000215');
    const jonas = sandbox.rows.get(users, uuid('e001'));
    if (jonas) sandbox.rows.put(users, jonas.id, { ...jonas, accountEnabled: false });
    await expect(token(uuid('e001'))).rejects.toThrow('AADSTS50057');
  });
});

describe('a virtual machine', () => {
  it('is deallocated and started again, unless its disk would be lost', async () => {
    const { sandbox } = play();
    const credential = sandbox.credential(allowAll(sandbox));
    const { virtualMachines } = new ComputeManagementClient(credential, subscription, intoSandbox(sandbox));
    const state = async () =>
      (await virtualMachines.get('rg-web', 'vm-web-01', { expand: 'instanceView' })).instanceView?.statuses;
    await virtualMachines.deallocate('rg-web', 'vm-web-01', atOnce);
    expect(await state()).toMatchObject([{ code: 'PowerState/deallocated' }]);
    await virtualMachines.start('rg-web', 'vm-web-01', atOnce);
    expect(await state()).toMatchObject([{ code: 'PowerState/running' }]);
    expect(await refusedWith(virtualMachines.deallocate('rg-web', 'vm-worker-01', atOnce))).toBe('OperationNotAllowed');
  });
});
