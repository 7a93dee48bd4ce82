import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  type Tag,
} from '@aws-sdk/client-rds';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const tagsOf = (tags: readonly Tag[] = []): JsonObject =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Tags of a database, whether it has a public address, and the cluster it belongs to. */
export async function inspectDatabase(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.rds.instance') return {};
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: target.instanceIdentifier });
  const found = await unlessAbsent(['DBInstanceNotFoundFault'], () => session.client(RDSClient).send(command));
  const [instance] = found?.DBInstances ?? [];
  if (!instance) return undefined;
  const { TagList, PubliclyAccessible = false, DBClusterIdentifier: clusterIdentifier } = instance;
  return {
    tags: tagsOf(TagList),
    publiclyAccessible: PubliclyAccessible,
    ...(clusterIdentifier !== undefined && { clusterIdentifier }),
  };
}

/** Tags of a snapshot of a database or of a cluster. */
export async function inspectDatabaseSnapshot(session: AwsSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'aws.rds.snapshot') return {};
  const { snapshotIdentifier: id, ofCluster } = target;
  const client = session.client(RDSClient);
  const absent = ['DBSnapshotNotFoundFault', 'DBClusterSnapshotNotFoundFault'];
  const found = await unlessAbsent(absent, async () =>
    ofCluster
      ? (await client.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id })))
          .DBClusterSnapshots
      : (await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }))).DBSnapshots,
  );
  const [snapshot] = found ?? [];
  return snapshot && { tags: tagsOf(snapshot.TagList) };
}
