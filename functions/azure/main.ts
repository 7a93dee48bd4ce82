import { coldStart } from '../cold-start.ts';
import { forwardsTo } from '../forward.ts';
import { takesSignals } from './event-triggers.ts';
import { registerOnEvent } from './on-event.ts';
import { registerOnForward } from './on-forward.ts';
import { registerOnRelay } from './on-relay.ts';
import { registerOnRequest } from './on-request.ts';
import { registerOnRun } from './on-run.ts';
import { registerOnSchedule } from './on-schedule.ts';
import { registerOnTerminate } from './on-terminate.ts';
import { registerOnWebhook } from './on-webhook.ts';
import {
  relayTopicOf,
  wireForward,
  wireHome,
  wireRelay,
  wireRequests,
  wireRuns,
  wireSchedule,
  wireWaiting,
  wireWebhook,
} from './wire.ts';

const waiting = wireWaiting(process.env);

/** Everything that a home does. */
function registerHome(): void {
  const home = coldStart(() => wireHome(process.env));
  registerOnEvent(home, waiting, takesSignals(process.env));
  registerOnRun(coldStart(async () => wireRuns(process.env, await home())));
  registerOnRequest(coldStart(async () => wireRequests(process.env, await home())));
  registerOnWebhook(coldStart(async () => wireWebhook(process.env, await home())));
  if (relayTopicOf(process.env) !== undefined)
    registerOnRelay(
      coldStart(async () => wireRelay(process.env, await home())),
      waiting,
    );
  registerOnSchedule(coldStart(async () => wireSchedule(process.env, await home())));
  registerOnTerminate(home);
}

/** The entry that the Functions worker loads: everything is registered at once, and wired when it is first called. */
const forward = forwardsTo(process.env);
if (forward)
  registerOnForward(
    coldStart(() => wireForward(process.env, forward)),
    waiting,
    takesSignals(process.env),
  );
else registerHome();
