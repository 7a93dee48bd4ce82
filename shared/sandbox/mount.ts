import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { HttpRequest, HttpResponse } from './http.ts';

export type Handle = (request: HttpRequest) => Promise<HttpResponse>;

/** Storage clients bring headers of an older class and want `toJson` of the answer's; writing themselves as text is all that both classes share. */
const namesLowered = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(JSON.parse(String(headers)) as Record<string, string>) // both write an object of texts
      .map(([name, value]) => [name.toLowerCase(), value]),
  );

/** An `httpClient` for Azure SDK clients that never leaves the process. */
export const azureHttpClient = (handle: Handle): HttpClient => ({
  async sendRequest(request): Promise<PipelineResponse> {
    if (request.abortSignal?.aborted) throw new DOMException('The request was aborted.', 'AbortError');
    const { body } = request;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : Buffer.alloc(0);
    const headers = namesLowered(request.headers);
    const response = await handle({ method: request.method, url: new URL(request.url), headers, body: bytes });
    const answered = createHttpHeaders({ ...response.headers });
    const { status } = response;
    const asked = request.streamResponseStatusCodes ?? new Set();
    // what a client downloads it wants as a stream
    const streamed = asked.has(status) || asked.has(Number.POSITIVE_INFINITY);
    return {
      request,
      status,
      headers: Object.assign(answered, { toJson: () => answered.toJSON() }),
      ...(streamed
        ? { readableStreamBody: Readable.from([Buffer.from(response.body)]) }
        : { bodyAsText: Buffer.from(response.body).toString() }),
    };
  },
});

type ClusterRequest = Pick<HttpRequest, 'method' | 'headers'> & { readonly path: string; readonly body: string };

/** The way to the API servers of clusters that never leaves the process. */
export const clusterTransport =
  (handle: Handle) =>
  async ({ server }: { readonly server: string }, { path, body, ...request }: ClusterRequest, signal: AbortSignal) => {
    if (signal.aborted) throw new DOMException('The request was aborted.', 'AbortError');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const url = new URL(path, server);
    const answered = await handle({ method: request.method, url, headers, body: Buffer.from(body) });
    return { status: answered.status, headers: answered.headers, body: Buffer.from(answered.body).toString() };
  };

async function answer(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const host = headers['x-sandbox-host'] ?? headers['host'] ?? 'localhost';
  const url = new URL(incoming.url ?? '/', `http://${host}`);
  try {
    const {
      status,
      headers: back,
      body,
    } = await handle({ method: incoming.method ?? 'GET', url, headers, body: Buffer.concat(chunks) });
    outgoing.writeHead(status, { ...back, 'content-length': body.length }).end(body);
  } catch {
    outgoing.destroy();
  }
}

/** Serves the sandbox on a free port of the loopback interface. */
export async function listen(handle: Handle): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => void answer(handle, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
