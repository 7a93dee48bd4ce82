import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hmacSigner, noSigner } from '../../shared/adapters/system/signer.ts';
import { later } from '../../shared/model/duration.ts';
import { type ApprovalClaim, issue, read } from '../../shared/report/approval-token.ts';
import { askedAt, planDigest } from '../support/notices.ts';

const key = (id: string, fill: number) => ({ id, secret: Buffer.alloc(32, fill) });
const signer = hmacSigner([key('test', 7)]);
const claim: ApprovalClaim = {
  approval: 'approvalaaaaaaaaaaaaaaaaaa',
  digest: planDigest,
  verdict: 'approved',
  exp: later(askedAt, 1_800),
};

/** Numbers that are the same in every run. */
function* numbers(seed: string): Generator<number> {
  for (let round = 0; ; round += 1) {
    const bytes = createHash('sha256').update(`${seed}${round}`).digest();
    for (let at = 0; at < bytes.length; at += 4) yield bytes.readUInt32BE(at);
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.=+/ \n\0é';

/** A token with one thing wrong: a character changed, put in, taken out or exchanged, a bit turned, cut, doubled. */
function mutated(token: string, next: () => number): string {
  const at = next() % token.length;
  const letter = alphabet.charAt(next() % alphabet.length);
  const ways = [
    () => token.slice(0, at) + letter + token.slice(at + 1),
    () => token.slice(0, at) + letter + token.slice(at),
    () => token.slice(0, at) + token.slice(at + 1),
    () => token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << (next() % 7))) + token.slice(at + 1),
    () => token.slice(0, at),
    () => token.slice(at),
    () => token + token.slice(at),
    () =>
      token.slice(0, at) +
      token
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      token.slice(at + 2),
  ];
  return (ways[next() % ways.length] ?? (() => ''))();
}

describe('an approval token', () => {
  test('says which answer to which plan, until when', async () => {
    const token = await issue(signer, claim);
    expect(await read(signer, token, askedAt)).toEqual({ claim });
    expect(encodeURIComponent(token)).toBe(token);
    expect(token.length).toBeLessThan(400);
  });

  test('counts until its last instant and not from it on', async () => {
    const token = await issue(signer, claim);
    expect(await read(signer, token, later(claim.exp, -0.001))).toEqual({ claim });
    expect(await read(signer, token, claim.exp)).toEqual({ refused: 'expired' });
  });

  test('is not accepted in 100,000 mutations', async () => {
    const tokens = [await issue(signer, claim), await issue(signer, { ...claim, verdict: 'rejected' })];
    const source = numbers('tokens');
    const next = (): number => source.next().value ?? 0;
    let tried = 0;
    const accepted: string[] = [];
    while (tried < 100_000) {
      const token = mutated(tokens[tried % 2] ?? '', next);
      if (tokens.includes(token)) continue; // two equal letters exchanged
      tried += 1;
      if ('claim' in (await read(signer, token, askedAt))) accepted.push(token);
    }
    expect(accepted).toEqual([]);
  });

  test.each([
    ['its payload under the signature of another', (a: string, b: string) => `${a.split('~')[0]}~${b.split('~')[1]}`],
    ['nothing', () => ''],
    ['no signature', (a: string) => `${a.split('~')[0]}~`],
    ['a very long one', (a: string) => a + 'A'.repeat(100_000)],
    ['blanks around it', (a: string) => ` ${a} `],
  ])('is refused: %s', async (_, made) => {
    const [one, other] = [await issue(signer, claim), await issue(signer, { ...claim, digest: 'b2'.repeat(32) })];
    expect(await read(signer, made(one, other), askedAt)).toHaveProperty('refused');
  });

  test('of another key is refused; of the key before the newest it is not', async () => {
    const token = await issue(signer, claim);
    expect(await read(hmacSigner([key('test', 8)]), token, askedAt)).toEqual({ refused: 'forged' });
    expect(await read(hmacSigner([key('new', 8), key('test', 7)]), token, askedAt)).toEqual({ claim });
  });

  test('is nothing that the same key has signed for another purpose', async () => {
    const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
    for (const text of [payload, JSON.stringify(claim), `cordon-approval-token/2\n${payload}`])
      expect(await read(signer, `${payload}~${await signer.sign(text)}`, askedAt)).toEqual({ refused: 'forged' });
  });

  test('is not made without a key, nor for what is no plan', async () => {
    await expect(issue(noSigner('CORDON_SIGNING_KEYS'), claim)).rejects.toMatchObject({ code: 'no-signing-key' });
    await expect(issue(signer, { ...claim, digest: 'short' })).rejects.toThrow();
  });
});
