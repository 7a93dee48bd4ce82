import { expect } from 'vitest';
import { metadataCredentials } from '../../../shared/sandbox/aws/instance-metadata.ts';
import { flows, reach } from '../../../shared/sandbox/aws/network.ts';
import { snapshots } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const miner = 'i-0bb22cc33dd44ee55';
const pool = '198.51.100.200';

/** A miner runs on a host of a group that replaces hosts which fall ill. */
export const attack: Attack = {
  title: 'A miner runs on a host of an Auto Scaling group and talks to its pool',
  known: 'GuardDuty tester: CryptoCurrency:Runtime/BitcoinTool.B',
  answer:
    'The host is taken out of its group, which gets another one, then isolated with open flows cut; disks are kept',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const { rows } = sandbox;
    const server = rows.get(roles, `${production}/web-server`);
    if (server) rows.put(roles, `${production}/batch-worker`, { ...server, name: 'batch-worker' });
    await works(
      'talks to the pool',
      () => reach(sandbox, { from: miner, to: pool, port: 443, keep: true }) === 'connected',
    );
    await works('goes on mining over the open connection', () => flows(sandbox, miner).length > 0);
    await works('gets credentials of the role', () => metadataCredentials(sandbox, miner) !== undefined);
    const event = withMembers(readEvent('guardduty/compromised-instance'), {
      'detail.type': 'CryptoCurrency:Runtime/BitcoinTool.B',
      'detail.service.resourceRole': 'TARGET',
    });
    const [run] = await arrives(event);
    expect(run?.result?.outcome).toBe('contained');
    await fails('talks to the pool');
    await fails('goes on mining over the open connection');
    await fails('gets credentials of the role');
    expect(rows.all(snapshots).some(([, { volumeId }]) => volumeId === 'vol-0bb22cc33dd44e001')).toBe(true);
  },
};
