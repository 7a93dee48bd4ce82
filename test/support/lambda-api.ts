import type { IncomingMessage, ServerResponse } from 'node:http';
import { arrayBuffer, json, text } from 'node:stream/consumers';
import { isObject } from '../../shared/model/json.ts';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';
import type { DurableLambda } from './durable-lambda.ts';
import { type Loopback, loopback } from './loopback.ts';

/** As Lambda writes it: instants in seconds. */
export function onTheWire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(onTheWire);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, onTheWire(one)]))
    : value;
}

type Checkpoint = Parameters<DurableLambda['client']['checkpoint']>[0];
type Handled = {
  readonly response: { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: Buffer };
};
type Handler = { handle(request: object): Promise<Handled> };

const durable = /^\/2025-12-01\/durable-executions\/([^/]+)\/(checkpoint|state)/;

/** Calls about functions themselves, which others answer: their settings, policies, tags and addresses. */
const isAboutFunctions = (url: string): boolean => !/durable|\/invocations/.test(url);

/** What answers the calls about functions. */
type Others = (request: HttpRequest) => Promise<HttpResponse>;

async function answer(
  lambda: DurableLambda,
  others: Others,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '', headers } = request;
  if (isAboutFunctions(url)) {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const body = new Uint8Array(await arrayBuffer(request));
    const asked = { method, url: new URL(url, `http://${headers.host}`), headers: named, body };
    const { status, headers: back, body: said } = await others(asked);
    return void response.writeHead(status, back).end(said);
  }
  const [, arn = '', what] = durable.exec(url) ?? [];
  const DurableExecutionArn = decodeURIComponent(arn);
  const reply = (value: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(onTheWire(value)));
  };
  if (what === 'checkpoint') {
    const asked = { ...((await json(request)) as Omit<Checkpoint, 'DurableExecutionArn'>), DurableExecutionArn }; // the SDK has written it
    return reply(await lambda.client.checkpoint(asked));
  }
  if (what === 'state')
    return reply(await lambda.client.getExecutionState({ DurableExecutionArn, CheckpointToken: '', Marker: '' }));
  const handler = lambda.requestHandler as Handler; // what SDK clients take for one
  const asked = { method, path: url.split('?')[0], headers, body: await text(request) };
  const { statusCode, headers: back, body } = (await handler.handle(asked)).response;
  response.writeHead(statusCode, back).end(body);
}

/** Lambda's API for durable functions on the loopback: starts, checkpoints and states, over what a test looks after. */
export const lambdaApi = (lambda: DurableLambda, others: Others): Promise<Loopback> =>
  loopback((request, response) => {
    answer(lambda, others, request, response).catch((thrown: unknown) => {
      response.writeHead(400, {
        'content-type': 'application/json',
        'x-amzn-errortype': 'InvalidParameterValueException',
      });
      response.end(JSON.stringify({ message: String(thrown) }));
    });
  });
