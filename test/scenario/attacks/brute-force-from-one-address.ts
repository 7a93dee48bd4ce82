import { expect } from 'vitest';
import { flows, reach } from '../../../shared/sandbox/aws/network.ts';
import type { Attack } from '../../support/attack.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const [attacker, office] = ['203.0.113.210', '192.0.2.9'];
const to = '10.20.2.44';

/** Somebody guesses passwords over SSH from one address. */
export const attack: Attack = {
  title: 'Passwords are guessed over SSH from one address',
  known: 'GuardDuty tester: UnauthorizedAccess:EC2/SSHBruteForce',
  answer: 'The address is denied at the network ACLs of the host’s subnets for a day; open connections end',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    await works('tries another password', () => reach(sandbox, { from: attacker, to, port: 22 }) === 'connected');
    await works('keeps a connection open', () => {
      if (flows(sandbox, 'i-0aa11bb22cc33dd44').length === 0)
        reach(sandbox, { from: attacker, to, port: 22, keep: true });
      return flows(sandbox, 'i-0aa11bb22cc33dd44').length > 0;
    });
    const event = withMembers(readEvent('guardduty/ssh-brute-force-target'), {
      account: production,
      'detail.accountId': production,
      'detail.resource.instanceDetails.instanceId': 'i-0aa11bb22cc33dd44',
    });
    const [run] = await arrives(event);
    expect(run?.result?.outcome).toBe('contained');
    await fails('tries another password');
    await fails('keeps a connection open');
    await works('people in the office sign in', () => reach(sandbox, { from: office, to, port: 22 }) === 'connected');
  },
};
