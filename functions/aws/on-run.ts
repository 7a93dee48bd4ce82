import {
  CallbackError,
  type DurableContext,
  type DurableExecutionConfig,
  type DurablePromise,
  type StepConfig,
  withDurableExecution,
} from '@aws/durable-execution-sdk-js';
import { CordonError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { leaveWake } from '../../shared/records/wakes.ts';
import { coldStart } from '../cold-start.ts';
import { forwardsTo, homeElsewhere } from '../forward.ts';
import { faultFields, log } from '../log.ts';
import { runIdIn, type Visit, type VisitEngine, visit } from '../visit.ts';
import { wireRuns } from './wire.ts';

/**
 * Rounds of turn, callback and look, three operations each, that one execution does; Lambda allows it 3,000. A run
 * that needs more is started again by the sweep.
 */
const mostRounds = 900;
/** Attempts at one turn that throws: together they last as long as a lease. */
const delays = [1, 2, 5, 15, 30, 60];

/** A turn is safe to repeat, so that at least once is enough. What trying again cannot mend ends the execution. */
const retrying: StepConfig<Visit> = {
  retryStrategy(error, attempt) {
    const seconds = delays[attempt - 1];
    const mendable = !(error instanceof CordonError) || error.retryable;
    log('error', 'a run could not be carried on', { attempt, ...faultFields(error) });
    return mendable && seconds !== undefined ? { shouldRetry: true, delay: { seconds } } : { shouldRetry: false };
  },
};

/** Waits until woken, in whatever way, or until the time is over; what the callback says is not listened to. */
async function over(wait: DurablePromise<unknown>): Promise<void> {
  try {
    await wait;
  } catch (thrown) {
    if (!(thrown instanceof CallbackError)) throw thrown;
  }
}

/** Whole seconds until an instant, and at least one. */
const secondsUntil = (instant: string, clock: Clock): number =>
  Math.max(1, Math.ceil((Date.parse(instant) - Date.parse(clock.now())) / 1_000));

const sameWait = (one: Visit, other: Visit): boolean =>
  one.status === other.status && one.dueAt === other.dueAt && one.waitsFor === other.waitsFor;

/** One run from its first turn to its end, however long it waits; every decision is the journal's. */
async function carry(engine: VisitEngine, runId: string, context: DurableContext): Promise<Visit> {
  const turn = () => visit(engine, runId, context.lambdaContext.getRemainingTimeInMillis() / 1_000);
  const execution = context.executionContext.durableExecutionArn;
  for (let round = 0; ; round += 1) {
    const stands = await context.step(`turn-${round}`, turn, retrying);
    if (stands.againAt === null || round === mostRounds) return stands;
    const timeout = { seconds: secondsUntil(stands.againAt, engine.clock) }; // on replay Lambda's own record counts
    const [woken, callback] = await context.createCallback(`wait-${round}`, { timeout });
    // Who answered before the callback could be found has left the answer in the records: look once more.
    const look = async () => {
      await leaveWake(engine, runId, { callback, execution });
      return turn();
    };
    if (sameWait(stands, await context.step(`look-${round}`, look, retrying))) await over(woken);
  }
}

type RunHandler = ReturnType<typeof withDurableExecution>;

/**
 * Carries a run on as a durable execution (docs.aws.amazon.com/lambda, "Lambda durable functions"): `{ runId }` in,
 * where the run stands out. What the execution remembers only says when to come again.
 */
export const createHandler = (engine: VisitEngine, config?: DurableExecutionConfig): RunHandler =>
  withDurableExecution((event: unknown, context) => carry(engine, runIdIn(event), context), config);

const ready = coldStart(async () => {
  const home = forwardsTo(process.env);
  if (home) throw homeElsewhere(home); // nothing starts a run here
  return createHandler(await wireRuns(process.env));
});

/** The entry that Lambda calls. */
export const handler: RunHandler = async (event, context) => (await ready())(event, context);
