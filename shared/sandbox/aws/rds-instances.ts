import type * as rds from '@aws-sdk/client-rds';
import * as z from 'zod';
import type { World } from '../world.ts';
import { admits } from './network.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type DatabaseRow, databases, tagList } from './rds-rows.ts';

const Database = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  engine: z.string().default('postgres'),
  cluster: z.string().exactOptional(),
  port: z.int().default(5432),
  public: z.boolean().default(false),
  securityGroups: z.array(z.string()).default([]),
  class: z.string().default('db.r7g.large'),
  pendingClass: z.string().exactOptional(),
  status: z.string().default('available'),
  tags: z.record(z.string(), z.string()).default({}),
});

type Named = { readonly DBInstanceIdentifier?: string | undefined };

/** By name, whose case does not count, or by ARN; `*` where a request names none. */
const arnOf = ({ DBInstanceIdentifier: id = '*' }: Named, { partition, region, account }: Call): string =>
  id.startsWith('arn:') ? id : `arn:${partition}:rds:${region}:${account}:db:${id.toLowerCase()}`;

function databaseOf(named: Named, call: Call): DatabaseRow {
  const row = call.view.get(databases, arnOf(named, call));
  if (row) return row;
  throw new AwsFault('DBInstanceNotFound', `DBInstance ${named.DBInstanceIdentifier} not found.`, { status: 404 });
}

const described = (row: DatabaseRow): rds.DBInstance => ({
  DBInstanceIdentifier: row.id,
  DBInstanceArn: row.arn,
  DBInstanceStatus: row.status,
  DBInstanceClass: row.instanceClass,
  Engine: row.engine,
  ...(row.cluster !== undefined && { DBClusterIdentifier: row.cluster }),
  Endpoint: { Address: `${row.id}.c0ffee.${row.region}.rds.amazonaws.com`, Port: row.port },
  PubliclyAccessible: row.publiclyAccessible,
  VpcSecurityGroups: row.securityGroups.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
  PendingModifiedValues: row.pendingClass === undefined ? {} : { DBInstanceClass: row.pendingClass },
  TagList: tagList(row.tags),
});

const operations = operationsOf<typeof rds>()({
  DescribeDBInstances: {
    on: arnOf,
    does({ DBInstanceIdentifier, Filters = [], Marker, MaxRecords = 100 }, call) {
      if (DBInstanceIdentifier !== undefined)
        return { DBInstances: [described(databaseOf({ DBInstanceIdentifier }, call))] };
      const unknown = Filters.find(({ Name }) => Name !== 'db-cluster-id');
      if (unknown) throw new AwsFault('InvalidParameterValue', `Unrecognized filter name: ${unknown.Name}`);
      const own = call.view
        .all(databases)
        .flatMap(([, row]) => (row.account === call.account && row.region === call.region ? [row] : []))
        .filter(({ cluster = '' }) => Filters.every(({ Values = [] }) => Values.includes(cluster)));
      const { items, next } = page(own, Marker, MaxRecords);
      return { DBInstances: items.map(described), Marker: next };
    },
  },
  ModifyDBInstance: {
    on: arnOf,
    does(input, call) {
      const { pendingClass, ...row } = databaseOf(input, call);
      if (row.status !== 'available')
        throw new AwsFault('InvalidDBInstanceState', `Database instance is not in available state.`, { status: 400 });
      const { PubliclyAccessible: publiclyAccessible = row.publiclyAccessible, ApplyImmediately = false } = input;
      // What waits for the maintenance window is made now with whatever else is, once somebody asks for now.
      const waiting = pendingClass === undefined ? {} : { pendingClass };
      const now = ApplyImmediately ? { instanceClass: pendingClass ?? row.instanceClass } : waiting;
      const changed: DatabaseRow = { ...row, ...now, publiclyAccessible };
      call.world.rows.put(databases, row.arn, changed);
      return { DBInstance: described(changed) };
    },
  },
});

/** Whether an address on the internet gets through to a database: it must be public, and its groups must let it in. */
export function reachDatabase(world: World, from: string, arn: string): 'connected' | 'timeout' {
  const row = world.rows.get(databases, arn);
  if (!row?.publiclyAccessible || row.status !== 'available') return 'timeout';
  return admits(world, { groups: row.securityGroups, from, port: row.port }) ? 'connected' : 'timeout';
}

/** Database instances of RDS and Aurora. */
export const rdsInstances = awsNoun({
  name: 'databases',
  scope: 'region',
  estate: z.array(Database).default([]),
  seed(rows, list, { partition, account, region }) {
    for (const { public: publiclyAccessible, class: instanceClass, ...plain } of list) {
      const arn = `arn:${partition}:rds:${region}:${account}:db:${plain.id}`;
      rows.put(databases, arn, { ...plain, account, region, arn, publiclyAccessible, instanceClass });
    }
  },
  operations: { rds: operations },
});
