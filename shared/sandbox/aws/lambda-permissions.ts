import type * as lambda from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { functionArn, functionOf, noPolicy, type Permission, permissionsOf, putPermissions } from './lambda-rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** What a statement is made from: the request's own members, in short. */
type Asked = {
  readonly sid: string;
  readonly principal: string;
  readonly action: string;
  readonly sourceArn?: string | undefined;
  readonly sourceAccount?: string | undefined;
  readonly organization?: string | undefined;
  readonly urlAuthType?: string | undefined;
  readonly viaUrl?: boolean | undefined;
  readonly token?: string | undefined;
};

const present = (keys: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(keys).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

function principalFrom(principal: string, partition: string): Permission['Principal'] {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partition}:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}

/** The statement that Lambda writes for a request (docs.aws.amazon.com/lambda, AddPermission). */
export function permissionFrom(
  asked: Asked,
  Resource: string,
  { partition }: { readonly partition: string; readonly account: string; readonly region: string },
): Permission {
  const conditions = {
    StringEquals: present({
      'lambda:FunctionUrlAuthType': asked.urlAuthType,
      'AWS:SourceAccount': asked.sourceAccount,
      'aws:PrincipalOrgID': asked.organization,
      'lambda:EventSourceToken': asked.token,
    }),
    ArnLike: present({ 'AWS:SourceArn': asked.sourceArn }),
    Bool: present({ 'lambda:InvokedViaFunctionUrl': asked.viaUrl === undefined ? undefined : String(asked.viaUrl) }),
  };
  const used = Object.entries(conditions).filter(([, keys]) => Object.keys(keys).length > 0);
  return {
    Sid: asked.sid,
    Effect: 'Allow',
    Principal: principalFrom(asked.principal, partition),
    Action: asked.action,
    Resource,
    ...(used.length > 0 && { Condition: Object.fromEntries(used) }),
  };
}

const noStatement = (sid: string) =>
  new AwsFault('ResourceNotFoundException', `Statement ${sid} is not found in resource policy.`, { status: 404 });

const operations = operationsOf<typeof lambda>()({
  GetPolicy: {
    on: functionArn,
    does(input, call) {
      const { qualified } = functionOf(input, call);
      const Statement = permissionsOf(call.view, qualified);
      if (Statement.length === 0) throw noPolicy();
      return { Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement }) };
    },
  },
  AddPermission: {
    on: functionArn,
    does(input, call) {
      const { qualified, row } = functionOf(input, call);
      const before = permissionsOf(call.view, qualified);
      const { StatementId: sid = '', Action: action = '', Principal: principal = '' } = input;
      if (before.some(({ Sid }) => Sid === sid))
        throw new AwsFault(
          'ResourceConflictException',
          `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          { status: 409 },
        );
      const added = permissionFrom(
        {
          ...{ sid, action, principal, sourceArn: input.SourceArn, sourceAccount: input.SourceAccount },
          ...{ organization: input.PrincipalOrgID, urlAuthType: input.FunctionUrlAuthType },
          ...{ viaUrl: input.InvokedViaFunctionUrl, token: input.EventSourceToken },
        },
        qualified,
        call,
      );
      putPermissions(call.world.rows, qualified, row.account, [...before, added]);
      return { Statement: JSON.stringify(added) };
    },
  },
  RemovePermission: {
    on: functionArn,
    does(input, call) {
      const { qualified, row } = functionOf(input, call);
      const { StatementId: sid = '' } = input;
      const before = permissionsOf(call.view, qualified);
      const left = before.filter(({ Sid }) => Sid !== sid);
      if (left.length === before.length) throw noStatement(sid);
      putPermissions(call.world.rows, qualified, row.account, left);
      return {};
    },
  },
});

/** Policies of Lambda functions and of their aliases. */
export const lambdaPermissions = awsNoun({
  name: 'functionPermissions',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { lambda: operations },
});
