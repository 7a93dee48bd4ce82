import { table } from '../rows.ts';

export const terminationPolicies = ['Default', 'OldestInstance', 'NewestInstance'] as const;

export type GroupRow = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** With `ELB`, an instance that lets nobody in is unhealthy. */
  readonly healthCheckType: 'EC2' | 'ELB';
  readonly terminationPolicy: (typeof terminationPolicies)[number];
  /** What instances get when they are launched or attached. */
  readonly newInstancesProtected: boolean;
  readonly subnets: readonly string[];
  readonly tags: Readonly<Record<string, { readonly value: string; readonly propagates: boolean }>>;
};
export type MemberRow = {
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly instanceId: string;
  readonly protectedFromScaleIn: boolean;
  /** ISO; pending until then. Goes once it has passed. */
  readonly inServiceAt?: string;
};

/** Keyed by `account/region/name`. */
export const autoScalingGroups = table<GroupRow>('aws.autoscaling.groups');
/** Keyed by instance id: an instance is in one group at most. */
export const members = table<MemberRow>('aws.autoscaling.members');
