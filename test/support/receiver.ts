import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };
export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** The other side on a loopback port: it keeps what it is sent, and answers what it is told to; never, for `silence`. */
export type Receiver = {
  readonly url: string;
  readonly received: readonly Received[];
  reply: (request: Received, count: number) => Reply | 'silence' | 'hang-up';
};

/** Listens until the test is over. */
export async function receiver(reply: Receiver['reply'] = () => ({})): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    received.push(request);
    const answer = one.reply(request, received.length);
    if (answer === 'silence') return;
    if (answer === 'hang-up') {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(answer.status ?? 200, { ...answer.headers });
    outgoing.end(answer.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const one: Receiver = { url: `http://127.0.0.1:${port}`, received, reply };
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return one;
}

/** Answers as chat.postMessage does. */
export const slackTakes: Receiver['reply'] = (_, count) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ok: true, channel: 'C0123456789', ts: `1763629500.00000${count}`, message: {} }),
});
