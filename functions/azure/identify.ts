import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { CordonError, InvalidInput } from '../../shared/model/error.ts';
import type { Identify } from '../../shared/ports/identify.ts';
import { type Environment, required } from '../environment.ts';

type Issuer = { readonly issuer: string; readonly audience: string; readonly keys: JWTVerifyGetKey };

/** Signatures that only the issuer can make; never `none`, never a shared secret. */
const algorithms = ['RS256', 'PS256', 'ES256'];

/** A token that proves nothing, as opposed to keys that could not be fetched. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof errors.JOSEError && !(thrown instanceof errors.JWKSTimeout || thrown instanceof errors.JWKSInvalid);

/** The subject of a bearer token (RFC 9068) whose signature, issuer, audience and time are right. */
export const identifyByToken =
  ({ issuer, audience, keys }: Issuer): Identify =>
  async (request) => {
    const [, token] = /^Bearer ([\w.-]+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: 30,
      });
      return payload.sub ? { id: payload.sub } : undefined;
    } catch (thrown) {
      if (isRefusal(thrown)) return undefined;
      throw new CordonError({
        code: 'keys-unreachable',
        message: 'the keys of the token issuer could not be read',
        retryable: true,
        cause: thrown,
      });
    }
  };

/**
 * The caller as App Service authentication has proven it (learn.microsoft.com/azure/app-service, "Work with user
 * identities"). Only where it is switched on: anybody could send that header elsewhere.
 */
export const identifyByEasyAuth: Identify = async (request) => {
  const id = request.headers.get('x-ms-client-principal-id');
  return id ? { id } : undefined;
};

/** The way this deployment proves callers: `CORDON_IDENTITY` is `jwt` (the default) or `easy-auth`. */
export function identifyOf(environment: Environment): Identify {
  const way = environment['CORDON_IDENTITY'] ?? 'jwt';
  if (way === 'easy-auth') return identifyByEasyAuth;
  if (way !== 'jwt')
    throw new InvalidInput({
      code: 'bad-environment',
      message: `CORDON_IDENTITY: there is no way ${JSON.stringify(way.slice(0, 20))}`,
      remedy: 'Supported are jwt and easy-auth.',
      place: { path: 'CORDON_IDENTITY' },
    });
  const keys = required(environment, 'CORDON_JWT_KEYS', "the https address of the issuer's JSON Web Key Set");
  return identifyByToken({
    issuer: required(environment, 'CORDON_JWT_ISSUER', 'the issuer of the tokens, as they name it'),
    audience: required(environment, 'CORDON_JWT_AUDIENCE', 'the audience that tokens for Cordon carry'),
    keys: createRemoteJWKSet(new URL(keys), { timeoutDuration: 5_000 }),
  });
}
