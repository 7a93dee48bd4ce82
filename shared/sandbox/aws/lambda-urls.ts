import type * as lambda from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { World } from '../world.ts';
import { stranger } from './authenticate.ts';
import { judge } from './authorise.ts';
import { type FunctionRow, functionArn, functionOf, functions, withAlias } from './lambda-rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type Url = NonNullable<FunctionRow['aliases'][string]['url']>;

const address = ({ id }: Url, { region }: FunctionRow): string => `https://${id}.lambda-url.${region}.on.aws/`;

const described = (row: FunctionRow, qualifier: string, url: Url) => ({
  FunctionUrl: address(url, row),
  FunctionArn: qualifier === '' ? row.arn : `${row.arn}:${qualifier}`,
  AuthType: url.authType,
  CreationTime: '2026-01-12T08:00:00.000Z',
  LastModifiedTime: '2026-01-12T08:00:00.000Z',
});

const noUrl = () =>
  new AwsFault('ResourceNotFoundException', 'The resource you requested does not exist.', { status: 404 });

const operations = operationsOf<typeof lambda>()({
  ListFunctionUrlConfigs: {
    on: functionArn,
    does(input, call) {
      const { row } = functionOf(input, call);
      const urls = Object.entries(row.aliases).flatMap(([name, { url }]) => (url ? [described(row, name, url)] : []));
      const { items, next } = page(urls, input.Marker, input.MaxItems ?? 50);
      return { FunctionUrlConfigs: [...items], NextMarker: next };
    },
  },
  CreateFunctionUrlConfig: {
    on: functionArn,
    does(input, call) {
      const { row, qualifier } = functionOf(input, call);
      const alias = row.aliases[qualifier] ?? { version: '$LATEST' };
      if (alias.url)
        throw new AwsFault('ResourceConflictException', 'FunctionUrlConfig exists for this Lambda function', {
          status: 409,
        });
      const url: Url = {
        id: `url${String(call.world.next('lambda.url')).padStart(29, '0')}`,
        authType: input.AuthType === 'NONE' ? 'NONE' : 'AWS_IAM',
      };
      call.world.rows.put(functions, row.arn, withAlias(row, qualifier, { ...alias, url }));
      return described(row, qualifier, url);
    },
  },
  UpdateFunctionUrlConfig: {
    on: functionArn,
    does(input, call) {
      const { row, qualifier } = functionOf(input, call);
      const alias = row.aliases[qualifier];
      if (!alias?.url) throw noUrl();
      const url: Url = { ...alias.url, authType: input.AuthType ?? alias.url.authType };
      call.world.rows.put(functions, row.arn, withAlias(row, qualifier, { ...alias, url }));
      return described(row, qualifier, url);
    },
  },
});

/**
 * What a function URL answers to somebody who signs nothing: 403 unless both its AuthType and a statement of the policy
 * let everybody in, 429 while the function is reserved nothing (docs.aws.amazon.com/lambda, "Control access to Lambda
 * function URLs").
 */
export function callFunctionUrl(world: World, url: string): 200 | 403 | 404 | 429 {
  const [row] = world.rows.all(functions).flatMap(([, one]) => {
    const found = Object.entries(one.aliases).find(([, alias]) => alias.url && address(alias.url, one) === url);
    return found ? [{ one, qualifier: found[0], authType: found[1].url?.authType }] : [];
  });
  if (!row) return 404;
  const { one, qualifier, authType } = row;
  const resource = qualifier === '' ? one.arn : `${one.arn}:${qualifier}`;
  const context = { 'lambda:FunctionUrlAuthType': String(authType), 'lambda:InvokedViaFunctionUrl': 'true' };
  const place = { resource, resourceAccount: one.account, region: one.region, context };
  const { decision } = judge(world, stranger, { action: 'lambda:InvokeFunctionUrl', ...place });
  if (authType !== 'NONE' || decision !== 'allowed') return 403;
  return one.reserved === 0 ? 429 : 200;
}

/** HTTPS endpoints of Lambda functions. */
export const lambdaUrls = awsNoun({
  name: 'functionUrls',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { lambda: operations },
});
