import * as z from 'zod';
import { IamName, PrincipalId } from '../../model/identifiers.ts';
import { shortDigest } from '../../model/json.ts';
import { awsAction } from './aws-action.ts';
import { denied, denyAll, documentWith, PolicyJson } from './deny-policy.ts';
import { onRole } from './iam-grants.ts';
import { applyRolePolicy, captureRolePolicy } from './role-policy.ts';

const RoleSessionId = PrincipalId.regex(/^AROA\w+:./, 'AROA…:session');

/**
 * Cuts off one session of a role by its name and leaves the others alone (docs.aws.amazon.com/IAM, "Global condition
 * context keys", aws:userid). Right where the holder cannot choose the name: EC2 names a session after the instance,
 * Lambda after the function, a SAML provider after the person.
 */
export const iamRevokeSingleRoleSession = awsAction({
  id: 'aws.iam.revoke-single-role-session',
  title: 'Revoke one session of a role',
  target: 'aws.iam.role-session',
  d3fend: 'D3-ST',
  input: z.strictObject({
    roleName: IamName.describe('The role, by name.'),
    principalId: RoleSessionId.describe('The session, as aws:userid shows it: AROA…:name.'),
  }),
  value: PolicyJson,
  permissions: {
    read: onRole('GetRole', 'GetRolePolicy'),
    write: onRole('PutRolePolicy', 'DeleteRolePolicy'),
  },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'New sessions of the same name are denied too, so the instance, function or person has no access through this role until release.',
    'Somebody who may assume the role and choose the name of the session gets in under another one.',
    'Sessions of other roles that were assumed from this one stay valid.',
  ],
  portable: {
    verb: 'revoke-identity',
    where: { kind: [{ 'anything-but': ['sso'] }] },
    with: { roleName: '${target.roleName}', principalId: '${target.principalId}' },
  },
  examples: [{ roleName: 'web-server', principalId: 'AROAEXAMPLEROLE000001:i-0123456789abcdef0' }],
}).does({
  async capture(aws, { roleName: RoleName, principalId }, step) {
    const PolicyName = `CordonDenySession-${shortDigest(principalId)}`;
    const found = await captureRolePolicy(aws, { RoleName, PolicyName }, step);
    // A role made anew under the same name has another id, and the sessions of the old one are gone with it.
    return found && principalId.startsWith(`${found.role.RoleId}:`) ? found.state : {};
  },
  plan({ principalId }, seen, { runId }) {
    const wanted = denyAll(`CordonRun${runId}`, { StringEquals: { 'aws:userid': principalId } });
    return Object.fromEntries(
      Object.entries(seen).map(([key, document]) => [
        key,
        denied(document, 'StringEquals aws:userid').flat(2).includes(principalId) ? document : documentWith(wanted),
      ]),
    );
  },
  apply: applyRolePolicy,
});
