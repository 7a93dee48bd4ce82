import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { JsonObject } from '../../../shared/model/json.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const UserName = 'svc-metrics';
const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** What CloudTrail tells of a call on the new user. */
const told = (eventName: string, requestParameters: JsonObject, responseElements: JsonObject | null): JsonObject =>
  withMembers(readEvent('cloudtrail/key-for-other-user'), {
    'detail.eventID': `c1a7d0e2-${eventName}`,
    'detail.eventName': eventName,
    'detail.requestParameters': requestParameters,
    'detail.responseElements': responseElements,
  });

/** Somebody who is in for an hour makes a user that stays. */
export const attack: Attack = {
  title: 'A user is made that nobody asked for, with a key and AdministratorAccess',
  known: 'Stratus Red Team aws.persistence.iam-create-admin-user',
  answer: 'Once a person has agreed, the policy is taken away and the key turned off',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const iam = new IAMClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const accessKeyId = AccessKey?.AccessKeyId ?? '';
    const [mine, his] = [new IAMClient(holding(sandbox, accessKeyId)), new S3Client(holding(sandbox, accessKeyId))];
    await works('makes further users', () =>
      mine.send(new CreateUserCommand({ UserName: `svc-${sandbox.next('x')}` })),
    );
    await works('reads what customers uploaded', () =>
      his.send(new GetObjectCommand({ Bucket: 'northwind-uploads', Key: 'incoming/Invoice 4711.docm' })),
    );
    const [attached] = await arrives(told('AttachUserPolicy', { userName: UserName, policyArn: PolicyArn }, null));
    const key = { accessKeyId, status: 'Active', userName: UserName };
    await arrives(told('CreateAccessKey', { userName: UserName }, { accessKey: key }));
    expect(attached?.order.playbook).toBe('administrator-attached');
    const runs = await agreed();
    expect(runs.map(({ result }) => result?.outcome)).toEqual(['contained', 'contained']);
    await fails('makes further users');
    await fails('reads what customers uploaded');
  },
};
