import { describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/aws/on-event.ts';
import { accountOf } from '../../shared/run/account.ts';
import { heard } from '../support/console.ts';
import { doors, failingOn, lambdaContext, leakedKey, sqsEvent } from '../support/doors.ts';

heard();
const day = '2026-11-20';

/** The account after one delivery, the `nth` of its message, that cannot open its run. */
async function failedAt(nth: number, tries?: number) {
  const { deps } = doors();
  const { records } = deps;
  const stuck = failingOn(records, 'leaked-key');
  const handle = createHandler({ ...deps, records: stuck, ...(tries !== undefined && { tries }) });
  const event = sqsEvent([JSON.stringify(leakedKey())]);
  for (const { attributes } of event.Records) attributes.ApproximateReceiveCount = String(nth);
  const { batchItemFailures } = await handle(event, lambdaContext());
  expect(batchItemFailures).toHaveLength(1);
  const { received, failed, deadLettered } = await accountOf({ records }, day);
  return { received, failed, deadLettered };
}

describe('an event whose last try failed on AWS', () => {
  it('is received and dead-lettered, as the queue then gives it up', async () => {
    expect(await failedAt(5, 5)).toEqual({ received: 1, failed: 1, deadLettered: 1 });
  });

  it('is neither while its queue hands it out again', async () => {
    expect(await failedAt(4, 5)).toEqual({ received: 0, failed: 1, deadLettered: 0 });
    expect(await failedAt(4)).toEqual({ received: 0, failed: 1, deadLettered: 0 });
  });
});
