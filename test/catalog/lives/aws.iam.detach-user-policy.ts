import { users } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';
import { change } from '../../support/foreign-edit.ts';

const policy = 'arn:aws:iam::aws:policy/AdministratorAccess';

export const life: ActionLife = {
  input: { userName: 'svc-backup', policy },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'AKIASVCBACKUP0000001',
      action: 'iam:CreateUser',
      resource: `arn:aws:iam::${production}:user/another`,
    }),
  /** Somebody attaches it again. */
  edit: (sandbox) => change(sandbox, users, `${production}/svc-backup`, () => ({ attached: [policy] })),
  unused: {
    'iam:GetUserPolicy': 'only for an inline policy: test/actions/aws/iam-detach-policy.test.ts',
    'iam:PutUserPolicy': 'for the same reason',
    'iam:DeleteUserPolicy': 'for the same reason',
  },
};
