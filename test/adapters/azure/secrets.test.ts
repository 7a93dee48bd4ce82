import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { vaultSecrets } from '../../../shared/adapters/azure/secrets.ts';

const credential = {
  getToken: async (scope: string | string[]) => ({ token: `for ${String(scope)}`, expiresOnTimestamp: 0 }),
};

function vault(status: number, body: string) {
  const asked: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      asked.push(request);
      return { request, status, headers: createHttpHeaders(), bodyAsText: body };
    },
  };
  return { asked, read: vaultSecrets({ credential, httpClient }) };
}

test('a secret of Key Vault is read under the identity, the newest version or the one named', async () => {
  const { asked, read } = vault(200, JSON.stringify({ value: ' s3cret \n', id: 'x' }));
  expect(await read('cordon-kv/slack-token')).toBe('s3cret');
  await read(`cordon-kv/slack-token/${'0'.repeat(32)}`);
  expect(asked.map(({ url }) => url)).toEqual([
    'https://cordon-kv.vault.azure.net/secrets/slack-token/?api-version=7.4',
    `https://cordon-kv.vault.azure.net/secrets/slack-token/${'0'.repeat(32)}?api-version=7.4`,
  ]);
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer for https://vault.azure.net/.default');
});

test('what is no answer is told with its status, never with its body', async () => {
  expect(await vault(404, '{}').read('cordon-kv/none')).toBeUndefined();
  await expect(vault(403, 'planted-canary').read('cordon-kv/none')).rejects.toMatchObject({
    message: 'Key Vault answered 403 for cordon-kv/none',
    retryable: false,
  });
  await expect(vault(429, '').read('cordon-kv/none')).rejects.toMatchObject({ retryable: true });
});

test.each(['a/b/c', 'evil.example/secret', 'cordon-kv/../x', 'cordon-kv', ''])(
  '%j names no secret and asks nobody',
  async (name) => {
    const { asked, read } = vault(200, '{}');
    await expect(read(name)).rejects.toMatchObject({ code: 'no-secret' });
    expect(asked).toEqual([]);
  },
);
