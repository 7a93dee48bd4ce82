import { lookup } from 'node:dns/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { CordonError } from '../../model/error.ts';
import { type Address, isLoopback, isPublic, publicUrl } from './public-address.ts';

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export type GuardedRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly resolve?: Resolve;
  /** This machine is allowed, and without TLS; for tests alone. */
  readonly allowLoopback?: boolean;
};

export type GuardedAnswer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
};

const mostBytes = 1_048_576;
const deadlineMilliseconds = 10_000;

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

const noAnswer = (): CordonError =>
  new CordonError({ code: 'no-answer', message: 'the other side did not answer', retryable: true });

/** Rejects when the signal aborts, whatever becomes of the work. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(noAnswer());
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop));
}

/** Where to connect: the addresses that were checked and no others, so that a name cannot change its mind in between. */
async function checked(url: URL, { resolve = systemResolve, allowLoopback = false, signal }: GuardedRequest) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const literal: readonly Address[] = family === 4 || family === 6 ? [{ address: host, family }] : [];
  let addresses = literal;
  if (literal.length === 0)
    try {
      addresses = await within(resolve(host), signal);
    } catch {
      throw noAnswer(); // the cause names the host, and that may be a secret
    }
  const allowed = (one: Address): boolean => isPublic(one) || (allowLoopback && isLoopback(one));
  if (addresses.length > 0 && addresses.every(allowed)) return addresses;
  throw new CordonError({
    code: 'address-refused',
    message: 'the host name stands for an address that is not public',
    remedy: 'Give an https:// address with a public host name.',
    retryable: true, // the name may stand for another one later
  });
}

/** Gives a socket the addresses that were checked. */
const only =
  (addresses: readonly Address[]): LookupFunction =>
  (_, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };

function readUrl({ url: text, allowLoopback = false }: GuardedRequest): URL {
  const url = allowLoopback ? URL.parse(text) : null;
  return url && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname) ? url : publicUrl(text);
}

/**
 * Posts to an address that somebody has configured, and to nothing inside: https alone, public addresses alone, the
 * checked one is the one connected to, redirects are answers like any other, ten seconds, one megabyte either way.
 * Throws `CordonError` that never quotes the address.
 */
export async function guardedPost(request: GuardedRequest): Promise<GuardedAnswer> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(deadlineMilliseconds)]);
  if (Buffer.byteLength(request.body) > mostBytes)
    throw new CordonError({ code: 'too-large', message: 'the message has more than one megabyte' });
  const url = readUrl(request);
  const addresses = await checked(url, { ...request, signal });
  const send = url.protocol === 'https:' ? https.request : http.request;
  const { promise, resolve, reject } = Promise.withResolvers<GuardedAnswer>();
  const outgoing = send(
    url,
    { method: 'POST', headers: { ...request.headers }, lookup: only(addresses), agent: false, signal },
    (answer) => {
      let bytes = 0;
      const { statusCode: status = 0 } = answer;
      const header = (name: string) => answer.headers[name]?.toString();
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > mostBytes) answer.destroy(); // what it says is not read: the status is all that counts
      });
      answer.on('error', () => resolve({ status, header }));
      answer.on('close', () => resolve({ status, header }));
    },
  );
  outgoing.on('error', () => reject(noAnswer())); // the cause names the host
  outgoing.end(request.body);
  return promise;
}
