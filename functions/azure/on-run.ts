import { app } from '@azure/functions';
import * as z from 'zod';
import { later } from '../../shared/model/duration.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { carryOn } from '../../shared/run/carry-on.ts';
import type { Engine } from '../../shared/run/turn.ts';
import { log } from '../log.ts';
import { runsQueueName, storage } from './bindings.ts';

const RunMessage = z.object({ runId: z.string().regex(/^[a-z2-7]{26}$/) });

/** Short waits are waited out for so long; host.json lets an invocation run for ten minutes. */
const patienceSeconds = 300;
const deadlineMilliseconds = 570_000;

/** Registers what carries runs on: `{ runId }` from the queue in, where the run stands out. */
export function registerOnRun(engine: () => Promise<Engine>): void {
  app.storageQueue('on-run', {
    queueName: runsQueueName,
    connection: storage,
    handler: async (message: unknown) => {
      const parsed = RunMessage.safeParse(message);
      if (!parsed.success) throw new InvalidInput({ code: 'bad-run-event', message: 'the message is not { runId }' });
      const { runId } = parsed.data;
      const made = await engine();
      const until = later(made.clock.now(), patienceSeconds);
      const standing = await carryOn(made, runId, { signal: AbortSignal.timeout(deadlineMilliseconds), until });
      log('info', 'a run stands', { runId, status: standing.status, outcome: standing.result?.outcome });
      return standing;
    },
  });
}
