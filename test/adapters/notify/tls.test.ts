import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { guardedPost } from '../../../shared/adapters/notify/guarded-post.ts';
import { certificateFor } from '../../support/certificate.ts';

const host = 'hooks.example.com';
const trusted = certificateFor(host);
const others = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...others, trusted.cert]));
afterAll(() => setDefaultCACertificates(others));

/** A server with a certificate, and what it was asked for. */
async function secure(certificate: typeof trusted) {
  const names: unknown[] = [];
  const server = createServer(certificate, (incoming, outgoing) => {
    names.push((incoming.socket as TLSSocket).servername, incoming.headers.host); // an https server has no other
    outgoing.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { port, names };
}

const post = (port: number) =>
  guardedPost({
    url: `https://${host}:${port}/in`,
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    allowLoopback: true,
  });

test('goes to the address that was checked under the name that was given, over TLS', async () => {
  const { port, names } = await secure(trusted);
  expect((await post(port)).status).toBe(204);
  expect(names).toEqual([host, `${host}:${port}`]);
});

test.each([
  ['that nobody trusts', certificateFor(host)],
  ['of another name', certificateFor('other.example.com')],
])('says nothing to a server with a certificate %s', async (_, certificate) => {
  const { port, names } = await secure(certificate);
  await expect(post(port)).rejects.toMatchObject({ code: 'no-answer', retryable: true });
  expect(names).toEqual([]);
});
