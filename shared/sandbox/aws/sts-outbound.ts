import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { exportJWK, type JSONWebKeySet, SignJWT } from 'jose';
import type { Rows } from '../rows.ts';
import { table } from '../rows.ts';
import { roles } from './iam-rows.ts';
import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type Issuer = { readonly issuer: string; readonly keyId: string; readonly privateKey: string };

/** Accounts in which outbound identity federation is enabled, by account id. */
const issuers = table<Issuer>('aws.sts.issuers');

/** What the outside sees of an account's issuer: its name, and the keys it publishes below it. */
export type PublishedIssuer = { readonly issuer: string; readonly jwks: JSONWebKeySet };

/**
 * Enables outbound identity federation in an account, as EnableOutboundWebIdentityFederation does
 * (docs.aws.amazon.com/IAM, "Federating AWS identities to external services"); answers with the account's own issuer.
 */
export async function enableOutboundFederation(rows: Rows, account: string): Promise<PublishedIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const issuer = `https://00000000-0000-4000-8000-${account}.tokens.sts.global.api.aws`;
  const keyId = `key-of-${account}`;
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  rows.put(issuers, account, { issuer, keyId, privateKey: pem });
  const jwk = await exportJWK(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })));
  return { issuer, jwks: { keys: [{ ...jwk, kid: keyId, alg: 'RS256', use: 'sig' }] } };
}

type Asked = {
  readonly Audience?: readonly string[] | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly SigningAlgorithm?: string | undefined;
};

/** A token that says who the caller is: for a role's session the role. */
export async function tokenOf({ Audience = [], DurationSeconds = 300, SigningAlgorithm }: Asked, call: Call) {
  const { world, caller, region } = call;
  const issuer = world.rows.get(issuers, call.account);
  if (!issuer)
    throw new AwsFault('OutboundWebIdentityFederationDisabled', 'Outbound web identity federation is not enabled.', {
      status: 403,
    });
  if (SigningAlgorithm !== 'RS256')
    throw new AwsFault('NotImplemented', `the sandbox does not model tokens signed with ${SigningAlgorithm ?? ''}`, {
      status: 501,
    });
  if (Audience.length === 0 || DurationSeconds < 60 || DurationSeconds > 3_600)
    throw new AwsFault('ValidationError', '1 validation error detected: audience or durationSeconds');
  const role = caller.roleName === undefined ? undefined : world.rows.get(roles, `${call.account}/${caller.roleName}`);
  const now = Math.floor(world.clock.milliseconds / 1_000);
  const about = { aws_account: call.account, source_region: region, principal_id: role?.arn ?? caller.arn };
  const WebIdentityToken = await new SignJWT({ 'https://sts.amazonaws.com/': about })
    .setProtectedHeader({ alg: 'RS256', kid: issuer.keyId, typ: 'JWT' })
    .setIssuer(issuer.issuer)
    .setSubject(role?.arn ?? caller.arn)
    .setAudience([...Audience])
    .setIssuedAt(now)
    .setExpirationTime(now + DurationSeconds)
    .setJti(`jti-${world.next('sts.token')}`)
    .sign(createPrivateKey(issuer.privateKey));
  return { WebIdentityToken, Expiration: new Date((now + DurationSeconds) * 1_000) };
}
