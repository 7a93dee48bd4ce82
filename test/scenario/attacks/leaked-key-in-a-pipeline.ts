import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { leakedKey, keyId } from '../../support/road.ts';

/** A key read out of a build log is used from elsewhere. */
export const attack: Attack = {
  title: 'An access key read out of a build log is used from elsewhere',
  known: 'GuardDuty tester: UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
  answer: 'The user is quarantined, then the key is turned off',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const iam = new IAMClient(holding(sandbox, keyId));
    await works('lists the keys of the user', () => iam.send(new ListAccessKeysCommand({ UserName: 'ci-deploy' })));
    const [run] = await arrives(leakedKey().event);
    expect(run?.result?.outcome).toBe('contained');
    await fails('lists the keys of the user');
  },
};
