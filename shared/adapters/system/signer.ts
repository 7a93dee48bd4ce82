import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { CordonError, InvalidInput } from '../../model/error.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Signer } from '../../ports/signer.ts';

/** One key of a ring: its name stands in every signature, its bytes never leave the process. */
export type SigningKey = { readonly id: string; readonly secret: Uint8Array };

const fewestBytes = 32;
const keyForm = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})$/;
const way =
  'Write id:base64 with at least 32 random bytes, the signing key first, as `openssl rand -base64 32` makes them.';

const refuse = (problem: string, remedy = way) =>
  new InvalidInput({ code: 'bad-signing-key', message: `signing keys: ${problem}`, remedy });

/** Reads `id:base64[,id:base64]`, one key to a line or a comma. Throws `InvalidInput` without quoting any of it. */
export function readSigningKeys(text: string): readonly SigningKey[] {
  const keys = text
    .split(/[,\s]+/)
    .filter((part) => part !== '')
    .map((part, at): SigningKey => {
      const [, id, base64] = keyForm.exec(part) ?? [];
      if (id === undefined || base64 === undefined) throw refuse(`key ${at + 1} is not of the form id:base64`);
      return { id, secret: Buffer.from(base64, 'base64') };
    });
  if (keys.length === 0) throw refuse('there is none');
  const short = keys.find(({ secret }) => secret.byteLength < fewestBytes);
  if (short) throw refuse(`key ${short.id} has fewer than ${fewestBytes} bytes`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw refuse('two of them have the same name');
  return keys;
}

const referenceForm = /^([A-Za-z0-9_-]{1,32})=([a-z]+:[^,\s]+)$/;

/** Whether keys are named, as `k1=secretsmanager:cordon/signing-key`, rather than written out. */
export const namesKeys = (text: string): boolean => text.split(/[,\s]+/).some((part) => referenceForm.test(part));

/**
 * Keys by reference, `id=reference[,id=reference]`: each secret is base64 of 32 bytes or more, as 44 letters and digits
 * are. Read when something is first signed or verified, and again after that has failed.
 */
export function namedSigner(text: string, secrets: Secrets): Signer {
  const named = text.split(/[,\s]+/).filter((part) => part !== '');
  const key = async (part: string, at: number): Promise<string> => {
    const [, id, reference] = referenceForm.exec(part) ?? [];
    if (id === undefined || reference === undefined) throw refuse(`key ${at + 1} is not of the form id=reference`);
    return `${id}:${await secrets.read(reference)}`;
  };
  const open = async () => hmacSigner(readSigningKeys((await Promise.all(named.map(key))).join(',')));
  let opened: Promise<Signer> | undefined;
  const signer = (): Promise<Signer> => {
    opened ??= open().catch((thrown: unknown) => {
      opened = undefined;
      throw thrown;
    });
    return opened;
  };
  return {
    sign: async (message) => (await signer()).sign(message),
    verify: async (message, signature) => (await signer()).verify(message, signature),
  };
}

/** The text with its length and the key's name in front, so that no other framing of the same bytes has this signature. */
const mac = (id: string, key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key)
    .update(`cordon-signature/1\n${id}\n${Buffer.byteLength(text)}\n${text}`)
    .digest();

/**
 * Signs with the first key and verifies with all (HMAC-SHA256, RFC 2104): to rotate, put a new key in front and take the
 * old one out when nothing signed with it is read any more. Callers begin their text with what it is for.
 */
export function hmacSigner(keys: readonly SigningKey[]): Signer {
  const [first] = keys;
  if (!first) throw refuse('there is none');
  const ring = new Map(keys.map(({ id, secret }) => [id, createSecretKey(secret)]));
  const signing = ring.get(first.id) ?? createSecretKey(first.secret);
  return {
    sign: async (text) => `${first.id}.${mac(first.id, signing, text).toString('base64url')}`,
    async verify(text, signature) {
      const [, id = '', given = ''] = /^([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]{43})$/.exec(signature) ?? [];
      const key = ring.get(id);
      if (!key) return false;
      const bytes = Buffer.from(given, 'base64url');
      // the last character has two spare bits: only the one way of writing the bytes counts
      return timingSafeEqual(bytes, mac(id, key, text)) && bytes.toString('base64url') === given;
    },
  };
}

/** A signer whose key nobody has given: what needs none goes on, what needs one fails and says how to give it. */
export function noSigner(variable: string): Signer {
  const fail = () => {
    throw new CordonError({ code: 'no-signing-key', message: `${variable} is not set`, remedy: way });
  };
  return { sign: async () => fail(), verify: async () => fail() };
}

const freshKey = (): SigningKey => ({
  id: `local-${randomBytes(4).toString('hex')}`,
  secret: randomBytes(fewestBytes),
});

/** Signs for as long as the process lives: for a store in memory. */
export const passingSigner = (): Signer => hmacSigner([freshKey()]);

/** Written beside and then linked into place: whoever comes second finds the whole file of the first. */
function makeKeyFile(file: string): void {
  const { id, secret } = freshKey();
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${id}:${Buffer.from(secret).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code !== 'EEXIST') throw thrown;
  } finally {
    rmSync(draft);
  }
}

/** Signs with the keys in a file that only its owner may read; the file is made when there is none. */
export function fileSigner(file: string): Signer {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) makeKeyFile(file);
  else if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    throw refuse(
      `${file} can be read by others`,
      `Run chmod 600 ${file}, and replace the keys if anybody may have seen them.`,
    );
  return hmacSigner(readSigningKeys(readFileSync(file, 'utf8')));
}
