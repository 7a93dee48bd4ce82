import type * as sts from '@aws-sdk/client-sts';
import * as z from 'zod';
import { judge } from './authorise.ts';
import { type RoleRow, roles, sessions } from './iam-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const sessionName = /^[\w+=,.@-]{2,64}$/;

/** Whether the role's trust policy lets the caller in, and the caller's own policies where the accounts differ. */
function mayAssume({ world, caller, region }: Call, role: RoleRow, externalId: string | undefined): boolean {
  const context = externalId === undefined ? {} : { 'sts:ExternalId': externalId };
  const wish = { action: 'sts:AssumeRole', resource: role.arn, resourceAccount: role.account, region, context };
  return judge(world, caller, wish, role.trust).decision === 'allowed';
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
    does({ RoleArn = '', RoleSessionName = '', ExternalId, DurationSeconds = 3_600, Policy }, call) {
      const { world, caller } = call;
      const [, , , , account = '', resource = ''] = RoleArn.split(':');
      const role = world.rows.get(roles, `${account}/${resource.slice(resource.lastIndexOf('/') + 1)}`);
      if (!sessionName.test(RoleSessionName))
        throw new AwsFault(
          'ValidationError',
          `1 validation error detected: Value '${RoleSessionName}' at 'roleSessionName' failed to satisfy constraint`,
        );
      if (!role || role.arn !== RoleArn || !mayAssume(call, role, ExternalId))
        throw new AwsFault(
          'AccessDenied',
          `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
          { status: 403 },
        );
      const number = String(world.next('sts.session')).padStart(8, '0');
      const accessKeyId = `ASIASANDBOX0${number}`;
      const row = {
        account,
        roleName: role.name,
        sessionName: RoleSessionName,
        accessKeyId,
        secret: `secret-of-${accessKeyId}`,
        token: `token-of-${accessKeyId}`,
        issuedAt: world.clock.now(),
        expiresAt: new Date(world.clock.milliseconds + DurationSeconds * 1_000).toISOString(),
        policies: Policy === undefined ? [] : [Policy],
        context: {},
      };
      world.rows.put(sessions, accessKeyId, row);
      return {
        Credentials: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: row.secret,
          SessionToken: row.token,
          Expiration: new Date(row.expiresAt),
        },
        AssumedRoleUser: {
          AssumedRoleId: `${role.roleId}:${RoleSessionName}`,
          Arn: `arn:${call.partition}:sts::${account}:assumed-role/${role.name}/${RoleSessionName}`,
        },
      };
    },
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
