import {
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  type DatabaseRow,
  databaseSnapshots,
  databases,
  type DatabaseSnapshotRow,
} from '../../../shared/sandbox/aws/rds-rows.ts';
import { idOn, rowsOf, type Seeding, tagList } from './seeding.ts';

const master = { MasterUsername: 'northwind', MasterUserPassword: 'not-a-secret' };

const groupsOf = (to: Seeding, groups: readonly string[]) => groups.map((id) => idOn(to, id));

/** An instance; those of a cluster have its groups. */
async function seedDatabase(to: Seeding, row: DatabaseRow): Promise<void> {
  const alone = { ...master, AllocatedStorage: 20, VpcSecurityGroupIds: groupsOf(to, row.securityGroups) };
  const made = {
    DBInstanceIdentifier: row.id,
    Engine: row.engine,
    DBInstanceClass: row.instanceClass,
    Port: row.port,
    PubliclyAccessible: row.publiclyAccessible,
    Tags: tagList(row.tags),
    ...(row.cluster === undefined ? alone : { DBClusterIdentifier: row.cluster }),
  };
  await to.client(RDSClient).send(new CreateDBInstanceCommand(made));
}

async function seedSnapshot(to: Seeding, { id, source, ofCluster, sharedWith, tags }: DatabaseSnapshotRow) {
  const rds = to.client(RDSClient);
  const shared = { AttributeName: 'restore', ValuesToAdd: [...sharedWith] };
  const Tags = tagList(tags);
  if (ofCluster) {
    const named = { DBClusterSnapshotIdentifier: id };
    await rds.send(new CreateDBClusterSnapshotCommand({ ...named, DBClusterIdentifier: source, Tags }));
    if (sharedWith.length > 0) await rds.send(new ModifyDBClusterSnapshotAttributeCommand({ ...named, ...shared }));
    return;
  }
  const named = { DBSnapshotIdentifier: id };
  await rds.send(new CreateDBSnapshotCommand({ ...named, DBInstanceIdentifier: source, Tags }));
  if (sharedWith.length > 0) await rds.send(new ModifyDBSnapshotAttributeCommand({ ...named, ...shared }));
}

/** Clusters, their instances, others, and manual snapshots of both. Changes that wait for a window are not put on moto. */
export async function seedRds(to: Seeding): Promise<void> {
  const rows = rowsOf(to, databases);
  const clusters = new Map(rows.flatMap((row) => (row.cluster === undefined ? [] : [[row.cluster, row]])));
  for (const [DBClusterIdentifier, { engine: Engine, securityGroups }] of clusters) {
    const made = { DBClusterIdentifier, Engine, VpcSecurityGroupIds: groupsOf(to, securityGroups), ...master };
    await to.client(RDSClient).send(new CreateDBClusterCommand(made));
  }
  for (const row of rows) await seedDatabase(to, row);
  for (const row of rowsOf(to, databaseSnapshots)) await seedSnapshot(to, row);
}
