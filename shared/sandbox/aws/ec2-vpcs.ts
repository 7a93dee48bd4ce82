import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { described, type Kind, listTags, putTags, withDryRun } from './ec2.ts';
import { type SubnetRow, subnets, type VpcRow, vpcs } from './ec2-rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf } from './operation.ts';

const Tags = z.record(z.string(), z.string()).default({});
const Subnet = z.strictObject({ id: z.string(), cidr: z.cidrv4(), zone: z.string(), tags: Tags });
const Vpc = z.strictObject({
  id: z.string(),
  cidr: z.cidrv4(),
  ipv6Cidr: z.cidrv6().optional(),
  /** Whether it is the region's default VPC, where EC2 forgives what it refuses elsewhere. */
  isDefault: z.boolean().default(false),
  subnets: z.array(Subnet).default([]),
  tags: Tags,
});

export const vpcKind: Kind<VpcRow> = {
  table: vpcs,
  prefix: 'vpc',
  missing: 'InvalidVpcID.NotFound',
  malformed: 'InvalidVpcId.Malformed',
  noun: 'vpc ID',
  idOf: ({ vpcId }) => vpcId,
  filters: {
    'vpc-id': ({ vpcId }) => [vpcId],
    cidr: ({ cidr }) => [cidr],
    'is-default': ({ isDefault }) => [String(isDefault)],
    'owner-id': ({ account }) => [account],
  },
};
const subnetKind: Kind<SubnetRow> = {
  table: subnets,
  prefix: 'subnet',
  missing: 'InvalidSubnetID.NotFound',
  malformed: 'InvalidSubnetId.Malformed',
  noun: 'subnet ID',
  idOf: ({ subnetId }) => subnetId,
  filters: {
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': ({ vpcId }) => [vpcId],
    'availability-zone': ({ zone }) => [zone],
    'cidr-block': ({ cidr }) => [cidr],
  },
};

const operations = operationsOf<typeof ec2>()({
  DescribeVpcs: {
    does({ VpcIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, vpcKind, { ids, ...asked });
      const Vpcs = rows.map(({ vpcId, cidr, isDefault, account }) => ({
        VpcId: vpcId,
        CidrBlock: cidr,
        IsDefault: isDefault,
        OwnerId: account,
        State: 'available' as const,
        Tags: listTags(call.view, vpcId),
      }));
      return { Vpcs, NextToken };
    },
  },
  DescribeSubnets: {
    does({ SubnetIds: ids, ...asked }, call) {
      const { rows, NextToken } = described(call, subnetKind, { ids, ...asked });
      const Subnets = rows.map(({ subnetId, vpcId, cidr, zone, account }) => ({
        SubnetId: subnetId,
        VpcId: vpcId,
        CidrBlock: cidr,
        AvailabilityZone: zone,
        OwnerId: account,
        State: 'available' as const,
        Tags: listTags(call.view, subnetId),
      }));
      return { Subnets, NextToken };
    },
  },
});

/** VPCs with their subnets. */
export const ec2Vpcs = awsNoun({
  name: 'vpcs',
  scope: 'region',
  estate: z.array(Vpc).default([]),
  seed(rows, list, { account, region }) {
    const place = { account, region };
    for (const { id, tags, cidr, ipv6Cidr, isDefault, subnets: within } of list) {
      rows.put(vpcs, id, { ...place, vpcId: id, cidr, isDefault, ...(ipv6Cidr !== undefined && { ipv6Cidr }) });
      putTags(rows, id, place, tags);
      for (const subnet of within) {
        rows.put(subnets, subnet.id, {
          ...place,
          subnetId: subnet.id,
          vpcId: id,
          cidr: subnet.cidr,
          zone: subnet.zone,
        });
        putTags(rows, subnet.id, place, subnet.tags);
      }
    }
  },
  operations: { ec2: withDryRun(operations) },
});
