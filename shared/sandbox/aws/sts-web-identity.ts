import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { parsePolicy } from '../../policy/document.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { table } from '../rows.ts';
import { type RoleRow, roles } from './iam-rows.ts';
import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { checkSessionName, issueSession } from './sts-session.ts';

/** An OpenID Connect provider of an account: whose tokens it takes, for which audiences, under which published keys. */
export type OidcProviderRow = { readonly clientIds: readonly string[]; readonly jwks: JSONWebKeySet };

/** Keyed by ARN: `arn:aws:iam::<account>:oidc-provider/<issuer without https://>`, with the slash it may end with. */
export const oidcProviders = table<OidcProviderRow>('aws.iam.oidc-providers');

type Asked = {
  readonly RoleArn?: string | undefined;
  readonly RoleSessionName?: string | undefined;
  readonly WebIdentityToken?: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
};

const invalid = (message: string) => new AwsFault('InvalidIdentityToken', message, { status: 400 });
const denied = () =>
  new AwsFault('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', { status: 403 });

/** The claims of a token that a provider of the account vouches for. Throws what STS answers (API reference, AssumeRoleWithWebIdentity). */
async function verified(token: string, partition: string, account: string, { world }: Call) {
  const issuer = issuerIn(token);
  const host = issuer.replace(/^https:\/\//, '');
  const arn = `arn:${partition}:iam::${account}:oidc-provider/${host}`;
  const provider = world.rows.get(oidcProviders, arn);
  if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  try {
    const options = { issuer, algorithms: ['RS256'], currentDate: new Date(world.clock.milliseconds) };
    const { payload } = await jwtVerify(token, createLocalJWKSet(provider.jwks), {
      ...options,
      requiredClaims: ['exp', 'iat', 'sub', 'aud'],
    });
    const audience = audienceOf(payload, provider);
    return { payload, audience, arn, host };
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired)
      throw new AwsFault(
        'ExpiredTokenException',
        'Token expired: current date/time must be before the expiration date/time',
        {
          status: 400,
        },
      );
    if (thrown instanceof errors.JOSEError) throw invalid(`Couldn't verify the token: ${thrown.code}`);
    throw thrown;
  }
}

function issuerIn(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (iss?.startsWith('https://')) return iss;
  } catch {
    // told below, as every token that cannot be read
  }
  throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
}

function audienceOf({ aud = [] }: JWTPayload, { clientIds }: OidcProviderRow): string {
  const audience = [aud].flat().find((one) => clientIds.includes(one));
  if (audience !== undefined) return audience;
  throw invalid('Incorrect token audience');
}

type Claims = { readonly aud: string; readonly sub: string; readonly session: string };

/** Whether the role's trust policy lets in who a provider vouches for; the keys are called after the provider's URL. */
function trusts(role: RoleRow, arn: string, host: string, { aud, sub, session }: Claims) {
  const verdict = evaluate({
    identity: [],
    resource: [parsePolicy(role.trust)],
    request: {
      principal: { arn, account: role.account, type: 'federated' },
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: role.arn,
      resourceAccount: role.account,
      context: { [`${host}:aud`]: aud, [`${host}:sub`]: sub, 'sts:RoleSessionName': session },
    },
  });
  return verdict.decision === 'allowed';
}

/** AssumeRoleWithWebIdentity: no signature, only a token that a provider of the account has signed. */
export async function assumeWithWebIdentity(asked: Asked, call: Call) {
  const { RoleArn = '', RoleSessionName = '', WebIdentityToken = '', DurationSeconds, Policy } = asked;
  const [, partition = 'aws', , , account = '', resource = ''] = RoleArn.split(':');
  checkSessionName(RoleSessionName);
  const { payload, audience, arn, host } = await verified(WebIdentityToken, partition, account, call);
  const role = call.world.rows.get(roles, `${account}/${resource.slice(resource.lastIndexOf('/') + 1)}`);
  const sub = payload.sub ?? '';
  const claims = { aud: audience, sub, session: RoleSessionName };
  if (role?.arn !== RoleArn || !trusts(role, arn, host, claims)) throw denied();
  const issued = issueSession(call, { role, name: RoleSessionName, seconds: DurationSeconds, policy: Policy });
  return { ...issued, SubjectFromWebIdentityToken: sub, Audience: audience, Provider: arn };
}
