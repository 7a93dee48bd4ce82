import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { nobody, type Read, sendsOf } from './read.ts';

const rds = sendsOf(RDSClient);
/** RDS gives no shorter page. */
const page = { MaxRecords: 20 } as const;

/** Harmless reads of databases and their snapshots. */
export const databaseReads: Readonly<Record<string, Read>> = {
  'rds:DescribeDBInstances': rds((client, abortSignal) =>
    client.send(new DescribeDBInstancesCommand(page), { abortSignal }),
  ),
  'rds:DescribeDBSnapshots': rds((client, abortSignal) =>
    client.send(new DescribeDBSnapshotsCommand(page), { abortSignal }),
  ),
  'rds:DescribeDBClusterSnapshots': rds((client, abortSignal) =>
    client.send(new DescribeDBClusterSnapshotsCommand(page), { abortSignal }),
  ),
  'rds:DescribeDBSnapshotAttributes': rds((client, abortSignal) =>
    client.send(new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: nobody }), { abortSignal }),
  ),
  'rds:DescribeDBClusterSnapshotAttributes': rds((client, abortSignal) =>
    client.send(new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: nobody }), {
      abortSignal,
    }),
  ),
};
