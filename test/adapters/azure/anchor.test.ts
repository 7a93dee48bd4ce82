import { expect, test } from 'vitest';
import { blobAnchor } from '../../../shared/adapters/azure/anchor.ts';
import { azureHttpClient } from '../../../shared/sandbox/mount.ts';
import type { HttpRequest, HttpResponse } from '../../../shared/sandbox/http.ts';

const etag = '"0x1"';
const date = 'Fri, 20 Nov 2026 09:05:00 GMT';

/** A container with a locked retention policy, as far as anchors go: put once, get, list (learn.microsoft.com/rest/api/storageservices). */
function container() {
  const blobs = new Map<string, Uint8Array>();
  const answer = (
    status: number,
    body: string | Uint8Array = '',
    headers: Record<string, string> = {},
  ): HttpResponse => ({
    status,
    headers: { 'x-ms-version': '2026-02-06', ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  });
  const refused = (status: number, code: string): HttpResponse =>
    answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`, {
      'content-type': 'application/xml',
      'x-ms-error-code': code,
    });
  const listed = (): HttpResponse => {
    const all = [...blobs.keys()]
      .sort()
      .map(
        (name) =>
          `<Blob><Name>${name}</Name><Properties><Etag>1</Etag><Last-Modified>${date}</Last-Modified></Properties></Blob>`,
      );
    const text = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x.blob.core.windows.net/" ContainerName="anchors"><Blobs>${all.join('')}</Blobs><NextMarker /></EnumerationResults>`;
    return answer(200, text, { 'content-type': 'application/xml' });
  };
  const handle = async ({ method, url, headers, body }: HttpRequest): Promise<HttpResponse> => {
    if (url.searchParams.get('comp') === 'list') return listed();
    const name = url.pathname.replace('/anchors/', '');
    const blob = blobs.get(name);
    if (method === 'PUT') {
      if (blob && headers['if-none-match'] === '*') return refused(409, 'BlobAlreadyExists');
      if (blob) return refused(409, 'BlobImmutableDueToPolicy');
      blobs.set(name, body);
      return answer(201, '', { etag, 'last-modified': date });
    }
    if (!blob) return refused(404, 'BlobNotFound');
    const size = { 'content-length': String(blob.length), etag, 'last-modified': date };
    return method === 'HEAD' ? answer(200, '', size) : answer(200, blob, size);
  };
  return { httpClient: azureHttpClient(handle), blobs };
}

const credential = { getToken: async () => ({ token: 'token', expiresOnTimestamp: Date.parse('2999-01-01') }) };

test('a container keeps what was put first, and lists names in order', async () => {
  const { httpClient, blobs } = container();
  const anchor = blobAnchor({ container: 'https://x.blob.core.windows.net/anchors', credential, httpClient });
  expect(await anchor.list()).toEqual([]);
  expect(await anchor.put('0000000001', { second: 'ü' })).toBe(true);
  expect(await anchor.put('0000000000', { first: true })).toBe(true);
  expect(await anchor.put('0000000000', { other: true })).toBe(false);
  expect(await anchor.list()).toEqual(['0000000000', '0000000001']);
  expect(await anchor.get('0000000001')).toEqual({ second: 'ü' });
  expect(await anchor.get('0000000007')).toBeUndefined();
  expect(Buffer.from(blobs.get('0000000001.json') ?? []).toString()).toBe('{"second":"ü"}');
});
