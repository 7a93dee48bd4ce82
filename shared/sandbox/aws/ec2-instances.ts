import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { InvalidInput } from '../../model/error.ts';
import { digest } from '../../model/json.ts';
import type { Rows, View } from '../rows.ts';
import { described, type Kind, listTags, putTags, seededSubnet, withDryRun } from './ec2.ts';
import { describeAttached, SeededInterface, seedInterface } from './ec2-network-interfaces.ts';
import {
  type InstanceRow,
  type InstanceState,
  type InterfaceRow,
  instances,
  networkInterfaces,
  volumes,
} from './ec2-rows.ts';
import { awsNoun, type SeedPlace } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';

const Tags = z.record(z.string(), z.string()).default({});
const Volume = z.strictObject({
  id: z.string(),
  device: z.string(),
  sizeGib: z.int().min(1).default(8),
  type: z.string().default('gp3'),
  encrypted: z.boolean().default(true),
  deleteOnTermination: z.boolean().default(true),
  tags: Tags,
});
const Instance = z.strictObject({
  id: z.string(),
  image: z.string().default('ami-0a1b2c3d4e5f60718'),
  type: z.string().default('t4g.small'),
  state: z.enum(['running', 'stopped', 'terminated']).default('running'),
  /** Name of its instance profile. */
  profile: z.strictObject({ name: z.string(), id: z.string() }).optional(),
  sourceDestCheck: z.boolean().default(true),
  launchedAt: z.iso.datetime().default('2026-11-01T08:00:00.000Z'),
  lifecycle: z.literal('spot').optional(),
  /** The first one is the primary one. */
  interfaces: z.array(SeededInterface).default([]),
  /** The first one is the root volume. */
  volumes: z.array(Volume).default([]),
  tags: Tags,
});
type Instance = z.infer<typeof Instance>;

/** The interfaces attached to an instance, in the order of their device index. */
export const interfacesOf = (view: View, instanceId: string): readonly InterfaceRow[] =>
  view
    .all(networkInterfaces)
    .flatMap(([, row]) => (row.attachment?.instanceId === instanceId ? [row] : []))
    .sort((a, b) => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0));

/** Instances among the resources of EC2. */
export const instanceKind: Kind<InstanceRow> = {
  table: instances,
  prefix: 'i',
  missing: 'InvalidInstanceID.NotFound',
  malformed: 'InvalidInstanceID.Malformed',
  noun: 'instance ID',
  unpagedIds: true,
  idOf: ({ instanceId }) => instanceId,
  filters: {
    'instance-id': ({ instanceId }) => [instanceId],
    'instance-state-name': ({ state }) => [state],
    'instance-type': ({ instanceType }) => [instanceType],
    'image-id': ({ imageId }) => [imageId],
    'vpc-id': ({ vpcId }) => [vpcId],
    'subnet-id': ({ subnetId }) => [subnetId],
    'iam-instance-profile.arn': ({ instanceProfile }) => [instanceProfile?.arn],
    'private-ip-address': ({ instanceId }, view) => interfacesOf(view, instanceId).map(({ privateIp }) => privateIp),
    'network-interface.network-interface-id': ({ instanceId }, view) =>
      interfacesOf(view, instanceId).map(({ networkInterfaceId }) => networkInterfaceId),
    'instance.group-id': ({ instanceId }, view) => interfacesOf(view, instanceId).flatMap(({ groups }) => groups),
  },
};

const codes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** A state as responses spell it. */
export const describeState = (state: InstanceState): ec2.InstanceState => ({ Name: state, Code: codes[state] });

const describeBlockDevices = ({ blockDevices }: InstanceRow): ec2.InstanceBlockDeviceMapping[] =>
  blockDevices.map(({ deviceName, volumeId, deleteOnTermination, attachedAt }) => ({
    DeviceName: deviceName,
    Ebs: {
      VolumeId: volumeId,
      Status: 'attached' as const,
      DeleteOnTermination: deleteOnTermination,
      AttachTime: new Date(attachedAt),
    },
  }));

const describe = (call: Call, row: InstanceRow): ec2.Instance => {
  const attached = interfacesOf(call.view, row.instanceId).map((one) => describeAttached(call, one));
  const [primary] = attached;
  const { instanceProfile, lifecycle } = row;
  return {
    InstanceId: row.instanceId,
    ImageId: row.imageId,
    InstanceType: row.instanceType as ec2._InstanceType, // the estate spells EC2's own types
    State: describeState(row.state),
    LaunchTime: new Date(row.launchedAt),
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    SourceDestCheck: row.sourceDestCheck,
    ...(lifecycle && { InstanceLifecycle: lifecycle }),
    ...(instanceProfile && { IamInstanceProfile: { Arn: instanceProfile.arn, Id: instanceProfile.id } }),
    RootDeviceName: row.rootDeviceName,
    RootDeviceType: 'ebs',
    BlockDeviceMappings: describeBlockDevices(row),
    PrivateIpAddress: primary?.PrivateIpAddress,
    PublicIpAddress: primary?.Association?.PublicIp,
    SecurityGroups: primary?.Groups ?? [],
    NetworkInterfaces: attached,
    Tags: listTags(call.view, row.instanceId),
  };
};

const operations = operationsOf<typeof ec2>()({
  DescribeInstances: {
    does({ InstanceIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, instanceKind, { ids, ...asked });
      const Reservations = rows.map((row) => ({
        ReservationId: row.instanceId.replace(/^i-/, 'r-'),
        OwnerId: row.account,
        Instances: [describe(call, row)],
      }));
      return { Reservations, NextToken };
    },
  },
});

function seedInterfaces(rows: Rows, place: SeedPlace, { id, interfaces, sourceDestCheck, launchedAt }: Instance): void {
  for (const [deviceIndex, seeded] of interfaces.entries())
    seedInterface(rows, place, seeded, {
      sourceDestCheck,
      attachment: {
        attachmentId: `eni-attach-0${digest(seeded.id).slice(0, 16)}`,
        instanceId: id,
        deviceIndex,
        deleteOnTermination: deviceIndex === 0,
        attachedAt: launchedAt,
      },
    });
}

function seedVolumes(rows: Rows, { account, region }: SeedPlace, zone: string, instance: Instance): void {
  for (const { id, sizeGib, type, encrypted, tags } of instance.volumes) {
    rows.put(volumes, id, {
      account,
      region,
      volumeId: id,
      zone,
      sizeGib,
      volumeType: type,
      encrypted,
      state: 'in-use',
      createdAt: instance.launchedAt,
      instanceId: instance.id,
    });
    putTags(rows, id, { account, region }, tags);
  }
}

function seedInstance(rows: Rows, place: SeedPlace, instance: Instance): void {
  const { partition, account, region } = place;
  const { id, image, type, state, profile, sourceDestCheck, launchedAt, lifecycle, tags } = instance;
  const [primary] = instance.interfaces;
  if (!primary) throw new InvalidInput({ code: 'bad-estate', message: `${id} has no interface` });
  const { vpcId, subnetId, zone } = seededSubnet(rows, primary.subnet);
  rows.put(instances, id, {
    account,
    region,
    instanceId: id,
    imageId: image,
    instanceType: type,
    vpcId,
    subnetId,
    state,
    launchedAt,
    sourceDestCheck,
    ...(profile && {
      instanceProfile: { arn: `arn:${partition}:iam::${account}:instance-profile/${profile.name}`, id: profile.id },
    }),
    rootDeviceName: instance.volumes[0]?.device ?? '/dev/xvda',
    blockDevices: instance.volumes.map(({ id: volumeId, device, deleteOnTermination }) => ({
      deviceName: device,
      volumeId,
      deleteOnTermination,
      attachedAt: launchedAt,
    })),
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: 'stop',
    ...(lifecycle && { lifecycle }),
  });
  putTags(rows, id, place, tags);
  if (state === 'terminated') return;
  seedInterfaces(rows, place, instance);
  seedVolumes(rows, place, zone, instance);
}

/** Instances with their interfaces and volumes. */
export const ec2Instances = awsNoun({
  name: 'instances',
  scope: 'region',
  estate: z.array(Instance).default([]),
  seed(rows, list, place) {
    for (const instance of list) seedInstance(rows, place, instance);
  },
  operations: { ec2: withDryRun(operations) },
});
