import { sweep } from '../../shared/run/sweep.ts';
import { coldStart } from '../cold-start.ts';
import { log } from '../log.ts';
import { wireEvents } from './wire.ts';

type Swept = Awaited<ReturnType<typeof sweep>>;

/** Starts the runs that are due, and those whose start was lost. */
export const createHandler = (deps: Parameters<typeof sweep>[0]) => async (): Promise<Swept> => {
  const swept = await sweep(deps);
  if (swept.started.length > 0) log('info', 'swept', swept);
  return swept;
};

const ready = coldStart(async () => createHandler(await wireEvents(process.env)));

/** The entry that Lambda calls. */
export const handler = async (): Promise<Swept> => (await ready())();
