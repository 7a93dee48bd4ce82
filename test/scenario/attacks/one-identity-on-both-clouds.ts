import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { expect } from 'vitest';
import { refreshes } from '../../../shared/sandbox/azure/entra-users.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { readEvent } from '../../support/events.ts';
import { operations } from '../../support/road.ts';

const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const issued = '2026-11-20T08:30:00Z';

/** One stolen sign-in works against Azure, and federates into AWS by SAML. */
export const attack: Attack = {
  title: 'One stolen sign-in of a person is used against Azure and, by SAML, against AWS',
  known: 'ATT&CK T1078.004 and T1550.001; GuardDuty UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B',
  answer: 'The AWS session is denied and the sign-ins end, once for both findings; disabling the person is asked for',
  clouds: ['aws', 'azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const iam = new IAMClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    await works('lists the keys of a user', () => iam.send(new ListAccessKeysCommand({ UserName: 'ci-deploy' })));
    await works('renews the stolen sign-in', () => refreshes(sandbox, jonas, issued));
    await works('signs in with the password', () => sandbox.credential(jonas).getToken('https://graph.microsoft.com'));
    const [onAws] = await arrives(readEvent('guardduty/saml-session'));
    expect(onAws?.result?.outcome).toBe('contained');
    await fails('lists the keys of a user');
    await fails('renews the stolen sign-in');
    const [onAzure] = await arrives(readEvent('defender/arm-suspicious-address'));
    expect(onAzure?.status).toBe('waiting');
    const ended = operations({ sandbox }).filter((operation) => operation.includes('revokeSignInSessions'));
    expect(ended, 'the sign-ins end once').toHaveLength(1);
    await agreed();
    await fails('signs in with the password');
  },
};
