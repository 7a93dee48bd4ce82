import { generateKeyPairSync, sign } from 'node:crypto';

/** An issuer of tokens: its keys as it publishes them, and tokens with whatever claims a test wants. */
export function tokenIssuer(keyId = 'k1') {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] },
    /** Signed with RSA and SHA-256, whatever the header says of it. */
    signed(claims: object, header: object = {}): string {
      const text = `${part({ alg: 'RS256', typ: 'JWT', kid: keyId, ...header })}.${part(claims)}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
  };
}
