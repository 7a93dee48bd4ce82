import { snapshots } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { isSharedWith } from '../../../shared/sandbox/aws/ec2-sharing.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const snapshotId = 'snap-0aa11bb22cc33d501';

export const life: ActionLife = {
  input: { snapshotId, keep: ['444455556666'] },
  where: { account: production, region: 'eu-west-1' },
  attack({ rows }) {
    const row = rows.get(snapshots, snapshotId);
    return row !== undefined && ['666677778888', '777788889999'].some((account) => isSharedWith(row, account));
  },
  /** Somebody shares it with everybody once more. */
  edit({ rows }) {
    const row = rows.get(snapshots, snapshotId);
    if (row) rows.put(snapshots, snapshotId, { ...row, sharedWith: [...(row.sharedWith ?? []), 'all'] });
  },
};
