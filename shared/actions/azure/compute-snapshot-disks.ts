import { ComputeManagementClient, type Snapshot, type VirtualMachine } from '@azure/arm-compute';
import * as z from 'zod';
import { CordonError, InvalidInput } from '../../model/error.ts';
import { armIdOf, comparable, parseArmId } from '../../model/identifiers.ts';
import { shortDigest } from '../../model/json.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';
import { completed, mayFollow } from './long-running.ts';

/** The snapshot of a disk that this run has taken, with who may get at it; or none. */
const Copied = z.strictObject({
  snapshot: z
    .strictObject({
      name: z.string(),
      incremental: z.boolean(),
      networkAccessPolicy: z.string(),
      publicNetworkAccess: z.string(),
    })
    .nullable(),
});

/** The managed disks of a machine; an ephemeral disk, and one outside Azure's disk service, cannot be copied. */
function disksOf({ storageProfile }: VirtualMachine): string[] {
  const { osDisk, dataDisks = [] } = storageProfile ?? {};
  const all = osDisk?.diffDiskSettings?.option === undefined ? [osDisk, ...dataDisks] : dataDisks;
  return all.flatMap((disk) => disk?.managedDisk?.id ?? []);
}

const placeOf = (id: string): readonly [resourceGroup: string, name: string] => {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  return [resourceGroup, name];
};

/** At most 80 letters, digits, `_` and `-`: the run, and the disk as far as there is room for its name. */
function nameFor(diskId: string, runId: string): string {
  const [, disk] = placeOf(diskId);
  return `cordon-${runId}-${disk.replace(/[^\w-]/g, '-').slice(0, 30)}-${shortDigest(comparable(diskId)).slice(0, 8)}`;
}

const seen = ({ name = '', incremental = false, networkAccessPolicy = '', publicNetworkAccess = '' }: Snapshot) => ({
  snapshot: { name, incremental, networkAccessPolicy, publicNetworkAccess },
});

/** The snapshots in the resource groups of these disks, by name; one that failed is none. */
async function snapshotsBeside(azure: AzureSession, disks: readonly string[], abortSignal: AbortSignal) {
  const { snapshots } = azure.client(ComputeManagementClient);
  const groups = [...new Set(disks.map((disk) => placeOf(disk)[0].toLowerCase()))];
  const found = await Promise.all(
    groups.map((group) => Array.fromAsync(snapshots.listByResourceGroup(group, { abortSignal }))),
  );
  const sound = found.flat().filter(({ provisioningState }) => provisioningState !== 'Failed');
  return new Map(sound.map((snapshot) => [snapshot.name ?? '', snapshot]));
}

const anywhere = (allow: string) => ({ allow: `Microsoft.Compute/${allow}`, on: '/subscriptions/{subscription}' });

/**
 * Takes an incremental snapshot of every managed disk of a virtual machine, as evidence
 * (learn.microsoft.com/rest/api/compute/snapshots/create-or-update). A snapshot lies beside its disk, closed to export
 * and to the network.
 */
export const computeSnapshotDisks = azureAction({
  id: 'azure.compute.snapshot-disks',
  title: 'Take snapshots of all disks of a virtual machine',
  target: 'azure.compute.virtual-machine',
  d3fend: 'D3-FA',
  cutsNothing: true,
  input: z.strictObject({
    virtualMachineId: armIdOf('Microsoft.Compute/virtualMachines').describe('The machine, by its ARM id.'),
  }),
  value: Copied,
  permissions: {
    read: [{ allow: 'Microsoft.Compute/virtualMachines/read', on: '{virtualMachineId}' }, anywhere('snapshots/read')],
    write: [
      ...['disks/read', 'disks/beginGetAccess/action', 'snapshots/read', 'snapshots/write'].map(anywhere),
      mayFollow('Microsoft.Compute'),
    ],
  },
  settles: { seconds: 15 },
  keeps: 'the snapshots are evidence',
  cautions: [
    'Ephemeral and unmanaged disks cannot be copied and are left out.',
    'Memory is not kept; a disk looks as it would after a power failure.',
    'A disk under a customer key is readable only as long as that key is kept.',
  ],
  portable: { verb: 'keep-evidence', with: { virtualMachineId: '${target.id}' } },
  examples: [
    {
      virtualMachineId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01',
    },
  ],
}).does({
  async capture(azure, { virtualMachineId }, { runId, signal: abortSignal }) {
    const { virtualMachines } = azure.client(ComputeManagementClient);
    const machine = await unlessAbsent(() => virtualMachines.get(...placeOf(virtualMachineId), { abortSignal }));
    if (!machine) return {};
    const disks = disksOf(machine);
    if (disks.length === 0)
      throw new InvalidInput({
        code: 'no-managed-disk',
        message: `${virtualMachineId} has no disk that a snapshot can be taken of`,
        remedy: 'Its disks are ephemeral or unmanaged: collect evidence on the machine itself.',
      });
    const taken = await snapshotsBeside(azure, disks, abortSignal);
    return Object.fromEntries(
      disks.map((disk) => {
        const snapshot = taken.get(nameFor(disk, runId));
        return [disk, snapshot ? seen(snapshot) : { snapshot: null }];
      }),
    );
  },
  plan: (_, state, { runId }) =>
    Object.fromEntries(
      Object.keys(state).map((disk) => [
        disk,
        {
          snapshot: {
            name: nameFor(disk, runId),
            incremental: true,
            networkAccessPolicy: 'DenyAll',
            publicNetworkAccess: 'Disabled',
          },
        },
      ]),
    ),
  async apply(azure, { resource: disk, to }, step) {
    if (!to?.snapshot)
      throw new CordonError({ code: 'kept-as-evidence', message: `the snapshot of ${disk} is evidence and stays` });
    const { disks, snapshots } = azure.client(ComputeManagementClient);
    const [group, name] = placeOf(disk);
    const abortSignal = step.signal;
    const { location } = await disks.get(group, name, { abortSignal });
    const { name: snapshot, ...closed } = to.snapshot;
    const body: Snapshot = {
      location,
      creationData: { createOption: 'Copy', sourceResourceId: disk },
      tags: { 'cordon:run': step.runId, 'cordon:disk': name },
      ...closed,
    };
    await completed(snapshots.createOrUpdate(group, snapshot, body, { abortSignal }), step);
  },
});
