import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileSigner, hmacSigner, noSigner, readSigningKeys } from '../../../shared/adapters/system/signer.ts';

const key = (id: string, fill: number) => ({ id, secret: Buffer.alloc(32, fill) });
const base64 = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

describe('a signer', () => {
  const signer = hmacSigner([key('new', 1), key('old', 2)]);

  test('signs with its first key and verifies what either has signed', async () => {
    const signature = await signer.sign('text');
    expect(signature).toMatch(/^new\.[\w-]{43}$/);
    expect(await signer.verify('text', signature)).toBe(true);
    expect(await signer.verify('text', await hmacSigner([key('old', 2)]).sign('text'))).toBe(true);
  });

  test('refuses another text, another key under the same name, and a key it does not have', async () => {
    const signature = await signer.sign('text');
    expect(await signer.verify('text ', signature)).toBe(false);
    expect(await signer.verify('text', await hmacSigner([key('new', 9)]).sign('text'))).toBe(false);
    expect(await signer.verify('text', await hmacSigner([key('other', 1)]).sign('text'))).toBe(false);
    // the same bytes under another name are another signature
    expect(await signer.verify('text', signature.replace('new.', 'old.'))).toBe(false);
  });

  test('refuses every signature that is not written as it writes them', async () => {
    const signature = await signer.sign('text');
    await fc.assert(
      fc.asyncProperty(fc.nat(signature.length - 1), fc.string({ minLength: 1, maxLength: 2 }), async (at, other) => {
        const changed = signature.slice(0, at) + other + signature.slice(at + 1);
        expect(await signer.verify('text', changed)).toBe(changed === signature);
      }),
      { numRuns: 2_000 },
    );
    for (const odd of ['', '.', 'new.', 'new', `${signature}=`, `${signature}.x`, ` ${signature}`])
      expect(await signer.verify('text', odd)).toBe(false);
  });

  test('without a key signs nothing, and says which variable is missing', async () => {
    await expect(noSigner('CORDON_SIGNING_KEYS').sign('text')).rejects.toMatchObject({ code: 'no-signing-key' });
    await expect(noSigner('CORDON_SIGNING_KEYS').verify('text', 'a.b')).rejects.toThrow('CORDON_SIGNING_KEYS');
  });
});

describe('keys', () => {
  test('are read from a list, the signing one first', () =>
    expect(readSigningKeys(`a:${base64(1)},b:${base64(2)}\n`).map(({ id }) => id)).toEqual(['a', 'b']));

  test.each([
    ['none', '', 'there is none'],
    ['one without a name', base64(1), 'id:base64'],
    ['a short one', `a:${Buffer.alloc(31, 1).toString('base64')}`, 'fewer than 32'],
    ['two of one name', `a:${base64(1)},a:${base64(2)}`, 'same name'],
  ])('of %s are refused without being shown', (_, text, problem) => {
    expect(() => readSigningKeys(text)).toThrow(problem);
    try {
      readSigningKeys(text);
    } catch (thrown) {
      if (text !== '') expect(String(thrown)).not.toContain(text.split(':').at(-1));
    }
  });
});

describe('a key file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is made once, for its owner alone, and used from then on', async () => {
    const file = join(folder, 'made');
    const signature = await fileSigner(file).sign('text');
    const written = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await fileSigner(file).verify('text', signature)).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(written);
  });

  test('that others may read is refused', async () => {
    const file = join(folder, 'open');
    await writeFile(file, `a:${base64(1)}\n`);
    await chmod(file, 0o644);
    expect(() => fileSigner(file)).toThrow('can be read by others');
  });
});
