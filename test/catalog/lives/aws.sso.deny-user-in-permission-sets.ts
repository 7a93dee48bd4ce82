import { permissionSets } from '../../../shared/sandbox/aws/sso-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production, security } from '../../support/company.ts';

const powerUser = 'arn:aws:sso:::permissionSet/ssoins-72230aa11bb22cc3/ps-0123456789abcdef';

export const life: ActionLife = {
  input: {
    userName: 'maria.lind@northwind.example',
    permissionSet: 'PowerUser',
    homeAccount: security,
    homeRegion: 'us-east-1',
  },
  where: { account: production, region: 'eu-west-1' },
  also: [security],
  attack: (sandbox) =>
    sandbox.can({
      accessKeyId: 'ASIASSOPOWERUSER0001',
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::northwind-customer-exports/2026/all.csv',
    }),
  edit({ rows }) {
    const row = rows.get(permissionSets, powerUser);
    // The cutoff is moved by hand.
    if (row) rows.put(permissionSets, powerUser, { ...row, inline: row.inline.replace('2026-11-20T', '2026-11-19T') });
  },
  unused: {
    'sso:ListPermissionSets':
      'only where the named set is assigned no more: test/actions/aws/sso-deny-user-in-permission-sets.test.ts',
  },
};
