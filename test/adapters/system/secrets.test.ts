import { describe, expect, test } from 'vitest';
import { secretsBy } from '../../../shared/adapters/system/secrets.ts';
import { namedSigner, namesKeys } from '../../../shared/adapters/system/signer.ts';
import { Settings } from '../../../shared/config/settings.ts';
import { virtualClock } from '../../../shared/sandbox/clock.ts';

const clockAt = () => virtualClock('2026-11-20T09:00:00.000Z');

describe('secrets by reference', () => {
  test('are read by the word in front, and again after five minutes', async () => {
    const clock = clockAt();
    const asked: string[] = [];
    const ssm = async (name: string) => {
      asked.push(name);
      return `secret ${asked.length}`;
    };
    const secrets = secretsBy({ ssm }, clock);
    expect(await secrets.read('ssm:/cordon/slack')).toBe('secret 1');
    expect(await secrets.read('ssm:/cordon/slack')).toBe('secret 1');
    clock.moveTo('2026-11-20T09:05:00.001Z');
    expect(await secrets.read('ssm:/cordon/slack')).toBe('secret 2');
    expect(asked).toEqual(['/cordon/slack', '/cordon/slack']);
  });

  test('that are missing are asked for anew, and the error names the reference and the way out', async () => {
    const found: (string | undefined)[] = [undefined, 'there'];
    const secrets = secretsBy({ env: async () => found.shift() }, clockAt());
    await expect(secrets.read('env:TOKEN')).rejects.toMatchObject({
      code: 'no-secret',
      message: 'there is no secret under env:TOKEN',
      retryable: true,
    });
    expect(await secrets.read('env:TOKEN')).toBe('there');
    await expect(secrets.read('keyvault:a/b')).rejects.toMatchObject({ remedy: 'References begin with env: here.' });
  });

  test.each([
    ['env:CORDON_TOKEN', true],
    ['ssm:/cordon/slack-token', true],
    ['secretsmanager:cordon-production/slack', true],
    ['keyvault:cordon-kv/slack-token', true],
    ['xoxb-1234-secret', false],
    ['keyvault:../x', false],
    ['env:', false],
    ['https://vault/secret', false],
  ])('%s is a reference: %s', (token, good) => {
    const channels = [{ kind: 'slack', name: 'slack', channel: 'C0123456789', token }];
    expect(Settings.safeParse({ channels }).success).toBe(good);
  });
});

describe('signing keys by reference', () => {
  const key = Buffer.alloc(32, 7).toString('base64');

  test('are read when something is first signed, and again where that failed', async () => {
    let there = false;
    const secrets = {
      async read(reference: string) {
        if (!there) throw new Error('not yet');
        return reference === 'secretsmanager:cordon/old' ? Buffer.alloc(32, 8).toString('base64') : key;
      },
    };
    const signer = namedSigner('k2=secretsmanager:cordon/new,k1=secretsmanager:cordon/old', secrets);
    await expect(signer.sign('text')).rejects.toThrow('not yet');
    there = true;
    const signature = await signer.sign('text');
    expect(signature).toMatch(/^k2\./);
    expect(await signer.verify('text', signature)).toBe(true);
    const old = await namedSigner('k1=secretsmanager:cordon/old', secrets).sign('text');
    expect(await signer.verify('text', old)).toBe(true);
  });

  test('are told from keys that are written out', () => {
    expect(namesKeys('k1=secretsmanager:cordon/signing-key')).toBe(true);
    expect(namesKeys(`k1:${key}`)).toBe(false);
  });
});
