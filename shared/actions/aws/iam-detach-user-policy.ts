import {
  AttachUserPolicyCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  paginateListAttachedUserPolicies,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import { IamName } from '../../model/identifiers.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import {
  applyGiven,
  captureGiven,
  GivenPolicy,
  GivenValue,
  type PolicyHolder,
  principalIn,
  withoutGiven,
} from './given-policy.ts';
import { onUser } from './iam-grants.ts';

function holderOf(aws: AwsSession, UserName: string, abortSignal: AbortSignal): PolicyHolder {
  const client = aws.client(IAMClient);
  return {
    async attached() {
      const pages = paginateListAttachedUserPolicies({ client }, { UserName }, { abortSignal });
      const listed = (await Array.fromAsync(pages)).flatMap(({ AttachedPolicies = [] }) => AttachedPolicies);
      return listed.flatMap(({ PolicyArn = [] }) => PolicyArn);
    },
    document: async (PolicyName) =>
      (await client.send(new GetUserPolicyCommand({ UserName, PolicyName }), { abortSignal })).PolicyDocument,
    attach: (PolicyArn) => client.send(new AttachUserPolicyCommand({ UserName, PolicyArn }), { abortSignal }),
    detach: (PolicyArn) => client.send(new DetachUserPolicyCommand({ UserName, PolicyArn }), { abortSignal }),
    put: (PolicyName, PolicyDocument) =>
      client.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }), { abortSignal }),
    drop: (PolicyName) => client.send(new DeleteUserPolicyCommand({ UserName, PolicyName }), { abortSignal }),
  };
}

/** Takes one policy away from an IAM user (docs.aws.amazon.com/IAM, DetachUserPolicy and DeleteUserPolicy), and no other. */
export const iamDetachUserPolicy = awsAction({
  id: 'aws.iam.detach-user-policy',
  title: 'Take a policy away from an IAM user',
  target: 'aws.iam.user',
  d3fend: 'D3-UAP',
  input: z.strictObject({
    userName: IamName.describe('The IAM user, by name.'),
    policy: GivenPolicy.describe('The policy that was given: the ARN of a managed one, or the name of an inline one.'),
  }),
  value: GivenValue,
  permissions: {
    read: onUser('ListAttachedUserPolicies', 'GetUserPolicy'),
    write: [
      ...onUser('AttachUserPolicy', 'DetachUserPolicy').map((grant) => ({
        ...grant,
        when: { ArnEquals: { 'iam:PolicyARN': ['{policy}'] } },
      })),
      ...onUser('PutUserPolicy', 'DeleteUserPolicy'),
    ],
  },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'What the user may do by other policies, and by those of its groups, it still may.',
    'Keys, passwords and roles that were made with the policy stay.',
  ],
  examples: [
    { userName: 'ci-bot', policy: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    { userName: 'ci-bot', policy: 'everything' },
  ],
}).does({
  capture: (aws, { userName, policy }, { signal }) => captureGiven(userName, policy, holderOf(aws, userName, signal)),
  plan: (_, seen) => withoutGiven(seen),
  apply: (aws, change, { signal }) => applyGiven(change, holderOf(aws, principalIn(change), signal)),
});
