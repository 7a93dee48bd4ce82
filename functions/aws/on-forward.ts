import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { own } from '../../shared/model/json.ts';
import { type ForwardDeps, forwardEach } from '../forward.ts';
import { faultFields, log } from '../log.ts';

const failures = sqsPartialBatchFailure({
  logger: (reason, record) =>
    log('error', 'an event was not handed on', { messageId: own(record, 'messageId'), ...faultFields(reason) }),
});

/**
 * Hands EventBridge events on to the home in the other cloud: it stands in for `on-event` where this deployment is not
 * the home. What the home does not take comes again, and after the queue's last try lies in its dead letters, as does
 * what is too large for the home.
 */
export const createForwarder = (deps: ForwardDeps) =>
  middy<SQSEvent, SQSBatchResponse>()
    .use(failures)
    .handler(async ({ Records }, _: Context) => {
      const settled: unknown = await Promise.allSettled(Records.map(({ body }) => forwardEach(deps, body)));
      return settled as SQSBatchResponse; // the middleware makes it one out of what became of each record
    });
