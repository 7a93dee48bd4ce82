import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { Rows } from '../rows.ts';
import { described, ec2Arn, type Kind, listTags, putTags, rowOf, seededSubnet, withDryRun } from './ec2.ts';
import { type InterfaceRow, networkInterfaces, securityGroups } from './ec2-rows.ts';
import { securityGroupKind } from './ec2-security-groups.ts';
import { settleFlows } from './network.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** An interface as an estate file spells it, beside an instance or for itself. */
export const SeededInterface = z.strictObject({
  id: z.string(),
  subnet: z.string(),
  ip: z.ipv4(),
  publicIp: z.ipv4().optional(),
  ipv6: z.array(z.ipv6()).default([]),
  groups: z.array(z.string()).default([]),
  description: z.string().default(''),
  type: z.string().default('interface'),
  /** The AWS service that made it and alone may change it, as `amazon-ecs`. */
  requester: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
});
export type SeededInterface = z.infer<typeof SeededInterface>;

type Place = { readonly account: string; readonly region: string };

/** Puts an interface into an estate. */
export function seedInterface(
  rows: Rows,
  { account, region }: Place,
  seeded: SeededInterface,
  more: Pick<InterfaceRow, 'sourceDestCheck' | 'attachment'>,
): void {
  const { id, subnet, ip, publicIp, ipv6, groups, description, type, requester, tags } = seeded;
  const { vpcId, zone } = seededSubnet(rows, subnet);
  rows.put(networkInterfaces, id, {
    account,
    region,
    networkInterfaceId: id,
    vpcId,
    subnetId: subnet,
    zone,
    description,
    privateIp: ip,
    ipv6,
    groups,
    interfaceType: type,
    requesterManaged: requester !== undefined,
    ...(requester !== undefined && { requesterId: requester }),
    ...(publicIp !== undefined && { publicIp }),
    ...more,
  });
  putTags(rows, id, { account, region }, tags);
}

/** Network interfaces among the resources of EC2. */
export const interfaceKind: Kind<InterfaceRow> = {
  table: networkInterfaces,
  prefix: 'eni',
  missing: 'InvalidNetworkInterfaceID.NotFound',
  malformed: 'InvalidNetworkInterfaceId.Malformed',
  noun: 'networkInterface ID',
  unpagedIds: true,
  idOf: ({ networkInterfaceId }) => networkInterfaceId,
  filters: {
    'network-interface-id': ({ networkInterfaceId }) => [networkInterfaceId],
    'attachment.instance-id': ({ attachment }) => [attachment?.instanceId],
    'attachment.attachment-id': ({ attachment }) => [attachment?.attachmentId],
    'group-id': ({ groups }) => groups,
    'vpc-id': ({ vpcId }) => [vpcId],
    'subnet-id': ({ subnetId }) => [subnetId],
    'private-ip-address': ({ privateIp }) => [privateIp],
    'requester-managed': ({ requesterManaged }) => [String(requesterManaged)],
    'interface-type': ({ interfaceType }) => [interfaceType],
    status: ({ attachment }) => [attachment ? 'in-use' : 'available'],
  },
};

const groupsOf = ({ view }: Pick<Call, 'view'>, groups: readonly string[]): ec2.GroupIdentifier[] =>
  groups.map((GroupId) => ({ GroupId, GroupName: view.get(securityGroups, GroupId)?.name }));

const describe = (call: Call, row: InterfaceRow): ec2.NetworkInterface => {
  const { attachment, account, publicIp, requesterId, privateIp } = row;
  return {
    NetworkInterfaceId: row.networkInterfaceId,
    OwnerId: account,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    AvailabilityZone: row.zone,
    Description: row.description,
    Status: attachment ? 'in-use' : 'available',
    InterfaceType: row.interfaceType as ec2.NetworkInterfaceType, // the estate spells EC2's own types
    RequesterManaged: row.requesterManaged,
    ...(requesterId !== undefined && { RequesterId: requesterId }),
    SourceDestCheck: row.sourceDestCheck,
    PrivateIpAddress: privateIp,
    PrivateIpAddresses: [{ PrivateIpAddress: privateIp, Primary: true }],
    Ipv6Addresses: row.ipv6.map((Ipv6Address) => ({ Ipv6Address })),
    ...(publicIp !== undefined && { Association: { PublicIp: publicIp, IpOwnerId: account } }),
    Groups: groupsOf(call, row.groups),
    TagSet: listTags(call.view, row.networkInterfaceId),
    ...(attachment && {
      Attachment: {
        AttachmentId: attachment.attachmentId,
        InstanceId: attachment.instanceId,
        InstanceOwnerId: account,
        DeviceIndex: attachment.deviceIndex,
        DeleteOnTermination: attachment.deleteOnTermination,
        AttachTime: new Date(attachment.attachedAt),
        Status: 'attached' as const,
      },
    }),
  };
};

/** An interface as DescribeInstances shows it, which does not tell who manages it. */
export const describeAttached = (call: Call, row: InterfaceRow): ec2.InstanceNetworkInterface => {
  const { Attachment, Groups, Ipv6Addresses, PrivateIpAddresses, Association } = describe(call, row);
  return {
    NetworkInterfaceId: row.networkInterfaceId,
    OwnerId: row.account,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    Description: row.description,
    InterfaceType: row.interfaceType,
    SourceDestCheck: row.sourceDestCheck,
    Status: 'in-use',
    PrivateIpAddress: row.privateIp,
    PrivateIpAddresses,
    Ipv6Addresses,
    Association,
    Groups,
    Attachment,
  };
};

function setGroups(call: Call, row: InterfaceRow, groups: readonly string[]): void {
  if (groups.length > 5)
    throw new AwsFault(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  const foreign = groups.find((id) => rowOf(call, securityGroupKind, id).vpcId !== row.vpcId);
  if (foreign !== undefined)
    throw new AwsFault(
      'InvalidParameterValue',
      `Security group ${foreign} and interface ${row.networkInterfaceId} belong to different networks.`,
    );
  call.world.rows.put(networkInterfaces, row.networkInterfaceId, { ...row, groups });
  settleFlows(call.world);
}

const operations = operationsOf<typeof ec2>()({
  DescribeNetworkInterfaces: {
    does({ NetworkInterfaceIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, interfaceKind, { ids, ...asked });
      return { NetworkInterfaces: rows.map((row) => describe(call, row)), NextToken };
    },
  },
  ModifyNetworkInterfaceAttribute: {
    on: ({ NetworkInterfaceId, Groups = [] }, call) => [
      ec2Arn(call, 'network-interface', NetworkInterfaceId),
      ...Groups.map((id) => ec2Arn(call, 'security-group', id)),
    ],
    does({ NetworkInterfaceId, Groups, DryRun: _, ...others }, call) {
      const row = rowOf(call, interfaceKind, NetworkInterfaceId);
      if (Object.keys(others).length > 0)
        throw new AwsFault('NotImplemented', `the sandbox does not model ${Object.keys(others).join()}`, {
          status: 501,
        });
      if (!Groups?.length) throw new AwsFault('InvalidParameterCombination', 'No attributes specified.');
      if (row.requesterManaged)
        throw new AwsFault(
          'OperationNotPermitted',
          `You do not have permission to manage interface ${row.networkInterfaceId}, which ${row.requesterId} manages.`,
        );
      setGroups(call, row, Groups);
      return {};
    },
  },
});

/** Network interfaces that hang on no instance; those of an instance are listed with it. */
export const ec2NetworkInterfaces = awsNoun({
  name: 'networkInterfaces',
  scope: 'region',
  estate: z.array(SeededInterface).default([]),
  seed(rows, list, place) {
    for (const seeded of list) seedInterface(rows, place, seeded, { sourceDestCheck: true });
  },
  operations: { ec2: withDryRun(operations) },
});
