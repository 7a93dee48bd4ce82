import { CreateLoginProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { signsIn } from '../../../shared/sandbox/aws/iam-login-profiles.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const login = { account: production, userName: 'ci-deploy', password: 'Correct-Horse-1' };

/** A user that only ever had a key gets a password, by which somebody comes in at the console. */
export const attack: Attack = {
  title: 'A user that only pipelines use gets a console password',
  known: 'Stratus Red Team aws.persistence.iam-create-user-login-profile',
  answer: 'Once a person has agreed, the password is taken away',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const iam = new IAMClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    const { userName: UserName, password: Password } = login;
    await iam.send(new CreateLoginProfileCommand({ UserName, Password }));
    await works('signs in at the console', () => signsIn(sandbox.rows, login));
    await arrives(
      withMembers(readEvent('cloudtrail/key-for-other-user'), {
        'detail.eventName': 'CreateLoginProfile',
        'detail.requestParameters': { userName: UserName, passwordResetRequired: false },
        'detail.responseElements': { loginProfile: { userName: UserName, passwordResetRequired: false } },
      }),
    );
    await agreed();
    await fails('signs in at the console');
  },
};
