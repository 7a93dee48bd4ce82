import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotAttributesCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBInstanceCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { type Probe, probesOf } from '../probe.ts';

const DBInstanceIdentifier = 'orders-1';
const DBSnapshotIdentifier = 'reports-2026-11';
const DBClusterSnapshotIdentifier = 'orders-before-upgrade';
const nothing = 'no-such-thing';
const unshare = { AttributeName: 'restore', ValuesToRemove: ['all'] };

const rds = probesOf('rds', RDSClient);

const instances: readonly Probe[] = [
  rds('DescribeDBInstances', (client) => client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))),
  rds('DescribeDBInstances of an unknown one', (client) =>
    client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: nothing })),
  ),
  rds(
    'DescribeDBInstances of a cluster',
    async (client) => {
      const Filters = [{ Name: 'db-cluster-id', Values: ['orders'] }];
      const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({ Filters }));
      return { names: DBInstances.map((one) => one.DBInstanceIdentifier ?? '').sort() };
    },
    true,
  ),
  rds('ModifyDBInstance', (client) =>
    client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, PubliclyAccessible: false })),
  ),
  rds('ModifyDBInstance of an unknown one', (client) =>
    client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: nothing, PubliclyAccessible: false })),
  ),
];

const snapshots: readonly Probe[] = [
  rds('DescribeDBSnapshotAttributes', (client) =>
    client.send(new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier })),
  ),
  rds('DescribeDBSnapshotAttributes of an unknown snapshot', (client) =>
    client.send(new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: nothing })),
  ),
  rds('ModifyDBSnapshotAttribute', (client) =>
    client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier, ...unshare })),
  ),
  rds('ModifyDBSnapshotAttribute of an unknown snapshot', (client) =>
    client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: nothing, ...unshare })),
  ),
  rds('ModifyDBSnapshotAttribute of an unknown attribute', (client) =>
    client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier, ...unshare, AttributeName: 'unknown' })),
  ),
  rds('DescribeDBClusterSnapshotAttributes', (client) =>
    client.send(new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier })),
  ),
  rds('DescribeDBClusterSnapshotAttributes of an unknown snapshot', (client) =>
    client.send(new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: nothing })),
  ),
  rds('ModifyDBClusterSnapshotAttribute', (client) =>
    client.send(new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier, ...unshare })),
  ),
];

/** RDS. Some change what later ones see. */
export const rdsProbes: readonly Probe[] = [...instances, ...snapshots];
