import type { HttpRequest } from '@smithy/types';
import { CordonError, InvalidInput, messageOf } from '../../shared/model/error.ts';
import type { Environment } from '../environment.ts';

/** A request to a deployment's HTTP API, before anything proves who sends it. */
export type Outgoing = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** The headers of a request with those that prove who sends it. */
export type Proof = (request: Outgoing) => Promise<Readonly<Record<string, string>>>;

/** How API Gateway calls its APIs by itself; the region is in the name. */
const gateway = /^[a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

const bearing = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

const noCredentials = (whose: string, cause: unknown, remedy: string) =>
  new CordonError({ code: 'no-credentials', message: `${whose}: ${messageOf(cause).split('\n')[0]}`, remedy, cause });

/** Signed with the AWS credentials of whoever is at this machine (docs.aws.amazon.com/IAM, "Signature Version 4"). */
const signedFor =
  (region: string): Proof =>
  async ({ method, url, headers, body }) => {
    const { STSClient } = await import('@aws-sdk/client-sts');
    const { config } = new STSClient({ region }); // for the chain of credentials and the signer that every client has
    const { protocol, hostname, pathname: path, searchParams } = url;
    const query = Object.fromEntries(searchParams);
    const plain: HttpRequest = { method, protocol, hostname, path, query, headers: { ...headers, host: url.host } };
    try {
      const signer = await config.signer({
        name: 'sigv4',
        signingName: 'execute-api',
        signingRegion: region,
        properties: {},
      });
      const { host: _, ...signed } = (await signer.sign({ ...plain, ...(body !== undefined && { body }) })).headers;
      return signed;
    } catch (thrown) {
      throw noCredentials('AWS', thrown, 'Sign in (`aws sso login`), or set AWS_PROFILE.');
    }
  };

/** With a token of Entra ID for whoever is signed in at this machine. */
const tokenFor =
  (audience: string): Proof =>
  async ({ headers }) => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    try {
      const { token } = await new DefaultAzureCredential().getToken(`${audience}/.default`);
      return { ...headers, ...bearing(token) };
    } catch (thrown) {
      throw noCredentials('Entra ID', thrown, 'Sign in with `az login`, and check CORDON_API_AUDIENCE.');
    }
  };

/**
 * How a person proves to a deployment who they are: a token of their own in `CORDON_API_TOKEN`; the signature of AWS where
 * the address is one of API Gateway; a token of Entra ID for `CORDON_API_AUDIENCE`. Throws `InvalidInput` where none fits.
 */
export function proofFor(url: URL, environment: Environment): Proof {
  const { CORDON_API_TOKEN: token, CORDON_API_AUDIENCE: audience } = environment;
  if (token) return async ({ headers }) => ({ ...headers, ...bearing(token) });
  const [, region] = gateway.exec(url.hostname) ?? [];
  if (region !== undefined) return signedFor(region);
  if (audience) return tokenFor(audience);
  throw new InvalidInput({
    code: 'no-credentials',
    message: `nothing says how to prove to ${url.host} who you are`,
    remedy:
      'Set CORDON_API_AUDIENCE, as deploy.sh had it (Azure), or CORDON_API_TOKEN. Addresses of API Gateway need neither.',
  });
}
