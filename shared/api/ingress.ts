import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { parseEvent, unwrap } from '../ingest/message.ts';
import { CordonError, InvalidInput } from '../model/error.ts';
import { own } from '../model/json.ts';
import type { Identify } from '../ports/identify.ts';
import type { Json } from '../model/json.ts';
import type { Requester } from '../model/run.ts';
import type { Settings } from '../config/settings.ts';
import type { Received } from '../run/receive.ts';
import { problemOf } from './problem.ts';

/** What events over HTTP are taken with. */
export type IngressDeps = {
  readonly settings: Pick<Settings, 'senders'>;
  readonly identify: Identify;
  /** Takes a message; throws what may pass when it comes again. */
  readonly take: (message: Json, requester: Requester) => Promise<readonly Received[]>;
  /** Hears of every fault that is ours. */
  readonly report: (fault: unknown) => void;
};

type Env = { Bindings: object; Variables: { sender: string } };

/** Where events are sent to. */
export const ingressPath = '/events';

const mostBytes = 1_048_576;
const json = /^application\/(json|cloudevents\+json|cloudevents-batch\+json)\s*(;|$)/i;
const validation = 'microsoft.eventgrid.subscriptionvalidationevent';
const codeForm = /^[\w-]{1,128}$/;
/** How Event Grid calls itself when it asks whether it may send CloudEvents. */
const eventGridOrigin = 'eventgrid.azure.net';

const refuse = (code: string, message: string, remedy?: string): Response =>
  problemOf(new InvalidInput({ code, message, ...(remedy !== undefined && { remedy }) }));

/** A fault of ours, whatever it is: whoever sends shall send again. */
export const unavailable = (cause: unknown): Response =>
  problemOf(
    new CordonError({ code: 'not-received', message: 'the events cannot be taken now', retryable: true, cause }),
  );

/** The code that a delivery asks to have back, where it is the handshake of Event Grid's own schema. */
function codeIn(body: string): string | undefined {
  const parsed = parseEvent(body);
  const [event, ...more] = 'event' in parsed ? unwrap(parsed.event) : [];
  const type = own(event, 'eventType');
  if (more.length > 0 || typeof type !== 'string' || type.toLowerCase() !== validation) return undefined;
  const code = own(own(event, 'data'), 'validationCode');
  return typeof code === 'string' && codeForm.test(code) ? code : undefined;
}

/**
 * The handshake of CloudEvents (github.com/cloudevents/spec, http-webhook, "Abuse protection"). It says that deliveries
 * may come and lets nobody in: each of them must still prove itself, so that it is answered without a token.
 */
function preflight(context: Context<Env>): Response {
  const origin = context.req.header('webhook-request-origin')?.toLowerCase();
  if (origin !== eventGridOrigin) return new Response(null, { status: 405, headers: { allow: 'POST' } });
  const headers = { allow: 'POST', 'webhook-allowed-origin': eventGridOrigin, 'webhook-allowed-rate': '*' };
  return new Response(null, { status: 200, headers });
}

const answerTo = (received: readonly Received[]) => ({
  received: received.length,
  runs: [...new Set(received.flatMap((one) => (one.kind === 'opened' ? [one.runId] : [])))],
});

/**
 * The door for what Azure sends over HTTP: a Sentinel playbook, a Logic App of workflow automation, an action group, a
 * webhook of Event Grid. Whoever sends proves itself before anything is read, and is listed under `senders`. 200 means
 * that every run is open and what cannot be used is kept; 503 that it shall come again. A message is never answered
 * with 400: that would lose it.
 */
export function createIngress(deps: IngressDeps): Hono<Env> {
  const ingress = new Hono<Env>();
  ingress.onError((thrown) => {
    deps.report(thrown);
    return unavailable(thrown);
  });
  ingress.options(ingressPath, preflight);
  ingress.use(ingressPath, async (context, next) => {
    const identity = await deps.identify(context.req.raw, context.env);
    if (!identity) return refuse('unauthenticated', 'the request carries no proof of who sends it');
    if (!deps.settings.senders.includes(identity.id))
      return refuse('forbidden', `${identity.id} may not send events`, 'List it under `senders` in the settings.');
    if (!json.test(context.req.header('content-type') ?? ''))
      return refuse('not-json-content', 'the content type is neither JSON nor CloudEvents in JSON');
    context.set('sender', identity.id);
    return next();
  });
  const onError = () => refuse('body-too-large', 'the body is larger than 1 MiB');
  ingress.post(ingressPath, bodyLimit({ maxSize: mostBytes, onError }), async (context) => {
    const body = await context.req.text();
    const validationResponse = codeIn(body);
    if (validationResponse !== undefined) return context.json({ validationResponse });
    const requester = { kind: 'event', id: `http:${context.get('sender')}` } as const;
    return context.json(answerTo(await deps.take(body, requester)));
  });
  return ingress;
}
