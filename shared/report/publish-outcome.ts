import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import type { Publisher } from '../ports/publisher.ts';
import type { Send } from '../records/outbox.ts';
import type { RunDeps } from '../run/deps.ts';
import { readRun } from '../run/turn.ts';
import { remediationEvents } from './remediation-event.ts';

const Body = z.object({ run: z.string() });

type Deps = Pick<RunDeps, 'records' | 'actions'> & {
  readonly publishers: readonly Publisher[];
  readonly signal: AbortSignal;
};

const refuse = (code: string, message: string, remedy: string) =>
  new CordonError({ code, message, remedy, retryable: true }); // it may be there a moment later, or after a deployment

/** Publishes how a run ended, as OCSF events made of its record. */
export const sendOutcome =
  ({ records, actions, publishers, signal }: Deps): Send =>
  async ({ to, body }) => {
    const name = to.slice('outcome:'.length);
    const publisher = publishers.find((one) => one.name === name);
    if (!publisher) throw refuse('no-publisher', `nothing publishes to ${name}`, 'Set it under `outcomeEvents`.');
    const { run } = Body.parse(body);
    const state = await readRun(records, run);
    if (!state?.result)
      throw refuse('run-not-over', `run ${run} has no result yet`, 'It is sent when the run is over.');
    const { order, result, endedAt } = state;
    const events = remediationEvents({ order, result, at: endedAt ?? order.openedAt }, (action) =>
      Object.hasOwn(actions, action) ? actions[action] : undefined,
    );
    return publisher.publish(events, signal);
  };
