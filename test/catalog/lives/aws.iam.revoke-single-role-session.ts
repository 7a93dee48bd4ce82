import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const role = `${production}/web-server`;

export const life: ActionLife = {
  input: { roleName: 'web-server', principalId: 'AROAWEBSERVER00000001:i-0aa11bb22cc33dd44' },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'ASIAWEBSERVER0000001',
      action: 'secretsmanager:GetSecretValue',
      resource: `arn:aws:secretsmanager:eu-west-1:${production}:secret:storefront`,
    }),
  edit({ rows }) {
    const row = rows.get(roles, role);
    const ours = Object.keys(row?.inline ?? {}).find((name) => name.startsWith('CordonDenySession-')) ?? '';
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] };
    if (row) rows.put(roles, role, { ...row, inline: { ...row.inline, [ours]: JSON.stringify(policy) } });
  },
};
