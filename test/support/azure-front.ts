import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { HttpRequest } from '../../shared/sandbox/http.ts';
import { tokenFor } from '../../shared/sandbox/azure/authenticate.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { certificateFor } from './certificate.ts';
import { loopback } from './loopback.ts';

const hosts = [
  'management.azure.com',
  'graph.microsoft.com',
  'northwinduploads.blob.core.windows.net',
  'northwindquarantine.blob.core.windows.net',
];

/** A simulated Azure as a process elsewhere on this machine reaches it. */
export type AzureFront = {
  /** What the process gets: the proxy and its certificates, and where its managed identities have their tokens. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

/** Answers over TLS under Azure's own names, with certificates that only these processes believe. */
function tlsServer(
  sandbox: Sandbox,
  certificates: ReadonlyMap<string, { readonly key: string; readonly cert: string }>,
) {
  const contextOf = (host: string) => createSecureContext(certificates.get(host) ?? {});
  return createTlsServer({ SNICallback: (host, done) => done(null, contextOf(host)) }, async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const url = new URL(incoming.url ?? '/', `https://${headers['host']}`);
    const request: HttpRequest = { method: incoming.method ?? 'GET', url, headers, body: Buffer.concat(chunks) };
    const { status, headers: back, body } = await sandbox.handle(request);
    outgoing.writeHead(status, { ...back, 'content-length': body.length }).end(body);
  });
}

/**
 * The sandbox behind what the Azure SDKs themselves read: `HTTPS_PROXY` for the clients, `IDENTITY_ENDPOINT` for managed
 * identities (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference").
 */
export async function azureFront(sandbox: Sandbox): Promise<AzureFront> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-front-'));
  const certificates = new Map(hosts.map((host) => [host, certificateFor(host)]));
  const believed = join(folder, 'believed.pem');
  await writeFile(believed, [...certificates.values()].map(({ cert }) => cert).join(''));
  const tls = tlsServer(sandbox, certificates);
  const front = await loopback((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://front');
    const resource = (searchParams.get('resource') ?? '').replace(/\/$/, '');
    const expires = sandbox.clock.milliseconds + 3_600_000;
    const token = tokenFor(searchParams.get('client_id') ?? '', resource, expires);
    const proven = request.headers['x-identity-header'] === 'northwind';
    response.writeHead(proven ? 200 : 401, { 'content-type': 'application/json' });
    const body = { access_token: token, expires_on: String(expires / 1_000), resource, token_type: 'Bearer' };
    response.end(JSON.stringify(proven ? body : { statusCode: 401, message: 'who are you?' }));
  });
  front.server.on('connect', (_, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    tls.emit('connection', socket);
  });
  const url = `http://${front.host}`;
  return {
    environment: {
      HTTPS_PROXY: url,
      NODE_EXTRA_CA_CERTS: believed,
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER: 'northwind',
    },
    async close() {
      tls.closeAllConnections();
      await Promise.all([front.close(), rm(folder, { recursive: true })]);
    },
  };
}
