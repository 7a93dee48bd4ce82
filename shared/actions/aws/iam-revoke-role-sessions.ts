import * as z from 'zod';
import { IamName } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { denied, denyAll, documentWith, PolicyJson, reaches } from './deny-policy.ts';
import { onRole } from './iam-grants.ts';
import { applyRolePolicy, captureRolePolicy } from './role-policy.ts';

/** The name under which AWS's own console keeps this very policy. */
const PolicyName = 'AWSRevokeOlderSessions';

/**
 * Cuts off every session that a role has issued so far (docs.aws.amazon.com/IAM, "Revoking IAM role temporary security
 * credentials"). A cutoff that is already later stays.
 */
export const iamRevokeRoleSessions = awsAction({
  id: 'aws.iam.revoke-role-sessions',
  title: 'Revoke all present sessions of a role',
  target: 'aws.iam.role-session',
  d3fend: 'D3-ST',
  input: z.strictObject({ roleName: IamName.describe('The role, by name.') }),
  value: PolicyJson,
  permissions: {
    read: onRole('GetRole', 'GetRolePolicy'),
    write: onRole('PutRolePolicy', 'DeleteRolePolicy'),
  },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'Every holder of the role is cut off: instances and functions fail until they fetch new credentials.',
    'Whoever may assume the role again gets a session that works.',
    'Sessions of other roles that were assumed from these stay valid.',
  ],
  examples: [{ roleName: 'deploy' }],
}).does({
  capture: async (aws, { roleName: RoleName }, step) =>
    (await captureRolePolicy(aws, { RoleName, PolicyName }, step))?.state ?? {},
  plan(_, seen, { runId, startedAt }) {
    const wanted = denyAll(`CordonRun${runId}`, { DateLessThan: { 'aws:TokenIssueTime': startedAt } });
    const cutoffs = (document: z.output<typeof PolicyJson> | null) =>
      denied(document, 'DateLessThan aws:TokenIssueTime').flat(2);
    return Object.fromEntries(
      Object.entries(seen).map(([key, document]) => [
        key,
        reaches(cutoffs(document), startedAt) ? document : documentWith(wanted),
      ]),
    );
  },
  apply: applyRolePolicy,
});
