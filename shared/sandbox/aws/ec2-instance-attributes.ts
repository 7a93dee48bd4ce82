import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { ec2Arn, rowOf, withDryRun } from './ec2.ts';
import { describeState, instanceKind, interfacesOf } from './ec2-instances.ts';
import { type InstanceRow, type InstanceState, instances, networkInterfaces, volumes } from './ec2-rows.ts';
import { settleFlows } from './network.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type Given = ec2.ModifyInstanceAttributeRequest;
type Attribute = {
  /** As errors and conditions name it. */
  readonly name: string;
  readonly onSpot: boolean;
  change(row: InstanceRow, given: Given): InstanceRow;
};

function setDevices(row: InstanceRow, { BlockDeviceMappings = [] }: Given): InstanceRow {
  const unknown = BlockDeviceMappings.find(
    ({ DeviceName }) => !row.blockDevices.some(({ deviceName }) => deviceName === DeviceName),
  );
  if (unknown)
    throw new AwsFault('InvalidInstanceAttributeValue', `No device is currently mapped at ${unknown.DeviceName ?? ''}`);
  const blockDevices = row.blockDevices.map((device) => {
    const given = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === device.deviceName);
    return { ...device, deleteOnTermination: given?.Ebs?.DeleteOnTermination ?? device.deleteOnTermination };
  });
  return { ...row, blockDevices };
}

/** What ModifyInstanceAttribute can change here, by the member of the request that asks for it. */
const attributes: Readonly<Record<string, Attribute>> = {
  DisableApiTermination: {
    name: 'disableApiTermination',
    onSpot: false,
    change: (row, { DisableApiTermination: to }) => ({ ...row, disableApiTermination: to?.Value ?? false }),
  },
  DisableApiStop: {
    name: 'disableApiStop',
    onSpot: false,
    change: (row, { DisableApiStop: to }) => ({ ...row, disableApiStop: to?.Value ?? false }),
  },
  InstanceInitiatedShutdownBehavior: {
    name: 'instanceInitiatedShutdownBehavior',
    onSpot: false,
    change: (row, { InstanceInitiatedShutdownBehavior: to }) => {
      if (to?.Value !== 'stop' && to?.Value !== 'terminate')
        throw new AwsFault(
          'InvalidParameterValue',
          `Value (${to?.Value ?? ''}) for parameter instanceInitiatedShutdownBehavior is invalid.`,
        );
      return { ...row, shutdownBehavior: to.Value };
    },
  },
  BlockDeviceMappings: { name: 'blockDeviceMapping', onSpot: true, change: setDevices },
};

const combination = (message: string) => new AwsFault('InvalidParameterCombination', message);

/** The one attribute that a request changes. */
function attributeOf({ InstanceId: _, DryRun: __, ...given }: Given): Attribute {
  const [member, ...more] = Object.keys(given);
  if (member === undefined) throw combination('No attributes specified.');
  const attribute = attributes[member];
  if (!attribute) throw new AwsFault('NotImplemented', `the sandbox does not model ${member}`, { status: 501 });
  if (more.length > 0)
    throw combination(`Fields for multiple attribute types specified: ${Object.keys(given).join(', ')}`);
  return attribute;
}

const shown: Readonly<Record<string, (row: InstanceRow) => ec2.InstanceAttribute>> = {
  disableApiTermination: (row) => ({ DisableApiTermination: { Value: row.disableApiTermination } }),
  disableApiStop: (row) => ({ DisableApiStop: { Value: row.disableApiStop } }),
  instanceInitiatedShutdownBehavior: (row) => ({ InstanceInitiatedShutdownBehavior: { Value: row.shutdownBehavior } }),
  blockDeviceMapping: ({ blockDevices }) => ({
    BlockDeviceMappings: blockDevices.map(({ deviceName, volumeId, deleteOnTermination }) => ({
      DeviceName: deviceName,
      Ebs: { VolumeId: volumeId, DeleteOnTermination: deleteOnTermination, Status: 'attached' as const },
    })),
  }),
};

/** The row of an instance that still is one. */
function lasting(call: Call, id: string | undefined): InstanceRow {
  const row = rowOf(call, instanceKind, id);
  if (row.state === 'terminated')
    throw new AwsFault('IncorrectInstanceState', `The instance '${row.instanceId}' is terminated.`);
  return row;
}

type Protection = 'disableApiTermination' | 'disableApiStop';

function refuseProtected({ instanceId, ...row }: InstanceRow, verb: string, by: readonly Protection[]): void {
  const attribute = by.find((name) => row[name]);
  if (attribute)
    throw new AwsFault(
      'OperationNotPermitted',
      `The instance '${instanceId}' may not be ${verb}. Modify its '${attribute}' instance attribute and try again.`,
    );
}

function change(call: Call, row: InstanceRow, state: InstanceState): ec2.InstanceStateChange {
  const { instanceId: InstanceId } = row;
  call.world.rows.put(instances, InstanceId, { ...row, state });
  settleFlows(call.world);
  return { InstanceId, PreviousState: describeState(row.state), CurrentState: describeState(state) };
}

/** What goes with an instance: interfaces, and the volumes that are told to. */
function removeParts({ world: { rows } }: Call, { instanceId, blockDevices }: InstanceRow): void {
  for (const { networkInterfaceId } of interfacesOf(rows, instanceId))
    rows.delete(networkInterfaces, networkInterfaceId);
  for (const { volumeId, deleteOnTermination } of blockDevices) {
    const { instanceId: _, ...volume } = rows.get(volumes, volumeId) ?? {};
    if (deleteOnTermination) rows.delete(volumes, volumeId);
    else if ('volumeId' in volume) rows.put(volumes, volumeId, { ...volume, state: 'available' });
  }
}

const arnsOf = ({ InstanceIds = [] }: { readonly InstanceIds?: string[] | undefined }, call: Call) =>
  InstanceIds.map((id) => ec2Arn(call, 'instance', id));

const operations = operationsOf<typeof ec2>()({
  DescribeInstanceAttribute: {
    on: ({ InstanceId }, call) => ec2Arn(call, 'instance', InstanceId),
    does({ InstanceId, Attribute = '' as ec2.InstanceAttributeName }, call) {
      const show = shown[Attribute];
      if (!show) throw new AwsFault('NotImplemented', `the sandbox does not model ${Attribute}`, { status: 501 });
      const row = rowOf(call, instanceKind, InstanceId);
      return { InstanceId: row.instanceId, ...show(row) };
    },
  },
  ModifyInstanceAttribute: {
    on: ({ InstanceId }, call) => ec2Arn(call, 'instance', InstanceId),
    context: (given) => ({ 'ec2:Attribute': attributeOf(given).name }),
    does(given, call) {
      const { name, onSpot, change: changed } = attributeOf(given);
      const row = lasting(call, given.InstanceId);
      if (row.lifecycle === 'spot' && !onSpot)
        throw new AwsFault('UnsupportedOperation', `Modifying '${name}' is not supported for spot instances.`);
      call.world.rows.put(instances, row.instanceId, changed(row, given));
      return {};
    },
  },
  StopInstances: {
    on: arnsOf,
    does({ InstanceIds = [] }, call) {
      const rows = InstanceIds.map((id) => lasting(call, id));
      for (const row of rows) refuseProtected(row, 'stopped', ['disableApiStop']);
      return { StoppingInstances: rows.map((row) => change(call, row, 'stopped')) };
    },
  },
  TerminateInstances: {
    on: arnsOf,
    does({ InstanceIds = [] }, call) {
      const rows = InstanceIds.map((id) => rowOf(call, instanceKind, id));
      for (const row of rows) refuseProtected(row, 'terminated', ['disableApiTermination', 'disableApiStop']);
      for (const row of rows) removeParts(call, row);
      return { TerminatingInstances: rows.map((row) => change(call, row, 'terminated')) };
    },
  },
});

/** Attributes of instances, and the ends that some of them are put to. */
export const ec2InstanceAttributes = awsNoun({
  name: 'instanceAttributes',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { ec2: withDryRun(operations) },
});
