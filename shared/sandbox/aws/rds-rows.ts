import { table } from '../rows.ts';

export type DatabaseRow = {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly arn: string;
  readonly engine: string;
  readonly cluster?: string;
  readonly port: number;
  readonly publiclyAccessible: boolean;
  readonly securityGroups: readonly string[];
  readonly instanceClass: string;
  /** A change that waits for the maintenance window. */
  readonly pendingClass?: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** A snapshot of an instance, or of a cluster. */
export type DatabaseSnapshotRow = {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly arn: string;
  readonly ofCluster: boolean;
  readonly source: string;
  readonly encrypted: boolean;
  readonly type: 'manual' | 'automated';
  /** Account ids, and `all`. */
  readonly sharedWith: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
};

/** Both keyed by ARN. */
export const databases = table<DatabaseRow>('aws.rds.databases');
export const databaseSnapshots = table<DatabaseSnapshotRow>('aws.rds.snapshots');

/** Tags as RDS lists them. */
export const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
