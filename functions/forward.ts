import { parseEvent, unwrap } from '../shared/ingest/message.ts';
import { CordonError, InvalidInput } from '../shared/model/error.ts';
import type { Json } from '../shared/model/json.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Forwarder } from '../shared/ports/forwarder.ts';
import type { Environment } from './environment.ts';

const variable = 'CORDON_FORWARD_TO';
const forms = {
  'event-bus': /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w./-]{1,256}$/,
  'event-topic': /^https:\/\/[a-z0-9-]+\.[a-z0-9-]+\.eventgrid\.azure\.net\/api\/events$/,
} as const;

/** Where the home listens. */
export type Home = { readonly kind: keyof typeof forms; readonly address: string };

/** The home that this deployment hands its events on to; undefined where it is the home itself. Throws `InvalidInput`. */
export function forwardsTo({ [variable]: given }: Environment): Home | undefined {
  if (!given) return undefined;
  const [kind = ''] = given.split(':', 1);
  const address = given.slice(kind.length + 1);
  if (kind === 'event-bus' || kind === 'event-topic') if (forms[kind].test(address)) return { kind, address };
  throw new InvalidInput({
    code: 'bad-environment',
    message: `${variable}: ${JSON.stringify(given.slice(0, 80))} names no home`,
    place: { path: variable },
    remedy: 'Write event-bus:<ARN of the bus> or event-topic:<endpoint of the topic>.',
  });
}

/** What every entry but that for events answers where the home is elsewhere: runs, people and the clock have one home. */
export const homeElsewhere = ({ kind, address }: Home): CordonError =>
  new CordonError({
    code: 'home-elsewhere',
    message: `this deployment hands its events on to ${kind}:${address} and keeps no runs`,
    remedy: 'Ask the deployment that is the home.',
  });

/** What handing on needs. */
export type ForwardDeps = {
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  /** What is done with an event that the home will never take; it is thrown like any other fault without. */
  readonly aside?: (event: Json, fault: CordonError) => Promise<void>;
};

const final: readonly string[] = ['too-large', 'refused'];
const neverTaken = (thrown: unknown): thrown is CordonError =>
  thrown instanceof CordonError && !thrown.retryable && final.includes(thrown.code);

const deadlineMilliseconds = 20_000;

/**
 * Hands the events of one delivery on, one by one. Throws where the home has not taken one of them: the delivery then
 * comes again, and what was taken before is taken twice, which is one finding there. What cannot be read goes on as
 * text, for the home to keep.
 */
export async function forwardEach({ forwarder, clock, aside }: ForwardDeps, message: Json): Promise<number> {
  const parsed = typeof message === 'string' ? parseEvent(message) : { event: message };
  const events = 'event' in parsed ? unwrap(parsed.event) : [message];
  const receivedAt = clock.now();
  for (const event of events)
    await forwarder.forward(event, receivedAt, AbortSignal.timeout(deadlineMilliseconds)).catch((thrown: unknown) => {
      if (aside && neverTaken(thrown)) return aside(event, thrown);
      throw thrown;
    });
  return events.length;
}
