import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Handle } from '../../shared/sandbox/mount.ts';
import { certificateFor } from './certificate.ts';
import { loopback } from './loopback.ts';

/** Hosts of the internet as a process elsewhere on this machine reaches them. */
export type TlsFront = {
  /** What the process gets: the proxy, and the certificates that it believes. */
  readonly environment: { readonly HTTPS_PROXY: string; readonly NODE_EXTRA_CA_CERTS: string };
  close(): Promise<void>;
};

const refuse: RequestListener = (_, response) => void response.writeHead(405).end();

/**
 * Answers over TLS under the hosts' own names, with certificates that only these processes believe, behind a proxy on the
 * loopback; `plain` answers what is asked of the proxy itself, or through it without TLS.
 */
export async function tlsFront(
  hosts: readonly string[],
  answer: Handle,
  plain: RequestListener = refuse,
): Promise<TlsFront> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-front-'));
  const certificates = new Map(hosts.map((host) => [host, certificateFor(host)]));
  const believed = join(folder, 'believed.pem');
  await writeFile(believed, [...certificates.values()].map(({ cert }) => cert).join(''));
  const contextOf = (host: string) => createSecureContext(certificates.get(host) ?? {});
  const SNICallback = (host: string, done: (fault: null, context: ReturnType<typeof contextOf>) => void) =>
    done(null, contextOf(host));
  const tls = createServer({ SNICallback }, async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const url = new URL(incoming.url ?? '/', `https://${headers['host']}`);
    const { method = 'GET' } = incoming;
    const { status, headers: back, body } = await answer({ method, url, headers, body: Buffer.concat(chunks) });
    outgoing.writeHead(status, { ...back, 'content-length': body.length }).end(body);
  });
  const proxy = await loopback(plain);
  proxy.server.on('connect', (_, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    tls.emit('connection', socket);
  });
  return {
    environment: { HTTPS_PROXY: `http://${proxy.host}`, NODE_EXTRA_CA_CERTS: believed },
    async close() {
      tls.closeAllConnections();
      await Promise.all([proxy.close(), rm(folder, { recursive: true })]);
    },
  };
}
