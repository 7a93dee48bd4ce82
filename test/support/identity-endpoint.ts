import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const header = 'header-of-the-app';

/**
 * The endpoint by which App Service gives its apps tokens of their managed identities, on a loopback port
 * (learn.microsoft.com/azure/app-service/overview-managed-identity). The SDK reads where it is once in a process.
 */
export async function identityEndpoint() {
  /** The token of an identity, by its client id. */
  const tokens = new Map<string, string>();
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { searchParams } = new URL(incoming.url ?? '/', 'http://localhost');
    const client_id = searchParams.get('client_id') ?? '';
    const resource = searchParams.get('resource') ?? '';
    const token = incoming.headers['x-identity-header'] === header ? tokens.get(client_id) : undefined;
    if (token !== undefined) asked.push(`${client_id} ${resource}`);
    const expires_on = String(Math.floor(Date.parse('2100-01-01T00:00:00Z') / 1_000));
    const body =
      token === undefined ? {} : { access_token: token, expires_on, resource, token_type: 'Bearer', client_id };
    outgoing.writeHead(token === undefined ? 400 : 200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  return {
    ...{ tokens, asked },
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: header },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
