import {
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  paginateListProvisionedConcurrencyConfigs,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type AwsSession, awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { FunctionName, onFunction, onQualified, placeOf } from './lambda-grants.ts';

/** Instances that are kept ready, by `function:alias`. */
async function listProvisioned(aws: AwsSession, FunctionName: string, abortSignal: AbortSignal) {
  const client = aws.client(LambdaClient);
  const pages = paginateListProvisionedConcurrencyConfigs({ client }, { FunctionName }, { abortSignal });
  const kept = (await Array.fromAsync(pages)).flatMap(({ ProvisionedConcurrencyConfigs = [] }) => [
    ...ProvisionedConcurrencyConfigs,
  ]);
  return kept.map(({ FunctionArn = '', RequestedProvisionedConcurrentExecutions = 0 }) => {
    const qualifier = FunctionArn.split(':').at(-1) ?? '';
    return [`${FunctionName}:${qualifier}`, RequestedProvisionedConcurrentExecutions] as const;
  });
}

/**
 * Reserves nothing for a function, so that nobody can invoke it (docs.aws.amazon.com/lambda, PutFunctionConcurrency). A
 * function without a reservation is `null`, which a release restores as such. Lambda refuses to reserve less than is kept
 * ready, so provisioned concurrency goes first, and comes back last.
 */
export const lambdaThrottleToZero = awsAction({
  id: 'aws.lambda.throttle-to-zero',
  title: 'Stop a Lambda function from being invoked',
  target: 'aws.lambda.function',
  d3fend: 'D3-PS',
  input: z.strictObject({ functionName: FunctionName.describe('The function, by name.') }),
  value: z.int().min(0),
  permissions: {
    read: onFunction('GetFunctionConcurrency', 'ListProvisionedConcurrencyConfigs'),
    write: [
      ...onFunction('PutFunctionConcurrency', 'DeleteFunctionConcurrency'),
      ...onQualified('PutProvisionedConcurrencyConfig', 'DeleteProvisionedConcurrencyConfig'),
    ],
  },
  settles: { seconds: 5 },
  cautions: [
    'What runs already goes on until it ends, for up to 15 minutes.',
    'Credentials that its role has issued stay valid.',
    'Asynchronous events are tried again for up to six hours, then dropped or sent to the dead-letter queue.',
    'Messages of a queue that it reads come back until their queue gives up on them.',
    'Replicas of Lambda@Edge go on.',
    'After a release it takes minutes until provisioned instances are ready again.',
  ],
  portable: { verb: 'restrict-service', with: { functionName: '${target.functionName}' } },
  examples: [{ functionName: 'resize-images' }],
}).does({
  async capture(aws, { functionName }, { signal: abortSignal }) {
    const command = new GetFunctionConcurrencyCommand({ FunctionName: functionName });
    const found = await unlessAbsent(['ResourceNotFound'], () =>
      Promise.all([
        aws.client(LambdaClient).send(command, { abortSignal }),
        listProvisioned(aws, functionName, abortSignal),
      ]),
    );
    if (!found) return {};
    const [{ ReservedConcurrentExecutions: reserved = null }, provisioned] = found;
    return { ...Object.fromEntries(provisioned), [functionName]: reserved };
  },
  plan({ functionName }, seen) {
    if (!Object.hasOwn(seen, functionName)) return {};
    const provisioned = Object.keys(seen).filter((one) => one !== functionName);
    return { ...Object.fromEntries(provisioned.map((one) => [one, null])), [functionName]: 0 };
  },
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const client = aws.client(LambdaClient);
    const { FunctionName, Qualifier } = placeOf(resource);
    if (Qualifier === undefined) {
      await (to === null
        ? client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }), { abortSignal })
        : client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: to }), {
            abortSignal,
          }));
      return;
    }
    const place = { FunctionName, Qualifier };
    await (to === null
      ? client.send(new DeleteProvisionedConcurrencyConfigCommand(place), { abortSignal })
      : client.send(new PutProvisionedConcurrencyConfigCommand({ ...place, ProvisionedConcurrentExecutions: to }), {
          abortSignal,
        }));
  },
});
