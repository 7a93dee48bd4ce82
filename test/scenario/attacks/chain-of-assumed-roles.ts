import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const RoleArn = `arn:aws:iam::${production}:role/exports-maintenance`;
const RoleSessionName = 'nightly';
const roleId = 'AROAEXPORTSMAINT00001';

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

/** A session of one role makes itself one of another: ending the first leaves the second. */
export const attack: Attack = {
  title: 'From stolen instance credentials a session of a second role is made',
  known: 'ATT&CK T1550.001, role chaining',
  answer: 'The first session is denied, which makes no further ones; the second is denied when it is seen',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    sandbox.rows.put(roles, `${production}/exports-maintenance`, {
      account: production,
      name: 'exports-maintenance',
      path: '/',
      roleId,
      arn: RoleArn,
      trust: policy({ Principal: { AWS: `arn:aws:iam::${production}:role/web-server` }, Action: 'sts:AssumeRole' }),
      attached: [],
      inline: { keep: policy({ Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }) },
      tags: {},
    });
    const sts = new STSClient(holding(sandbox, 'ASIAWEBSERVER0000001'));
    const assume = () => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    await works('makes itself a session of the second role', assume);
    const second = (await assume()).Credentials?.AccessKeyId ?? '';
    const s3 = new S3Client(holding(sandbox, second));
    const read = new GetObjectCommand({ Bucket: 'northwind-uploads', Key: 'incoming/Invoice 4711.docm' });
    await works('reads by the second session', () => s3.send(read));

    await arrives(readEvent('guardduty/instance-credential-exfiltration-outside'));
    await fails('makes itself a session of the second role');
    await works('goes on reading by the second session', () => s3.send(read));

    const event = withMembers(readEvent('guardduty/saml-session'), {
      'detail.type': 'Discovery:IAMUser/AnomalousBehavior',
      'detail.id': 'c'.repeat(32),
      'detail.resource.accessKeyDetails': {
        accessKeyId: second,
        principalId: `${roleId}:${RoleSessionName}`,
        userName: 'exports-maintenance',
        userType: 'AssumedRole',
      },
    });
    const [run] = await arrives(event);
    // that nobody can be named behind it is a question for a person; the session itself is denied by then
    expect(run?.status).toBe('waiting');
    await fails('reads by the second session');
    await fails('goes on reading by the second session');
  },
};
