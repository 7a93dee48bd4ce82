import { ComputeManagementClient, type Snapshot } from '@azure/arm-compute';
import { describe, expect, it } from 'vitest';
import { resources } from '../../shared/sandbox/azure/rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { allowAll, atOnce, azureId, intoSandbox, refusedWith, vmId } from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';

function play(changed: { readonly notActions?: readonly string[] } = {}) {
  const sandbox = createSandbox(northwind());
  const credential = sandbox.credential(allowAll(sandbox, changed));
  return { sandbox, client: new ComputeManagementClient(credential, subscription, intoSandbox(sandbox)) };
}

const disk = azureId('rg-web', 'Microsoft.Compute/disks', 'vm-web-01-os');
const body: Snapshot = {
  location: 'westeurope',
  incremental: true,
  creationData: { createOption: 'Copy', sourceResourceId: disk },
};

describe('a virtual machine', () => {
  it('tells its power state only to who asks for it', async () => {
    const { client } = play();
    const plain = await client.virtualMachines.get('rg-web', 'vm-web-01');
    expect(plain.id).toBe(vmId);
    expect(plain.instanceView).toBeUndefined();
    expect(plain.networkProfile?.networkInterfaces).toHaveLength(2);
    expect(plain.storageProfile?.dataDisks?.[0]?.managedDisk?.id).toMatch(/vm-web-01-data$/);
    const { instanceView } = await client.virtualMachines.get('rg-web', 'vm-web-01', { expand: 'instanceView' });
    expect(instanceView?.statuses?.map(({ code }) => code)).toEqual(['PowerState/running']);
  });

  it('is listed with the others of its group, and is not found elsewhere', async () => {
    const { client } = play();
    const found = await Array.fromAsync(client.virtualMachines.list('rg-web'));
    expect(found.map(({ name }) => name)).toEqual(['vm-web-01', 'vm-worker-01', 'vm-router-01']);
    expect(await refusedWith(client.virtualMachines.get('rg-data', 'vm-web-01'))).toBe('ResourceNotFound');
  });
});

describe('a snapshot', () => {
  it('is taken of a disk, and open to export unless it is told not to be', async () => {
    const { client } = play();
    const made = await client.snapshots.createOrUpdate('rg-web', 'one', body, atOnce);
    expect(made).toMatchObject({ incremental: true, networkAccessPolicy: 'AllowAll', completionPercent: 100 });
    expect(made.creationData?.sourceResourceId).toBe(disk);
  });

  it.each([
    ['a name of 81 characters', 'InvalidParameter', 'x'.repeat(81), body],
    ['nothing to copy', 'InvalidParameter', 'one', { location: 'westeurope' }],
    ['another region than the disk’s', 'BadRequest', 'one', { ...body, location: 'northeurope' }],
    [
      'a disk that is not there',
      'NotFound',
      'one',
      { ...body, creationData: { createOption: 'Copy', sourceResourceId: `${disk}-none` } },
    ],
  ] as const)('is refused with %s: %s', async (_, code, name, wanted) => {
    const { client } = play();
    const call = client.snapshots.createOrUpdate('rg-web', name, wanted as Snapshot, atOnce); // spoilt on purpose
    expect(await refusedWith(call)).toBe(code);
  });

  it('needs the right to read the disk', async () => {
    const { client } = play({ notActions: ['Microsoft.Compute/disks/beginGetAccess/action'] });
    const call = client.snapshots.createOrUpdate('rg-web', 'one', body, atOnce);
    expect(await refusedWith(call)).toBe('LinkedAuthorizationFailed');
  });

  it('is found on whichever page it stands', async () => {
    const { sandbox, client } = play();
    await client.snapshots.createOrUpdate('rg-web', 'one', body, atOnce);
    const id = azureId('rg-web', 'Microsoft.Compute/snapshots', 'one');
    const row = sandbox.rows.get(resources, id.toLowerCase());
    for (let at = 0; row && at < 120; at += 1)
      sandbox.rows.put(resources, `${id.toLowerCase()}-${at}`, { ...row, id: `${id}-${at}`, name: `one-${at}` });
    sandbox.recorder.clear();
    expect(await Array.fromAsync(client.snapshots.listByResourceGroup('rg-web'))).toHaveLength(121);
    expect(sandbox.recorder.calls).toHaveLength(3);
  });
});
