import type * as sts from '@aws-sdk/client-sts';
import * as z from 'zod';
import { judge } from './authorise.ts';
import { type RoleRow, roles } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { tokenOf } from './sts-outbound.ts';
import { checkSessionName, issueSession } from './sts-session.ts';
import { assumeWithWebIdentity } from './sts-web-identity.ts';

/** Whether the role's trust policy lets the caller in, and the caller's own policies where the accounts differ. */
function mayAssume({ world, caller, region }: Call, role: RoleRow, context: Readonly<Record<string, string>>): boolean {
  const may = (action: string): boolean => {
    const wish = { action, resource: role.arn, resourceAccount: role.account, region, context };
    return judge(world, caller, wish, role.trust).decision === 'allowed';
  };
  return may('sts:AssumeRole') && (context['sts:SourceIdentity'] === undefined || may('sts:SetSourceIdentity'));
}

const operations = operationsOf<typeof sts>()({
  GetCallerIdentity: {
    free: true,
    reads: true,
    does: (_, { caller: { userId, account, arn } }) => ({ UserId: userId, Account: account, Arn: arn }),
  },
  AssumeRole: {
    trusts: true,
    reads: true,
    on: ({ RoleArn = '*' }) => RoleArn,
    does(asked, call) {
      const { RoleArn = '', RoleSessionName = '', ExternalId, DurationSeconds, Policy, SourceIdentity } = asked;
      const { world, caller } = call;
      const [, , , , account = '', resource = ''] = RoleArn.split(':');
      const role = world.rows.get(roles, `${account}/${resource.slice(resource.lastIndexOf('/') + 1)}`);
      checkSessionName(RoleSessionName);
      const before = caller.context['aws:SourceIdentity'];
      const sourceIdentity = before ?? SourceIdentity;
      const context = {
        ...(ExternalId !== undefined && { 'sts:ExternalId': ExternalId }),
        ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
      };
      const moved = SourceIdentity !== undefined && before !== undefined && SourceIdentity !== before;
      if (!role || moved || role.arn !== RoleArn || !mayAssume(call, role, context))
        throw new AwsFault(
          'AccessDenied',
          `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
          { status: 403 },
        );
      const wish = { role, name: RoleSessionName, seconds: DurationSeconds, policy: Policy, sourceIdentity };
      return issueSession(call, wish);
    },
  },
  AssumeRoleWithWebIdentity: {
    trusts: true,
    reads: true,
    on: ({ RoleArn = '*' }) => RoleArn,
    does: assumeWithWebIdentity,
  },
  GetWebIdentityToken: {
    reads: true,
    context: ({ Audience = [] }) => ({ 'sts:IdentityTokenAudience': Audience }),
    does: tokenOf,
  },
});

/** The Security Token Service: it has no rows of its own in an estate. */
export const securityTokens = awsNoun({
  name: 'securityTokens',
  scope: 'account',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { sts: operations },
});
