import { type DBInstance, ModifyDBInstanceCommand, paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod';
import { messageOf, ProviderError } from '../../model/error.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { awsCode, unlessAbsent } from './fault.ts';

type Asked = { readonly DBInstanceIdentifier: string } | { readonly Filters: { Name: string; Values: string[] }[] };

async function listInstances(aws: AwsSession, asked: Asked, abortSignal: AbortSignal): Promise<readonly DBInstance[]> {
  const pages = paginateDescribeDBInstances({ client: aws.client(RDSClient) }, asked, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ DBInstances = [] }) => DBInstances);
}

/** A database that is being changed, backed up or restarted takes no change yet. */
const notYet = 'InvalidDBInstanceStateFault';

/**
 * Takes a database off the internet (docs.aws.amazon.com/AmazonRDS, ModifyDBInstance), and the other members of its
 * cluster with it, which hold the same data. The flag belongs to each instance, in Aurora too. RDS changes it at once
 * whatever ApplyImmediately says, so that is left out: it would make every other change that waits for the maintenance
 * window as well, and restart the database.
 */
export const rdsDisablePublicAccess = awsAction({
  id: 'aws.rds.disable-public-access',
  title: 'Take a database off the internet',
  target: 'aws.rds.instance',
  d3fend: 'D3-NI',
  input: z.strictObject({
    instanceIdentifier: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,62}$/, 'a DB instance identifier has letters, digits and hyphens only')
      .describe('The DB instance; those of the same cluster go with it.'),
  }),
  value: z.boolean(),
  permissions: {
    read: [{ allow: 'rds:DescribeDBInstances', on: 'arn:{partition}:rds:{region}:{account}:db:*' }],
    // Members of its cluster are known only once it is read.
    write: [{ allow: 'rds:ModifyDBInstance', on: 'arn:{partition}:rds:{region}:{account}:db:*' }],
  },
  settles: { seconds: 60 },
  cautions: [
    'Whoever reaches it from within the network still does, as through a machine that was broken into.',
    'Sessions that are open go on until they end.',
    'Clients outside the network are cut off, those of the company as well.',
    'Passwords that an attacker has learnt stay valid.',
  ],
  portable: { verb: 'restrict-database', with: { instanceIdentifier: '${target.instanceIdentifier}' } },
  examples: [{ instanceIdentifier: 'orders-1' }],
}).does({
  async capture(aws, { instanceIdentifier }, { signal }) {
    const found = await unlessAbsent(['DBInstanceNotFoundFault'], () =>
      listInstances(aws, { DBInstanceIdentifier: instanceIdentifier }, signal),
    );
    const cluster = found?.[0]?.DBClusterIdentifier;
    const members = cluster
      ? await listInstances(aws, { Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] }, signal)
      : (found ?? []);
    return Object.fromEntries(
      members.map(({ DBInstanceIdentifier = '', PubliclyAccessible = false }) => [
        DBInstanceIdentifier,
        PubliclyAccessible,
      ]),
    );
  },
  plan: (_, seen) => Object.fromEntries(Object.keys(seen).map((instance) => [instance, false])),
  async apply(aws, { resource: DBInstanceIdentifier, to }, { signal: abortSignal }) {
    if (to === null) return;
    const command = new ModifyDBInstanceCommand({ DBInstanceIdentifier, PubliclyAccessible: to });
    try {
      await aws.client(RDSClient).send(command, { abortSignal });
    } catch (thrown) {
      if (awsCode(thrown) !== notYet) throw thrown;
      throw new ProviderError({
        code: 'InvalidDBInstanceState',
        message: `AWS: ${DBInstanceIdentifier} takes no change now: ${messageOf(thrown)}`,
        status: 400,
        retryable: true,
        indeterminate: false,
        cause: thrown,
      });
    }
  },
});
