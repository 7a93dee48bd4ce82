import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const role = `${production}/web-server`;

export const life: ActionLife = {
  input: { roleName: 'web-server' },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'ASIAWEBSERVER0000001',
      action: 'secretsmanager:GetSecretValue',
      resource: `arn:aws:secretsmanager:eu-west-1:${production}:secret:storefront`,
    }),
  edit({ rows }) {
    const row = rows.get(roles, role);
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:*', Resource: '*' }] };
    if (row)
      rows.put(roles, role, { ...row, inline: { ...row.inline, AWSRevokeOlderSessions: JSON.stringify(policy) } });
  },
};
