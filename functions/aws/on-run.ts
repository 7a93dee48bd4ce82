import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { later } from '../../shared/model/duration.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { carryOn } from '../../shared/run/carry-on.ts';
import type { Engine, Standing } from '../../shared/run/turn.ts';
import { coldStart } from '../cold-start.ts';
import { wireRuns } from './wire.ts';

type RunHandler = (event: unknown, context: Context) => Promise<Standing>;

const RunEvent = z.object({ runId: z.string().regex(/^[a-z2-7]{26}$/) });

/** Kept back of the invocation's time: enough for one more step and its record. */
const reserveSeconds = 60;

/** Carries a run on: `{ runId }` in, where the run stands out. Short waits are waited out while time remains. */
export const createHandler = (engine: Engine): RunHandler =>
  middy<unknown, Standing>({ timeoutEarlyInMillis: 5_000 }).handler(async (event, context, { signal }) => {
    const parsed = RunEvent.safeParse(event);
    if (!parsed.success) throw new InvalidInput({ code: 'bad-run-event', message: 'the event is not { runId }' });
    const spare = context.getRemainingTimeInMillis() / 1_000 - reserveSeconds;
    return carryOn(engine, parsed.data.runId, { signal, until: later(engine.clock.now(), Math.max(0, spare)) });
  });

const ready = coldStart(async () => createHandler(await wireRuns(process.env)));

/** The entry that Lambda calls. */
export const handler: RunHandler = async (event, context) => (await ready())(event, context);
