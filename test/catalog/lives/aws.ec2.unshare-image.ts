import { images } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { isSharedWith } from '../../../shared/sandbox/aws/ec2-sharing.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const imageId = 'ami-0aa11bb22cc33d601';

export const life: ActionLife = {
  input: { imageId, keep: ['444455556666'] },
  where: { account: production, region: 'eu-west-1' },
  attack({ rows }) {
    const row = rows.get(images, imageId);
    return row !== undefined && ['666677778888', '777788889999'].some((account) => isSharedWith(row, account));
  },
  /** Somebody shares it with everybody once more. */
  edit({ rows }) {
    const row = rows.get(images, imageId);
    if (row) rows.put(images, imageId, { ...row, sharedWith: [...row.sharedWith, 'all'] });
  },
};
