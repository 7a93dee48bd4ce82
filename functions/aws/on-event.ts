import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { openForwarded } from '../../shared/ingest/forwarded.ts';
import { own } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { coldStart } from '../cold-start.ts';
import { forwardsTo } from '../forward.ts';
import { type Intake, type IntakeDeps, openIntake } from '../intake.ts';
import { faultFields, log } from '../log.ts';
import { createForwarder } from './on-forward.ts';
import { wireEvents, wireForward } from './wire.ts';

type EventDeps = IntakeDeps & {
  readonly playbooks: readonly Playbook[];
  /** The queue that nothing but the rule on Cordon's own bus may send to: in it alone envelopes of the forwarder are opened. */
  readonly forwardQueue?: string;
  /** How often its queue hands out a message before it is a dead letter; not known when left out. */
  readonly tries?: number;
};
type EventHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Only what failed comes again, and its body, which may hold anything, stays out of the log. */
const failures = sqsPartialBatchFailure({
  logger: (reason, record) =>
    log('error', 'a message will come again', { messageId: own(record, 'messageId'), ...faultFields(reason) }),
});

type Queues = { readonly forwardQueue: string; readonly tries: number };

async function takeRecord(intake: Intake, record: SQSRecord, queues: Queues, requestId: string): Promise<void> {
  const { messageId, eventSourceARN, attributes } = record;
  const { forwardQueue, tries } = queues;
  const body = forwardQueue !== '' && eventSourceARN === forwardQueue ? openForwarded(record.body) : record.body;
  const lastTry = Number(attributes.ApproximateReceiveCount) >= tries;
  await intake.take(body, { kind: 'event', id: `sqs:${messageId}` }, { requestId, eventId: messageId }, lastTry);
}

/** How long the oldest of them had waited in the queue; null where the queue does not say. */
function oldestAge(records: readonly SQSRecord[], now: string): number | null {
  const sent = records.map((record) => Number(record.attributes.SentTimestamp)).filter((time) => time > 0);
  return sent.length === 0 ? null : Math.max(0, Math.round((Date.parse(now) - Math.min(...sent)) / 1_000));
}

/**
 * Takes EventBridge events from a queue (docs.aws.amazon.com/lambda, "Reporting batch item failures for SQS"): each
 * message by itself, so that one that fails is the only one to come again. What can never be used is kept, not failed.
 */
export function createHandler(given: EventDeps): EventHandler {
  const { playbooks, forwardQueue = '', tries = Number.POSITIVE_INFINITY, ...deps } = given;
  const compiled = playbookSet(playbooks);
  const queues = { forwardQueue, tries };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(failures)
    .handler(async ({ Records }, { awsRequestId }) => {
      const intake = openIntake(deps, compiled, awsRequestId);
      const settled: unknown = await Promise.allSettled(
        Records.map((record) => takeRecord(intake, record, queues, awsRequestId)),
      );
      await intake.close(oldestAge(Records, deps.clock.now()));
      return settled as SQSBatchResponse; // the middleware makes it one out of what became of each record
    });
}

const ready = coldStart(async (): Promise<EventHandler> => {
  const home = forwardsTo(process.env);
  return home ? createForwarder(await wireForward(process.env, home)) : createHandler(await wireEvents(process.env));
});

/** The entry that Lambda calls. */
export const handler: EventHandler = async (event, context) => (await ready())(event, context);
