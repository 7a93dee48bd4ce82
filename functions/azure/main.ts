import { coldStart } from '../cold-start.ts';
import { registerOnEvent } from './on-event.ts';
import { registerOnRequest } from './on-request.ts';
import { registerOnRun } from './on-run.ts';
import { registerOnSchedule } from './on-schedule.ts';
import { wireHome, wireRequests, wireRuns, wireSchedule } from './wire.ts';

/** The entry that the Functions worker loads: everything is registered at once, and wired when it is first called. */
const home = coldStart(() => wireHome(process.env));

registerOnEvent(home);
registerOnRun(coldStart(async () => wireRuns(process.env, await home())));
registerOnRequest(coldStart(async () => wireRequests(process.env, await home())));
registerOnSchedule(coldStart(async () => wireSchedule(process.env, await home())));
