import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CordonError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import type { Starter } from '../../ports/starter.ts';

type Options = {
  /** Name or ARN of the function that takes a run on. */
  readonly functionName: string;
  readonly region: string;
  readonly requestHandler?: object;
};

const deadlineMilliseconds = 5_000;

/** Starts a run by an asynchronous invocation (docs.aws.amazon.com/lambda, Invoke); Lambda tries it again by itself. */
export function lambdaStarter({ functionName, region, requestHandler }: Options): Starter {
  const client = new LambdaClient({ region, maxAttempts: 1, ...(requestHandler && { requestHandler }) });
  return {
    async start(runId) {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify({ runId })),
      });
      try {
        await client.send(command, { abortSignal: AbortSignal.timeout(deadlineMilliseconds) });
      } catch (cause) {
        throw new CordonError({
          code: 'not-started',
          message: `run ${runId} could not be started: ${String(own(cause, 'name') ?? 'unknown')}`,
          remedy: 'The next delivery, or the sweep, starts it.',
          retryable: true,
          cause,
        });
      }
    },
  };
}
