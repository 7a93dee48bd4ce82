import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  buildQueryString,
  type HttpHandler,
  type HttpHandlerOptions,
  type HttpRequest as SdkRequest,
  HttpResponse as SdkResponse,
} from '@smithy/core/protocols';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { plainBytes } from './codec.ts';

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return plainBytes(body);
  if (body instanceof Readable || body instanceof ReadableStream) return buffer(body);
  throw new TypeError('The body of a request must be text, bytes or a stream.');
}

async function fromSdk(request: SdkRequest): Promise<HttpRequest> {
  const { protocol, hostname, port, path, query } = request;
  const search = buildQueryString(query);
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: request.method,
    url: new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search && `?${search}`}`),
    headers: Object.fromEntries(headers),
    body: await bytesOf(request.body),
  };
}

/** The SDK reads bodies off a stream; an answer to HEAD has none. */
const toSdk = ({ method }: SdkRequest, { status, headers, body }: HttpResponse): SdkResponse =>
  new SdkResponse({
    statusCode: status,
    headers: { ...headers },
    body: Readable.from(method === 'HEAD' || body.length === 0 ? [] : [body]),
  });

const abortError = (cause: unknown): Error =>
  Object.assign(new Error('Request aborted', { cause }), { name: 'AbortError' });

/** What `work` comes to, unless the signal is given first: then an AbortError, and nobody waits for the work. */
async function unlessAborted<T>(work: () => Promise<T>, signal: HttpHandlerOptions['abortSignal']): Promise<T> {
  if (signal?.aborted) throw abortError('reason' in signal ? signal.reason : undefined);
  if (!(signal instanceof AbortSignal)) return work();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(abortError(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The `requestHandler` of any SDK client, answered in this process: `new IAMClient({ requestHandler: requestHandler(handle) })`. */
export const requestHandler = (handle: (request: HttpRequest) => Promise<HttpResponse>): HttpHandler => ({
  metadata: { handlerProtocol: 'http/1.1' },
  handle: (request, { abortSignal } = {}) =>
    unlessAborted(async () => ({ response: toSdk(request, await handle(await fromSdk(request))) }), abortSignal),
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
  destroy: () => undefined,
});
