import { table } from '../rows.ts';

/** Where a resource of EC2 lives; its ids are unique over all accounts, so that rows are keyed by id alone. */
type Regional = { readonly account: string; readonly region: string };

export type VpcRow = Regional & {
  readonly vpcId: string;
  readonly cidr: string;
  readonly ipv6Cidr?: string;
  readonly isDefault: boolean;
};
export type SubnetRow = Regional & {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
};

export type SecurityGroupRow = Regional & {
  readonly groupId: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
};
/** Where a rule lets traffic come from or go to: exactly one kind. */
export type RuleSource = {
  readonly kind: 'ipv4' | 'ipv6' | 'prefix-list' | 'group';
  /** A CIDR block, `pl-…` or `sg-…`. */
  readonly value: string;
};
export type SecurityGroupRuleRow = Regional & {
  readonly groupId: string;
  readonly egress: boolean;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all. */
  readonly protocol: string;
  /** -1 where the protocol has no ports; type and code for ICMP. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly source: RuleSource;
  readonly description?: string;
  /** Counts how often this rule was authorised: part of its `sgr-` id, which AWS gives anew each time. */
  readonly revision: number;
};

export type InterfaceRow = Regional & {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zone: string;
  readonly description: string;
  readonly privateIp: string;
  readonly publicIp?: string;
  readonly ipv6: readonly string[];
  /** Security group ids, in the order they were given. */
  readonly groups: readonly string[];
  readonly interfaceType: string;
  /** Owned by an AWS service, which alone may change it. */
  readonly requesterManaged: boolean;
  readonly requesterId?: string;
  readonly sourceDestCheck: boolean;
  readonly attachment?: {
    readonly attachmentId: string;
    readonly instanceId: string;
    readonly deviceIndex: number;
    readonly deleteOnTermination: boolean;
    readonly attachedAt: string;
  };
};

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
export type BlockDevice = {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly deleteOnTermination: boolean;
  readonly attachedAt: string;
};
/** Its interfaces are the rows of `networkInterfaces` attached to it, its tags a row of `ec2Tags`. */
export type InstanceRow = Regional & {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly state: InstanceState;
  readonly launchedAt: string;
  readonly sourceDestCheck: boolean;
  readonly instanceProfile?: { readonly arn: string; readonly id: string };
  readonly rootDeviceName: string;
  readonly blockDevices: readonly BlockDevice[];
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly shutdownBehavior: 'stop' | 'terminate';
  /** `spot` instances take no termination protection. */
  readonly lifecycle?: 'spot';
};

export type VolumeRow = Regional & {
  readonly volumeId: string;
  readonly zone: string;
  readonly sizeGib: number;
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly state: 'available' | 'in-use';
  readonly createdAt: string;
  /** The instance it is attached to; the device is in that instance's `blockDevices`. */
  readonly instanceId?: string;
};
export type SnapshotRow = Regional & {
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly description: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly startedAt: string;
  /** ISO; until then its state is pending. */
  readonly completesAt: string;
  /** Its copying failed. */
  readonly failed?: true;
  /** `all`, and accounts: who else may make volumes of it. */
  readonly sharedWith?: readonly string[];
};

/** One numbered rule of a network ACL. */
export type AclEntry = {
  readonly number: number;
  readonly egress: boolean;
  readonly action: 'allow' | 'deny';
  /** A protocol's number, or `-1` for all. */
  readonly protocol: string;
  readonly cidr: string;
  /** Where the protocol has ports. */
  readonly ports?: readonly [number, number];
};
/** A network ACL with the subnets it stands before; the rule that denies what no other allows is not among its entries. */
export type NetworkAclRow = Regional & {
  readonly networkAclId: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly subnets: readonly string[];
  readonly entries: readonly AclEntry[];
};

/** An image with the snapshots that its volumes are made of. */
export type ImageRow = Regional & {
  readonly imageId: string;
  readonly name: string;
  readonly snapshots: readonly string[];
  /** `all`, accounts, and ARNs of organisations and their units. */
  readonly sharedWith: readonly string[];
};

/** Tags of any resource of EC2, keyed by its id; no row where there are none. */
export type TagsRow = Regional & { readonly tags: Readonly<Record<string, string>> };

/** All keyed by the resource's id, but rules by `ruleKey` of `ec2-rules.ts`. */
export const vpcs = table<VpcRow>('aws.ec2.vpcs');
export const subnets = table<SubnetRow>('aws.ec2.subnets');
export const securityGroups = table<SecurityGroupRow>('aws.ec2.security-groups');
export const securityGroupRules = table<SecurityGroupRuleRow>('aws.ec2.security-group-rules');
export const networkInterfaces = table<InterfaceRow>('aws.ec2.network-interfaces');
export const instances = table<InstanceRow>('aws.ec2.instances');
export const volumes = table<VolumeRow>('aws.ec2.volumes');
export const snapshots = table<SnapshotRow>('aws.ec2.snapshots');
export const networkAcls = table<NetworkAclRow>('aws.ec2.network-acls');
export const images = table<ImageRow>('aws.ec2.images');
export const ec2Tags = table<TagsRow>('aws.ec2.tags');
