import { createHmac } from 'node:crypto';
import { InvalidInput } from '../model/error.ts';

const bad = () =>
  new InvalidInput({
    code: 'bad-secret',
    message: 'the secret of a web hook is not whsec_ and 24 to 64 bytes in base64',
    remedy: 'Make one: echo "whsec_$(openssl rand -base64 32)"',
    retryable: true, // somebody may correct it yet
  });

function keyOf(secret: string): Buffer {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.byteLength < 24 || key.byteLength > 64) throw bad();
  return key;
}

/**
 * The headers by which a receiver knows who sent a web hook, and that it is no replay (standardwebhooks.com). `secrets`
 * are parted by blanks: while one replaces another both sign. Throws `InvalidInput` that quotes none of them.
 */
export function webhookHeaders(
  secrets: string,
  { id, at, body }: { readonly id: string; readonly at: string; readonly body: string },
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const seconds = String(Math.floor(Date.parse(at) / 1_000));
  const sign = (secret: string): string =>
    `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  const signatures = secrets.trim().split(/\s+/).map(sign);
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
