import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { own } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { type PlaybookSet, playbookSet } from '../../shared/playbook/playbook-set.ts';
import { type Received, type ReceiveDeps, receive } from '../../shared/run/receive.ts';
import { coldStart } from '../cold-start.ts';
import { faultFields, log } from '../log.ts';
import { wireEvents } from './wire.ts';

type EventDeps = ReceiveDeps & { readonly playbooks: readonly Playbook[] };
type EventHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Only what failed comes again, and its body, which may hold anything, stays out of the log. */
const failures = sqsPartialBatchFailure({
  logger: (reason, record) =>
    log('error', 'a message will come again', { messageId: own(record, 'messageId'), ...faultFields(reason) }),
});

async function receiveRecord(deps: ReceiveDeps, playbooks: PlaybookSet, { body, messageId }: SQSRecord): Promise<void> {
  const received: readonly Received[] = await receive(deps, playbooks, body, { kind: 'event', id: `sqs:${messageId}` });
  for (const one of received) log(one.kind === 'quarantined' ? 'warn' : 'info', one.kind, one);
}

/**
 * Takes EventBridge events from a queue (docs.aws.amazon.com/lambda, "Reporting batch item failures for SQS"): each
 * message by itself, so that one that fails is the only one to come again. What can never be used is kept, not failed.
 */
export function createHandler({ playbooks, ...deps }: EventDeps): EventHandler {
  const compiled = playbookSet(playbooks);
  return middy<SQSEvent, SQSBatchResponse>()
    .use(failures)
    .handler(async ({ Records }) => {
      const settled: unknown = await Promise.allSettled(Records.map((record) => receiveRecord(deps, compiled, record)));
      return settled as SQSBatchResponse; // the middleware makes it one out of what became of each record
    });
}

const ready = coldStart(async () => createHandler(await wireEvents(process.env)));

/** The entry that Lambda calls. */
export const handler: EventHandler = async (event, context) => (await ready())(event, context);
