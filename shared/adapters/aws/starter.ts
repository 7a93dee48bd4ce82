import {
  GetDurableExecutionCommand,
  InvokeCommand,
  LambdaClient,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { later } from '../../model/duration.ts';
import { CordonError } from '../../model/error.ts';
import { own } from '../../model/json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Records } from '../../ports/records.ts';
import type { Starter } from '../../ports/starter.ts';
import { readWake } from '../../records/wakes.ts';
import { readRun } from '../../run/turn.ts';

type Options = {
  /** Name with alias or version, or qualified ARN, of the durable function that takes a run on. */
  readonly functionName: string;
  readonly region: string;
  /** Where runs stand and where they are waited for; a host opens its store after it has made its starter. */
  readonly home: () => Promise<{ readonly records: Records; readonly clock: Clock }>;
  readonly requestHandler?: object;
};

const deadlineMilliseconds = 5_000;
/** So long after its time a run is believed to be carried on by nobody. */
const overdueSeconds = 300;
const quarterHour = 900_000;

/** What Lambda says of a callback that is over, or of an execution that it has forgotten. */
const gone = ['CallbackTimeoutException', 'InvalidParameterValueException', 'ResourceNotFoundException'];
const isGone = (thrown: unknown): boolean => gone.includes(String(own(thrown, 'name')));

/**
 * A name for an execution in place of one that is lost. Lambda keeps a name for as long as it keeps the execution, so
 * the run's own cannot be had again; this one is the same for whoever asks within a quarter of an hour.
 */
const replacement = (runId: string, now: string): string => {
  const slot = new Date(Math.floor(Date.parse(now) / quarterHour) * quarterHour);
  return `${runId}-${slot.toISOString().slice(0, 16).replaceAll(/[:-]/g, '')}`;
};

/**
 * Starts runs as durable executions named after them, and wakes those that wait (docs.aws.amazon.com/lambda, Invoke,
 * SendDurableExecutionCallbackSuccess). Starting a name again is nothing to Lambda, whether it is at work or over.
 */
export function lambdaStarter({ functionName, region, home, requestHandler }: Options): Starter {
  const client = new LambdaClient({ region, maxAttempts: 1, ...(requestHandler && { requestHandler }) });
  const deadline = () => ({ abortSignal: AbortSignal.timeout(deadlineMilliseconds) });

  /** Names the execution, new or old; empty where Lambda does not tell. */
  async function invoke(runId: string, name: string): Promise<string> {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      DurableExecutionName: name,
      Payload: new TextEncoder().encode(JSON.stringify({ runId })),
    });
    return client.send(command, deadline()).then(
      ({ DurableExecutionArn = '' }) => DurableExecutionArn,
      (thrown: unknown) => {
        if (own(thrown, 'name') === 'DurableExecutionAlreadyStartedException') return '';
        throw thrown;
      },
    );
  }

  /** False when nobody waits there any more. */
  async function wake(callback: string): Promise<boolean> {
    const command = new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callback });
    return client.send(command, deadline()).then(
      () => true,
      (thrown: unknown) => {
        if (isGone(thrown)) return false;
        throw thrown;
      },
    );
  }

  async function isRunning(execution: string): Promise<boolean> {
    if (execution === '') return false;
    const command = new GetDurableExecutionCommand({ DurableExecutionArn: execution });
    return client.send(command, deadline()).then(
      ({ Status }) => Status === 'RUNNING',
      (thrown: unknown) => {
        if (isGone(thrown)) return false;
        throw thrown;
      },
    );
  }

  async function start(runId: string): Promise<void> {
    const { records, clock } = await home();
    const [waiting, run] = await Promise.all([readWake({ records }, runId), readRun(records, runId)]);
    if (run?.status === 'ended') return;
    const done = waiting ? await wake(waiting.callback) : true;
    const execution = waiting?.execution ?? (await invoke(runId, runId));
    const overdue = typeof run?.dueAt === 'string' && later(run.dueAt, overdueSeconds) < clock.now();
    if (done && !overdue) return;
    // One that is at work will look again before it waits; only a lost one is replaced.
    if (!(await isRunning(execution))) await invoke(runId, replacement(runId, clock.now()));
  }

  return {
    async start(runId) {
      try {
        await start(runId);
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
