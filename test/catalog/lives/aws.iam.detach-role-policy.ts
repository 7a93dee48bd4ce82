import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';
import { change } from '../../support/foreign-edit.ts';

const policy = 'arn:aws:iam::aws:policy/AdministratorAccess';

export const life: ActionLife = {
  input: { roleName: 'backup-agent', policy },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'ASIABACKUPAGENT00001',
      action: 'iam:CreateUser',
      resource: `arn:aws:iam::${production}:user/another`,
    }),
  /** Somebody attaches it again. */
  edit: (sandbox) => change(sandbox, roles, `${production}/backup-agent`, () => ({ attached: [policy] })),
  unused: {
    'iam:GetRolePolicy': 'only for an inline policy: test/actions/aws/iam-detach-policy.test.ts',
    'iam:PutRolePolicy': 'for the same reason',
    'iam:DeleteRolePolicy': 'for the same reason',
  },
};
