import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InvalidInput } from '../model/error.ts';
import type { Api, ApiDeps } from './context.ts';
import { problemOf } from './problem.ts';
import { callerOf } from '../guard/rights.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { containmentRoutes } from './routes/containments.ts';
import { breakerRoutes } from './routes/breakers.ts';
import { doctorRoutes } from './routes/doctor.ts';
import { drillRoutes } from './routes/drills.ts';
import { killSwitchRoutes } from './routes/kill-switch.ts';
import { planRoutes } from './routes/plans.ts';
import { playbookRoutes } from './routes/playbooks.ts';
import { holdRoutes } from './routes/holds.ts';
import { releaseRoutes } from './routes/releases.ts';
import { runRoutes } from './routes/runs.ts';
import { slackRoutes } from './routes/slack.ts';
import { statusRoutes } from './routes/status.ts';

const mostBytes = 1_048_576;

const all = [
  playbookRoutes,
  planRoutes,
  runRoutes,
  approvalRoutes,
  containmentRoutes,
  releaseRoutes,
  holdRoutes,
  killSwitchRoutes,
  breakerRoutes,
  statusRoutes,
  doctorRoutes,
  drillRoutes,
];

const tooLarge = () =>
  problemOf(new InvalidInput({ code: 'body-too-large', message: 'the body is larger than 1 MiB' }));

/** What people ask of Cordon over HTTP: one application under Lambda, Functions and on one machine. */
export function createApi(deps: ApiDeps): Api {
  const api: Api = new Hono();
  api.onError((thrown) => {
    const problem = problemOf(thrown);
    if (problem.status >= 500) deps.report(thrown);
    return problem;
  });
  slackRoutes(api, deps); // before the others, because it proves by itself who sends
  api.use(async (context, next) => {
    const identity = await deps.identify(context.req.raw, context.env);
    if (!identity)
      throw new InvalidInput({ code: 'unauthenticated', message: 'the request carries no proof of who sends it' });
    context.set('caller', callerOf(deps.settings, identity.id));
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
    await next();
  });
  api.use(bodyLimit({ maxSize: mostBytes, onError: tooLarge }));
  for (const routes of all) routes(api, deps);
  api.notFound(() => {
    throw new InvalidInput({ code: 'no-such-route', message: 'there is nothing here' });
  });
  return api;
}
