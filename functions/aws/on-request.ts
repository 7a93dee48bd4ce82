import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { createApi } from '../../shared/api/api.ts';
import type { ApiDeps } from '../../shared/api/context.ts';
import { coldStart } from '../cold-start.ts';
import { wireRequests } from './wire.ts';

/** Answers people behind API Gateway (HTTP API, payload 2.0), whose authorizer has proven who they are. */
export const createHandler = (deps: ApiDeps) => handle(createApi(deps));

const ready = coldStart(async () => createHandler(await wireRequests(process.env)));

/** The entry that Lambda calls. */
export const handler = async (event: LambdaEvent, context?: LambdaContext) => (await ready())(event, context);
