import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { type DatabaseSnapshotRow, databaseSnapshots } from '../../../shared/sandbox/aws/rds-rows.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const arn = `arn:aws:rds:eu-west-1:${production}:snapshot:reports-2026-11`;

export const life: ActionLife = {
  input: { snapshotIdentifier: 'reports-2026-11', keep: ['444455556666'] },
  where: { account: production, region: 'eu-west-1' },
  attack: async (sandbox) => {
    const client = new RDSClient(holding(sandbox, 'AKIAMALLORY000000001'));
    const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: arn, IncludePublic: true });
    return (await refusal(client.send(command))) === undefined;
  },
  /** Somebody shares it with everybody again. */
  edit: ({ rows }) => {
    const row = rows.get(databaseSnapshots, arn) as DatabaseSnapshotRow; // the estate has it
    rows.put(databaseSnapshots, arn, { ...row, sharedWith: ['all', '444455556666'] });
  },
  unused: {
    'rds:DescribeDBClusterSnapshotAttributes': 'this snapshot is of an instance',
    'rds:ModifyDBClusterSnapshotAttribute': 'this snapshot is of an instance',
  },
};
