import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { onTestFinished } from 'vitest';

/** A federated credential of an application (learn.microsoft.com/graph/api/resources/federatedidentitycredential). */
export type FederatedCredential = { readonly issuer: string; readonly subject: string; readonly audience: string };

type Options = {
  readonly tenant: string;
  readonly clientId: string;
  readonly trusts: FederatedCredential;
  /** What the issuer publishes below its name. */
  readonly jwks: object;
  readonly now: () => Date;
  /** The token that is given out for a scope. */
  readonly issue: (scope: string) => Promise<string>;
};

type Refusal = { readonly error: string; readonly error_description: string };
const refuse = (code: string, why: string): Refusal => ({
  error: 'invalid_client',
  error_description: `${code}: ${why}`,
});

/** What Entra says of an assertion; undefined where nothing is wrong with it. */
async function judged(assertion: string, jwks: URL, { trusts, now }: Options): Promise<Refusal | undefined> {
  let claims: JWTPayload;
  try {
    const keys = createRemoteJWKSet(jwks);
    const options = { algorithms: ['RS256'], currentDate: now(), requiredClaims: ['exp', 'sub', 'iss', 'aud'] };
    claims = (await jwtVerify(assertion, keys, options)).payload;
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired)
      return refuse('AADSTS700024', 'Client assertion is not within its valid time range.');
    if (thrown instanceof errors.JOSEError)
      return refuse('AADSTS50027', `JWT token is invalid or malformed: ${thrown.code}`);
    throw thrown;
  }
  const { iss, aud, sub } = claims;
  if (iss !== trusts.issuer)
    return refuse(
      'AADSTS700211',
      `No matching federated identity record found for presented assertion issuer '${iss}'.`,
    );
  if ([aud].flat().length !== 1 || [aud].flat()[0] !== trusts.audience)
    return refuse(
      'AADSTS700212',
      `No matching federated identity record found for presented assertion audience '${aud}'.`,
    );
  if (sub !== trusts.subject)
    return refuse(
      'AADSTS700213',
      `No matching federated identity record found for presented assertion subject '${sub}'.`,
    );
  return undefined;
}

type Answer = readonly [status: number, body: object];

/** What can be read without any credential: the issuer's keys, and where this tenant's endpoints are. */
function published(path: string, { tenant, jwks }: Options): Answer {
  if (path === '/jwks.json') return [200, jwks];
  if (!path.endsWith('/.well-known/openid-configuration')) return [404, { error: 'not_found' }];
  const authority = `https://login.microsoftonline.com/${tenant}`;
  const known = {
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    issuer: `${authority}/v2.0`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  };
  return [200, known];
}

/** A token for an assertion (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). */
async function exchanged(form: URLSearchParams, url: string, options: Options): Promise<Answer> {
  if (form.get('client_id') !== options.clientId)
    return [400, refuse('AADSTS700016', 'Application was not found in the directory.')];
  const isAssertion = form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  if (form.get('grant_type') !== 'client_credentials' || !isAssertion || form.has('client_secret'))
    return [400, refuse('AADSTS7000216', 'client_assertion is required.')];
  const wrong = await judged(form.get('client_assertion') ?? '', new URL('/jwks.json', url), options);
  if (wrong) return [401, wrong];
  const scope = form.get('scope')?.split(' ')[0] ?? '';
  return [200, { token_type: 'Bearer', expires_in: 3_599, access_token: await options.issue(scope) }];
}

/**
 * The token endpoint of Entra on a loopback port until the test is over, and a transport that leads the SDK's requests
 * for login.microsoftonline.com there. It fetches the issuer's keys over HTTP, from where the issuer publishes them.
 */
export async function entraEndpoint(options: Options) {
  const answered: { readonly path: string; readonly status: number }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const [status, body] =
      path === `/${options.tenant}/oauth2/v2.0/token` ? await exchanged(form, url, options) : published(path, options);
    answered.push({ path, status });
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const url = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { pathname, search } = new URL(request.url);
      const { method, body } = request;
      const headers = { 'content-type': request.headers.get('content-type') ?? 'text/plain' };
      const init = { method, headers, ...(typeof body === 'string' && { body }) };
      const response = await fetch(`${url}${pathname}${search}`, init);
      return {
        request: createPipelineRequest(request),
        status: response.status,
        headers: createHttpHeaders(Object.fromEntries(response.headers)),
        bodyAsText: await response.text(),
      };
    },
  };
  return { url, httpClient, answered };
}
