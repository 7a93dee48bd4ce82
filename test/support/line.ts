import { request as send } from 'node:http';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';
import { listen } from '../../shared/sandbox/mount.ts';

/** What is lost of one exchange: the request on its way there, or the answer on its way back. */
export type Loss = 'request' | 'answer';

/** What becomes of one request: it goes through, something is lost, or something on the way answers in the server's place. */
export type Passage = Loss | HttpResponse | undefined;

/** Decides over the nth request, counted from 1; a promise holds it up until then. */
export type Fate = (nth: number, request: HttpRequest) => Passage | Promise<Passage>;

/** A way to a server on which things get lost, as they do on a network: the socket dies. */
export type Line = { readonly url: string; close(): Promise<void> };

const forward = (upstream: string, { method, url, headers, body }: HttpRequest): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(upstream);
    const path = url.pathname + url.search;
    const outgoing = send({ hostname, port, method, path, headers, agent: false }, (incoming) => {
      const chunks: Uint8Array[] = [];
      incoming
        .on('data', (chunk: Uint8Array) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const { connection: _, 'transfer-encoding': _how, ...back } = incoming.headers;
          const named = Object.entries(back).map(([name, value]) => [name, String(value)]);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(named),
            body: Buffer.concat(chunks),
          });
        });
    });
    outgoing.on('error', reject).end(body);
  });

/** Opens a line to a server on the loopback interface. */
export async function openLine(upstream: string, fate: Fate): Promise<Line> {
  let count = 0;
  const lost = new Error('lost'); // the server answers a throw by destroying the socket
  return listen(async (request) => {
    count += 1;
    const passage = await fate(count, request);
    if (typeof passage === 'object') return passage;
    if (passage === 'request') throw lost;
    const answer = await forward(upstream, request);
    if (passage === 'answer') throw lost;
    return answer;
  });
}

/** The nth request, or its answer, is lost; all others come through. */
export const losing =
  (loss: Loss, ...which: readonly number[]): Fate =>
  (nth) =>
    which.includes(nth) ? loss : undefined;

/** Whoever is on this line dies with the nth request, before its effect or after it: nothing more goes through. */
export const dyingAt =
  (last: number, loss: Loss): Fate =>
  (nth) => {
    if (nth < last) return undefined;
    return nth === last ? loss : 'request';
  };
