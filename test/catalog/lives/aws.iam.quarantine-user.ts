import { users } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const user = `${production}/ci-deploy`;

export const life: ActionLife = {
  input: { userName: 'ci-deploy' },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'AKIACIDEPLOY00000001',
      action: 'iam:CreateAccessKey',
      resource: `arn:aws:iam::${production}:user/ci-deploy`,
    }),
  edit({ rows }) {
    const row = rows.get(users, user);
    if (row) rows.put(users, user, { ...row, attached: [] });
  },
  unused: {
    'iam:PutUserPolicy':
      'only where the managed policy cannot be attached: test/actions/aws/iam-quarantine-user.test.ts',
    'iam:DeleteUserPolicy': 'takes the same fallback back',
  },
};
