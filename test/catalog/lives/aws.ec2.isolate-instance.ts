import { networkInterfaces } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { reach } from '../../../shared/sandbox/aws/network.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0aa11bb22cc33dd44';
const common = 'sg-0aa11bb22cc330012';
const secondInterface = 'eni-0aa11bb22cc33d002';

export const life: ActionLife = {
  input: { instanceId, cutFlows: true, allow: [{ cidr: '192.0.2.10/32', port: 22 }] },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) =>
    reach(sandbox, { from: instanceId, to: '203.0.113.66', port: 443 }) === 'connected' ||
    reach(sandbox, { from: '203.0.113.66', to: instanceId, port: 22 }) === 'connected',
  edit({ rows }) {
    const row = rows.get(networkInterfaces, secondInterface);
    if (row) rows.put(networkInterfaces, secondInterface, { ...row, groups: [common] });
  },
  unused: { 'ec2:RevokeSecurityGroupIngress': 'only where somebody has put a rule into the group' },
};
