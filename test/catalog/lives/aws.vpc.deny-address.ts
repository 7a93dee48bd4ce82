import { networkAcls } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { flows, reach } from '../../../shared/sandbox/aws/network.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0aa11bb22cc33dd44';
const acl = 'acl-0aa11bb22cc33dd00';

export const life: ActionLife = {
  input: { instanceId, addresses: ['203.0.113.210', '2001:db8:bad::/48'] },
  where: { account: production, region: 'eu-west-1' },
  /** A session that he has open counts as well: it must not go on. */
  attack: (sandbox) =>
    reach(sandbox, { from: '203.0.113.210', to: instanceId, port: 22, keep: true }) === 'connected' ||
    reach(sandbox, { from: '2001:db8:bad::66', to: instanceId, port: 443 }) === 'connected' ||
    flows(sandbox, instanceId).length > 0,
  /** Somebody makes our rule deny a port alone. */
  edit({ rows }) {
    const row = rows.get(networkAcls, acl);
    const entries = row?.entries.map((one) =>
      one.number === 1 && !one.egress ? { ...one, protocol: '6', ports: [22, 22] as const } : one,
    );
    if (row && entries) rows.put(networkAcls, acl, { ...row, entries });
  },
};
