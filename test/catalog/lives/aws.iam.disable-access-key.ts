import { accessKeys } from '../../../shared/sandbox/aws/iam-rows.ts';
import { production } from '../../support/company.ts';
import type { ActionLife } from '../../support/check-action.ts';

const accessKeyId = 'AKIACIDEPLOY00000001';

export const life: ActionLife = {
  input: { userName: 'ci-deploy', accessKeyId },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::northwind-customer-exports/2026/all.csv',
    }),
  edit: (sandbox) => sandbox.rows.delete(accessKeys, accessKeyId),
};
