import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { createApi } from '../../shared/api/api.ts';
import type { ApiDeps } from '../../shared/api/context.ts';
import { problemOf } from '../../shared/api/problem.ts';
import { coldStart } from '../cold-start.ts';
import { forwardsTo, type Home, homeElsewhere } from '../forward.ts';
import { wireRequests } from './wire.ts';

/** Answers people behind API Gateway (HTTP API, payload 2.0), whose authorizer has proven who they are. */
export const createHandler = (deps: ApiDeps) => handle(createApi(deps));

/** Answers everybody that the home is elsewhere: here nobody could be told of a run, nor stop one. */
const createRefusal = (home: Home) => handle(new Hono().all('*', () => problemOf(homeElsewhere(home))));

const ready = coldStart(async () => {
  const home = forwardsTo(process.env);
  return home ? createRefusal(home) : createHandler(await wireRequests(process.env));
});

/** The entry that Lambda calls. */
export const handler = async (event: LambdaEvent, context?: LambdaContext) => (await ready())(event, context);
