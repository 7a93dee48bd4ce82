import { LambdaClient, paginateListFunctionUrlConfigs, UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { FunctionName, onFunction, onQualified, placeOf, spellPlace } from './lambda-grants.ts';

const AuthType = z.enum(['NONE', 'AWS_IAM']);

/** The URLs of a function and of its aliases, by what each leads to. */
async function listUrls(aws: AwsSession, FunctionName: string, abortSignal: AbortSignal) {
  const client = aws.client(LambdaClient);
  const pages = paginateListFunctionUrlConfigs({ client }, { FunctionName }, { abortSignal });
  const urls = (await Array.fromAsync(pages)).flatMap(({ FunctionUrlConfigs = [] }) => FunctionUrlConfigs);
  return urls.map(({ FunctionArn = '', AuthType: type }) => {
    // arn:aws:lambda:region:account:function:name, and the alias behind it
    const qualifier = FunctionArn.split(':')[7] ?? '';
    return [spellPlace(FunctionName, qualifier), AuthType.parse(type)] as const;
  });
}

/**
 * Asks for a signature at a function's URLs that asked for none (docs.aws.amazon.com/lambda, UpdateFunctionUrlConfig). A
 * URL that is deleted is lost for ever, so it stays: whoever has the right to call it may still do so.
 */
export const lambdaLockFunctionUrl = awsAction({
  id: 'aws.lambda.lock-function-url',
  title: 'Let only signed requests through a function URL',
  target: 'aws.lambda.function',
  d3fend: 'D3-NRAM',
  input: z.strictObject({ functionName: FunctionName.describe('The function, by name.') }),
  value: AuthType,
  permissions: {
    read: onFunction('ListFunctionUrlConfigs'),
    write: [...onFunction('UpdateFunctionUrlConfig'), ...onQualified('UpdateFunctionUrlConfig')],
  },
  settles: { seconds: 10 },
  cautions: [
    'A function that checks its callers itself, as a webhook does, is cut off from all of them.',
    'Statements of its policy that let anybody in stay: use aws.lambda.remove-public-permission.',
  ],
  examples: [{ functionName: 'invoices' }],
}).does({
  async capture(aws, { functionName }, { signal }) {
    const urls = await unlessAbsent(['ResourceNotFound'], () => listUrls(aws, functionName, signal));
    return urls ? { [functionName]: null, ...Object.fromEntries(urls) } : {};
  },
  plan: (_, seen) =>
    Object.fromEntries(Object.entries(seen).flatMap(([place, type]) => (type === 'NONE' ? [[place, 'AWS_IAM']] : []))),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    // A URL that is gone is not made anew: it would be another one.
    if (to === null) return;
    const command = new UpdateFunctionUrlConfigCommand({ ...placeOf(resource), AuthType: to });
    await aws.client(LambdaClient).send(command, { abortSignal });
  },
});
