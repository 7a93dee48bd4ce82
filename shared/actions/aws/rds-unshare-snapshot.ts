import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBSnapshotAttributesCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as z from 'zod';
import type { Grant } from '../../policy/grants.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { Shared, sharedState, sharedWhom, sharingInput, withoutStrangers } from './sharing.ts';

const AttributeName = 'restore';
const kinds = { instance: 'snapshot', cluster: 'cluster-snapshot' } as const;

const on = (kind: keyof typeof kinds, ...names: readonly string[]): Grant[] =>
  names.map((name) => ({
    allow: `rds:${name}`,
    on: `arn:{partition}:rds:{region}:{account}:${kinds[kind]}:{snapshotIdentifier}`,
  }));

/** Whom a snapshot is shared with: account ids, and `all`; undefined where there is no such snapshot. */
async function sharedWith(
  aws: AwsSession,
  { id, ofCluster }: { readonly id: string; readonly ofCluster: boolean },
  abortSignal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const client = aws.client(RDSClient);
  const found = await unlessAbsent(['DBSnapshotNotFoundFault', 'DBClusterSnapshotNotFoundFault'], async () => {
    if (ofCluster) {
      const command = new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: id });
      const { DBClusterSnapshotAttributesResult: answer } = await client.send(command, { abortSignal });
      return answer?.DBClusterSnapshotAttributes ?? [];
    }
    const command = new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: id });
    const { DBSnapshotAttributesResult: answer } = await client.send(command, { abortSignal });
    return answer?.DBSnapshotAttributes ?? [];
  });
  return found?.flatMap((one) => (one.AttributeName === AttributeName ? (one.AttributeValues ?? []) : []));
}

/**
 * Stops sharing a manual database snapshot (docs.aws.amazon.com/AmazonRDS, ModifyDBSnapshotAttribute and
 * ModifyDBClusterSnapshotAttribute). Everybody, and each account, is a change of its own: those who are to keep it do.
 */
export const rdsUnshareSnapshot = awsAction({
  id: 'aws.rds.unshare-snapshot',
  title: 'Stop sharing a database snapshot',
  target: 'aws.rds.snapshot',
  d3fend: 'D3-NRAM',
  input: z.strictObject({
    snapshotIdentifier: z
      .string()
      .regex(/^[A-Za-z][\w-]{0,254}$/, 'a manual snapshot has letters, digits and hyphens only')
      .describe('The snapshot, by name.'),
    ofCluster: z.boolean().default(false).describe('Whether it is a snapshot of a cluster.'),
    ...sharingInput,
  }),
  value: Shared,
  permissions: {
    read: [...on('instance', 'DescribeDBSnapshotAttributes'), ...on('cluster', 'DescribeDBClusterSnapshotAttributes')],
    write: [...on('instance', 'ModifyDBSnapshotAttribute'), ...on('cluster', 'ModifyDBClusterSnapshotAttribute')],
  },
  settles: { seconds: 15 },
  cautions: ['Copies that others have made, and databases restored from it, stay theirs.'],
  examples: [
    { snapshotIdentifier: 'orders-2026-11' },
    { snapshotIdentifier: 'orders-before-upgrade', ofCluster: true, from: ['accounts'], keep: ['444455556666'] },
  ],
}).does({
  async capture(aws, { snapshotIdentifier: id, ofCluster }, { signal }) {
    const shared = await sharedWith(aws, { id, ofCluster }, signal);
    if (!shared) return {};
    return sharedState(`${ofCluster ? kinds.cluster : kinds.instance}:${id}`, shared);
  },
  plan: (input, seen) => withoutStrangers(input, seen),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const [kind, id = ''] = (resource.split('/')[0] ?? '').split(':');
    const one = [sharedWhom(resource)];
    const change = { AttributeName, ...(to === null ? { ValuesToRemove: one } : { ValuesToAdd: one }) };
    const client = aws.client(RDSClient);
    await (kind === kinds.cluster
      ? client.send(new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier: id, ...change }), {
          abortSignal,
        })
      : client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: id, ...change }), { abortSignal }));
  },
});
