import type * as rds from '@aws-sdk/client-rds';
import * as z from 'zod';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type DatabaseSnapshotRow, databaseSnapshots, tagList } from './rds-rows.ts';

const Snapshot = z.strictObject({
  id: z.string().regex(/^[a-z][\w:-]{0,254}$/),
  of: z.string(),
  ofCluster: z.boolean().default(false),
  encrypted: z.boolean().default(false),
  type: z.enum(['manual', 'automated']).default('manual'),
  sharedWith: z.array(z.string().regex(/^(all|\d{12})$/)).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

type Kind = { readonly ofCluster: boolean; readonly noun: string; readonly missing: string };
const ofInstance: Kind = { ofCluster: false, noun: 'snapshot', missing: 'DBSnapshotNotFound' };
const ofCluster: Kind = { ofCluster: true, noun: 'cluster-snapshot', missing: 'DBClusterSnapshotNotFoundFault' };

const arnOf = ({ noun }: Kind, id: string | undefined, { partition, region, account }: Call): string =>
  id?.startsWith('arn:') ? id : `arn:${partition}:rds:${region}:${account}:${noun}:${id?.toLowerCase() ?? '*'}`;

const notFound = ({ missing }: Kind, id: string | undefined) =>
  new AwsFault(missing, `DBSnapshot ${id} not found.`, { status: 404 });

/** Whose it is, and with whom it is shared: what others see of it. */
const isFor = ({ account, sharedWith }: DatabaseSnapshotRow, caller: string): boolean =>
  account === caller || sharedWith.includes('all') || sharedWith.includes(caller);

function snapshotOf(kind: Kind, id: string | undefined, call: Call): DatabaseSnapshotRow {
  const row = call.view.get(databaseSnapshots, arnOf(kind, id, call));
  if (row && isFor(row, call.account)) return row;
  throw notFound(kind, id);
}

/** What IAM judges: a snapshot of somebody else is shared by its own list, and needs no policy of its owner's. */
function judged(kind: Kind, id: string | undefined, call: Call): string {
  const arn = arnOf(kind, id, call);
  return arn.split(':')[4] === call.account ? arn : arnOf(kind, undefined, call);
}

const described = (row: DatabaseSnapshotRow) => ({
  Engine: 'postgres',
  Status: 'available',
  SnapshotType: row.type,
  TagList: tagList(row.tags),
});
const ofInstanceDescribed = (row: DatabaseSnapshotRow): rds.DBSnapshot => ({
  ...described(row),
  DBSnapshotIdentifier: row.id,
  DBSnapshotArn: row.arn,
  DBInstanceIdentifier: row.source,
  Encrypted: row.encrypted,
});
const ofClusterDescribed = (row: DatabaseSnapshotRow): rds.DBClusterSnapshot => ({
  ...described(row),
  DBClusterSnapshotIdentifier: row.id,
  DBClusterSnapshotArn: row.arn,
  DBClusterIdentifier: row.source,
  StorageEncrypted: row.encrypted,
});

type Listing = { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined };

/** One snapshot by its name or ARN, or the account's own in pages. */
function listed(kind: Kind, id: string | undefined, { Marker, MaxRecords }: Listing, call: Call) {
  const own = call.view
    .all(databaseSnapshots)
    .flatMap(([, row]) => (row.account === call.account && row.ofCluster === kind.ofCluster ? [row] : []));
  return page(id === undefined ? own : [snapshotOf(kind, id, call)], Marker, MaxRecords);
}

/** What only the owner may ask and change. */
function ownSnapshot(kind: Kind, id: string | undefined, call: Call): DatabaseSnapshotRow {
  const row = snapshotOf(kind, id, call);
  if (row.account === call.account) return row;
  throw notFound(kind, id);
}

const attributes = ({ sharedWith }: DatabaseSnapshotRow) => [
  { AttributeName: 'restore', AttributeValues: [...sharedWith] },
];

type Sharing = {
  readonly AttributeName?: string | undefined;
  readonly ValuesToAdd?: readonly string[] | undefined;
  readonly ValuesToRemove?: readonly string[] | undefined;
};

/** docs.aws.amazon.com/AmazonRDS, ModifyDBSnapshotAttribute: an encrypted snapshot cannot be made public. */
function share(
  row: DatabaseSnapshotRow,
  { AttributeName, ValuesToAdd = [], ValuesToRemove = [] }: Sharing,
  call: Call,
) {
  if (AttributeName !== 'restore') throw new AwsFault('InvalidParameterValue', `Invalid attribute: ${AttributeName}`);
  if (row.type !== 'manual')
    throw new AwsFault('InvalidDBSnapshotState', 'Only manual snapshots may be shared.', { status: 400 });
  if (row.encrypted && ValuesToAdd.includes('all'))
    throw new AwsFault('InvalidParameterValue', 'Encrypted snapshots cannot be shared publicly.');
  const sharedWith = [...new Set([...row.sharedWith, ...ValuesToAdd])].filter((one) => !ValuesToRemove.includes(one));
  const changed = { ...row, sharedWith };
  call.world.rows.put(databaseSnapshots, row.arn, changed);
  return attributes(changed);
}

const operations = operationsOf<typeof rds>()({
  DescribeDBSnapshots: {
    on: ({ DBSnapshotIdentifier }, call) => judged(ofInstance, DBSnapshotIdentifier, call),
    does(input, call) {
      const { items, next } = listed(ofInstance, input.DBSnapshotIdentifier, input, call);
      return { DBSnapshots: items.map(ofInstanceDescribed), Marker: next };
    },
  },
  DescribeDBClusterSnapshots: {
    on: ({ DBClusterSnapshotIdentifier }, call) => judged(ofCluster, DBClusterSnapshotIdentifier, call),
    does(input, call) {
      const { items, next } = listed(ofCluster, input.DBClusterSnapshotIdentifier, input, call);
      return { DBClusterSnapshots: items.map(ofClusterDescribed), Marker: next };
    },
  },
  DescribeDBSnapshotAttributes: {
    on: ({ DBSnapshotIdentifier }, call) => judged(ofInstance, DBSnapshotIdentifier, call),
    does({ DBSnapshotIdentifier }, call) {
      const row = ownSnapshot(ofInstance, DBSnapshotIdentifier, call);
      return { DBSnapshotAttributesResult: { DBSnapshotIdentifier: row.id, DBSnapshotAttributes: attributes(row) } };
    },
  },
  DescribeDBClusterSnapshotAttributes: {
    on: ({ DBClusterSnapshotIdentifier }, call) => judged(ofCluster, DBClusterSnapshotIdentifier, call),
    does({ DBClusterSnapshotIdentifier }, call) {
      const row = ownSnapshot(ofCluster, DBClusterSnapshotIdentifier, call);
      const DBClusterSnapshotAttributes = attributes(row);
      return {
        DBClusterSnapshotAttributesResult: { DBClusterSnapshotIdentifier: row.id, DBClusterSnapshotAttributes },
      };
    },
  },
  ModifyDBSnapshotAttribute: {
    on: ({ DBSnapshotIdentifier }, call) => judged(ofInstance, DBSnapshotIdentifier, call),
    does(input, call) {
      const DBSnapshotAttributes = share(ownSnapshot(ofInstance, input.DBSnapshotIdentifier, call), input, call);
      return { DBSnapshotAttributesResult: { DBSnapshotAttributes } };
    },
  },
  ModifyDBClusterSnapshotAttribute: {
    on: ({ DBClusterSnapshotIdentifier }, call) => judged(ofCluster, DBClusterSnapshotIdentifier, call),
    does(input, call) {
      const row = ownSnapshot(ofCluster, input.DBClusterSnapshotIdentifier, call);
      return { DBClusterSnapshotAttributesResult: { DBClusterSnapshotAttributes: share(row, input, call) } };
    },
  },
  CopyDBSnapshot: {
    on: ({ TargetDBSnapshotIdentifier }, call) => arnOf(ofInstance, TargetDBSnapshotIdentifier, call),
    does({ SourceDBSnapshotIdentifier, TargetDBSnapshotIdentifier }, call) {
      const { account, region, world } = call;
      const source = snapshotOf(ofInstance, SourceDBSnapshotIdentifier, call);
      const arn = arnOf(ofInstance, TargetDBSnapshotIdentifier, call);
      const id = arn.split(':').slice(6).join(':');
      const copy: DatabaseSnapshotRow = { ...source, account, region, id, arn, sharedWith: [], tags: {} };
      world.rows.put(databaseSnapshots, arn, copy);
      return { DBSnapshot: ofInstanceDescribed(copy) };
    },
  },
});

/** Snapshots of databases and of clusters, and whom they are shared with. */
export const rdsSnapshots = awsNoun({
  name: 'databaseSnapshots',
  scope: 'region',
  estate: z.array(Snapshot).default([]),
  seed(rows, list, { partition, account, region }) {
    for (const { of: source, ...plain } of list) {
      const { noun } = plain.ofCluster ? ofCluster : ofInstance;
      const arn = `arn:${partition}:rds:${region}:${account}:${noun}:${plain.id}`;
      rows.put(databaseSnapshots, arn, { ...plain, account, region, arn, source });
    }
  },
  operations: { rds: operations },
});
