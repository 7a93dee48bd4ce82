import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  PutRolePolicyCommand,
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
import { onRole } from './iam-grants.ts';
import { refuseProtected } from './role-policy.ts';

function holderOf(aws: AwsSession, RoleName: string, abortSignal: AbortSignal): PolicyHolder {
  const client = aws.client(IAMClient);
  return {
    async attached() {
      const { Role } = await client.send(new GetRoleCommand({ RoleName }), { abortSignal });
      if (Role) refuseProtected(Role);
      const pages = paginateListAttachedRolePolicies({ client }, { RoleName }, { abortSignal });
      const listed = (await Array.fromAsync(pages)).flatMap(({ AttachedPolicies = [] }) => AttachedPolicies);
      return listed.flatMap(({ PolicyArn = [] }) => PolicyArn);
    },
    document: async (PolicyName) =>
      (await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }), { abortSignal })).PolicyDocument,
    attach: (PolicyArn) => client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }), { abortSignal }),
    detach: (PolicyArn) => client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), { abortSignal }),
    put: (PolicyName, PolicyDocument) =>
      client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }), { abortSignal }),
    drop: (PolicyName) => client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), { abortSignal }),
  };
}

/**
 * Takes one policy away from a role (docs.aws.amazon.com/IAM, DetachRolePolicy and DeleteRolePolicy), and no other. It
 * bites at once for sessions that are open: what they may do is read from the role.
 */
export const iamDetachRolePolicy = awsAction({
  id: 'aws.iam.detach-role-policy',
  title: 'Take a policy away from a role',
  target: 'aws.iam.role',
  d3fend: 'D3-UAP',
  input: z.strictObject({
    roleName: IamName.describe('The role, by name.'),
    policy: GivenPolicy.describe('The policy that was given: the ARN of a managed one, or the name of an inline one.'),
  }),
  value: GivenValue,
  permissions: {
    read: onRole('GetRole', 'ListAttachedRolePolicies', 'GetRolePolicy'),
    write: [
      ...onRole('AttachRolePolicy', 'DetachRolePolicy').map((grant) => ({
        ...grant,
        when: { ArnEquals: { 'iam:PolicyARN': ['{policy}'] } },
      })),
      ...onRole('PutRolePolicy', 'DeleteRolePolicy'),
    ],
  },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'Everybody who holds the role loses what the policy allows, not the attacker alone.',
    'Keys, passwords and roles that were made with the policy stay.',
  ],
  examples: [
    { roleName: 'deploy', policy: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    { roleName: 'deploy', policy: 'everything' },
  ],
}).does({
  capture: (aws, { roleName, policy }, { signal }) => captureGiven(roleName, policy, holderOf(aws, roleName, signal)),
  plan: (_, seen) => withoutGiven(seen),
  apply: (aws, change, { signal }) => applyGiven(change, holderOf(aws, principalIn(change), signal)),
});
