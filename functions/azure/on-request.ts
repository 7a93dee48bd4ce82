import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import type { ApiDeps } from '../../shared/api/context.ts';
import { runsQueue, starting } from './bindings.ts';

const withoutBody = ['GET', 'HEAD'];

/** The host's request as the one that every other runtime has. */
async function requestOf(request: HttpRequest): Promise<Request> {
  const { url, method } = request;
  const body = withoutBody.includes(method) ? undefined : await request.arrayBuffer();
  const headers = new Headers();
  request.headers.forEach((value, name) => {
    headers.append(name, value);
  });
  return new Request(url, { method, headers, ...(body && { body }) });
}

/** An answer as the host takes it. */
export async function answerOf(response: Response): Promise<HttpResponseInit> {
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/**
 * Registers what answers people: one route for the whole application. The Functions key is no identity, so the
 * function is anonymous to the host and every request proves itself to the application.
 */
export function registerOnRequest(deps: () => Promise<Omit<ApiDeps, 'starter'>>): void {
  app.http('on-request', {
    methods: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'],
    authLevel: 'anonymous',
    route: '{*path}',
    extraOutputs: [runsQueue],
    handler: async (request, context) =>
      starting(context, async (starter) => {
        const { createApi } = await import('../../shared/api/api.ts'); // most instances never see a request
        const api = createApi({ ...(await deps()), starter });
        return answerOf(await api.fetch(await requestOf(request)));
      }),
  });
}
