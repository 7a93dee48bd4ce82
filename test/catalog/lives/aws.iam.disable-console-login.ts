import { signsIn } from '../../../shared/sandbox/aws/iam-login-profiles.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

export const life: ActionLife = {
  input: { userName: 'svc-backup' },
  where: { account: production, region: 'eu-west-1' },
  attack: ({ rows }) => signsIn(rows, { account: production, userName: 'svc-backup', password: 'Winter2026!' }),
};
