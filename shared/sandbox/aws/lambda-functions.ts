import type * as lambda from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { permissionFrom } from './lambda-permissions.ts';
import { type FunctionRow, functionArn, functionOf, functions, putPermissions, withAlias } from './lambda-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** A statement as AddPermission is asked for it. */
const Permission = z.strictObject({
  sid: z.string(),
  principal: z.string(),
  action: z.string().default('lambda:InvokeFunction'),
  sourceArn: z.string().optional(),
  sourceAccount: z.string().optional(),
  organization: z.string().optional(),
  urlAuthType: z.enum(['AWS_IAM', 'NONE']).optional(),
  viaUrl: z.boolean().optional(),
});
const Url = z.strictObject({ id: z.string(), authType: z.enum(['AWS_IAM', 'NONE']) });
const LambdaFunction = z.strictObject({
  name: z.string(),
  role: z.string(),
  tags: z.record(z.string(), z.string()).default({}),
  reserved: z.int().min(0).exactOptional(),
  url: Url.exactOptional(),
  permissions: z.array(Permission).default([]),
  aliases: z
    .record(
      z.string(),
      z.strictObject({
        version: z.string(),
        provisioned: z.int().min(1).exactOptional(),
        url: Url.exactOptional(),
        permissions: z.array(Permission).default([]),
      }),
    )
    .default({}),
});

const provisionedIn = ({ aliases }: FunctionRow): number =>
  Object.values(aliases).reduce((sum, { provisioned = 0 }) => sum + provisioned, 0);

const put = ({ world }: Call, row: FunctionRow): void => world.rows.put(functions, row.arn, row);

const wrong = (message: string) =>
  new AwsFault('InvalidParameterValueException', message, { status: 400, fields: { Type: 'User' } });

/** A function that is reserved nothing runs nothing. */
function checkThrottle({ reserved }: FunctionRow): void {
  if (reserved === 0)
    throw new AwsFault('TooManyRequestsException', 'Rate Exceeded.', {
      status: 429,
      fields: { Type: 'User', Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
}

const operations = operationsOf<typeof lambda>()({
  GetFunctionConfiguration: {
    on: functionArn,
    does(input, call) {
      const { row } = functionOf(input, call);
      return { FunctionName: row.name, FunctionArn: row.arn, Role: row.roleArn, State: 'Active' };
    },
  },
  ListTags: {
    on: ({ Resource = '*' }) => Resource,
    does: ({ Resource }, call) => ({ Tags: { ...functionOf({ FunctionName: Resource }, call).row.tags } }),
  },
  ListAliases: {
    on: functionArn,
    does(input, call) {
      const { row, arn } = functionOf(input, call);
      const named = Object.entries(row.aliases).filter(([name]) => name !== '');
      const { items, next } = page(named, input.Marker, input.MaxItems ?? 50);
      return {
        Aliases: items.map(([Name, { version }]) => ({
          Name,
          AliasArn: `${arn}:${Name}`,
          FunctionVersion: version,
        })),
        NextMarker: next,
      };
    },
  },
  GetAlias: {
    on: functionArn,
    does(input, call) {
      const { row, arn } = functionOf({ FunctionName: input.FunctionName }, call);
      const alias = row.aliases[input.Name ?? ''];
      if (!alias)
        throw new AwsFault('ResourceNotFoundException', `Cannot find alias arn: ${arn}:${input.Name}`, {
          status: 404,
          fields: { Type: 'User' },
        });
      return { Name: input.Name, AliasArn: `${arn}:${input.Name}`, FunctionVersion: alias.version };
    },
  },
  Invoke: {
    action: 'lambda:InvokeFunction',
    on: functionArn,
    reads: false,
    does(input, call) {
      const { row, qualifier } = functionOf(input, call);
      checkThrottle(row);
      const ExecutedVersion = row.aliases[qualifier]?.version ?? '$LATEST';
      return { StatusCode: 200, ExecutedVersion }; // what it answers is its own
    },
  },
  GetFunctionConcurrency: {
    on: functionArn,
    does(input, call) {
      const { reserved } = functionOf(input, call).row;
      return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
    },
  },
  PutFunctionConcurrency: {
    on: functionArn,
    does(input, call) {
      const { row } = functionOf(input, call);
      const { ReservedConcurrentExecutions: reserved = 0 } = input;
      if (reserved < provisionedIn(row))
        throw wrong(
          'Requested reserved concurrency should not be less than the sum of provisioned concurrency of all aliases and versions.',
        );
      put(call, { ...row, reserved });
      return { ReservedConcurrentExecutions: reserved };
    },
  },
  DeleteFunctionConcurrency: {
    on: functionArn,
    does(input, call) {
      const { reserved: _, ...row } = functionOf(input, call).row;
      put(call, row);
      return {};
    },
  },
  ListProvisionedConcurrencyConfigs: {
    on: functionArn,
    does(input, call) {
      const { row, arn } = functionOf(input, call);
      const kept = Object.entries(row.aliases).filter(([, { provisioned }]) => provisioned !== undefined);
      const { items, next } = page(kept, input.Marker, input.MaxItems ?? 50);
      return {
        ProvisionedConcurrencyConfigs: items.map(([name, { provisioned }]) => ({
          FunctionArn: `${arn}:${name}`,
          RequestedProvisionedConcurrentExecutions: provisioned,
          AllocatedProvisionedConcurrentExecutions: provisioned,
          Status: 'READY' as const,
        })),
        NextMarker: next,
      };
    },
  },
  PutProvisionedConcurrencyConfig: {
    on: functionArn,
    does(input, call) {
      const { row, qualifier } = functionOf(input, call);
      const { ProvisionedConcurrentExecutions: provisioned = 0 } = input;
      const alias = row.aliases[qualifier];
      if (!alias || qualifier === '')
        throw wrong('Provisioned Concurrency Configs cannot be applied to unpublished function versions.');
      const next = withAlias(row, qualifier, { ...alias, provisioned });
      if (row.reserved !== undefined && provisionedIn(next) > row.reserved)
        throw wrong(
          'Requested Provisioned Concurrency should not be greater than the reserved concurrency for function',
        );
      put(call, next);
      return { RequestedProvisionedConcurrentExecutions: provisioned, Status: 'IN_PROGRESS' as const };
    },
  },
  DeleteProvisionedConcurrencyConfig: {
    on: functionArn,
    does(input, call) {
      const { row, qualifier } = functionOf(input, call);
      const { provisioned: _, ...alias } = row.aliases[qualifier] ?? { version: '$LATEST' };
      put(call, withAlias(row, qualifier, alias));
      return {};
    },
  },
});

/** Lambda functions: what calls them, what they are reserved, and what their policies and URLs let in. */
export const lambdaFunctions = awsNoun({
  name: 'functions',
  scope: 'region',
  estate: z.array(LambdaFunction).default([]),
  seed(rows, list, { partition, account, region }) {
    for (const { role, url, permissions, aliases, ...plain } of list) {
      const arn = `arn:${partition}:lambda:${region}:${account}:function:${plain.name}`;
      const kept = Object.entries(aliases).map(([name, { permissions: own, ...alias }]) => {
        const statements = own.map((one) => permissionFrom(one, `${arn}:${name}`, { partition, account, region }));
        putPermissions(rows, `${arn}:${name}`, account, statements);
        return [name, alias] as const;
      });
      const statements = permissions.map((one) => permissionFrom(one, arn, { partition, account, region }));
      putPermissions(rows, arn, account, statements);
      rows.put(functions, arn, {
        ...plain,
        account,
        region,
        arn,
        roleArn: `arn:${partition}:iam::${account}:role/${role}`,
        aliases: { '': { version: '$LATEST', ...(url && { url }) }, ...Object.fromEntries(kept) },
      });
    }
  },
  operations: { lambda: operations },
});
