import { coldStart } from '../cold-start.ts';
import { forwardsTo } from '../forward.ts';
import { log } from '../log.ts';
import { type RoundDeps, round } from '../round.ts';
import { wireSchedule } from './wire.ts';

type Done = Awaited<ReturnType<typeof round>>;

/** Does what has to be done every minute. */
export const createHandler = (deps: RoundDeps) => async (): Promise<Done> => {
  const done = await round(deps);
  if (done.started.length + done.attended > 0) log('info', 'looked after', done);
  return done;
};

/** Where the home is elsewhere there is nothing to look after: the findings that are handed on are compared there. */
const idle = async (): Promise<Done> => ({ started: [], attended: 0 });

const ready = coldStart(async () => (forwardsTo(process.env) ? idle : createHandler(await wireSchedule(process.env))));

/** The entry that Lambda calls. */
export const handler = async (): Promise<Done> => (await ready())();
