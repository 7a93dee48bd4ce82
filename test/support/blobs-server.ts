import { createHash } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../shared/sandbox/http.ts';
import { listen } from '../../shared/sandbox/mount.ts';

/** A Blob service on the loopback interface. */
export type BlobsServer = {
  readonly endpoint: string;
  readonly credential: { readonly name: string; readonly key: string };
  /** Operations in the order in which they came: `PUT /evidence/a`. */
  readonly asked: string[];
  /** What lies under a path, as it is. */
  readonly blobs: Map<string, Uint8Array>;
  /** From now on every PUT is answered by this, once each. */
  answerNext(...errors: readonly (readonly [status: number, code: string])[]): void;
  stop(): Promise<void>;
};

const refusal = (status: number, code: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  ),
});
const success = (status: number, body: Uint8Array = new Uint8Array()): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', etag: '"0x8DF000000000001"', 'x-ms-blob-type': 'BlockBlob' },
  body: Buffer.from(body),
});

/** Put Blob (learn.microsoft.com/rest/api/storageservices/put-blob). */
function put(blobs: Map<string, Uint8Array>, { url, headers, body }: HttpRequest): HttpResponse {
  if (headers['x-ms-blob-type'] !== 'BlockBlob') return refusal(400, 'InvalidHeaderValue');
  if (headers['if-none-match'] === '*' && blobs.has(url.pathname)) return refusal(409, 'BlobAlreadyExists');
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) return refusal(400, 'Md5Mismatch');
  blobs.set(url.pathname, body);
  return success(201);
}

/** Starts a Blob service with the containers named. */
export async function startBlobs(...containers: readonly string[]): Promise<BlobsServer> {
  const blobs = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const errors: (readonly [number, string])[] = [];
  const server = await listen(async (request) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${url.pathname}`);
    if (!/^(SharedKey|Bearer) /.test(headers['authorization'] ?? '')) return refusal(403, 'AuthenticationFailed');
    if (!containers.includes(url.pathname.split('/')[1] ?? '')) return refusal(404, 'ContainerNotFound');
    const error = method === 'PUT' ? errors.shift() : undefined;
    if (error) return refusal(...error);
    if (method === 'PUT') return put(blobs, request);
    const found = blobs.get(url.pathname);
    return found ? success(200, found) : refusal(404, 'BlobNotFound');
  });
  return {
    endpoint: server.url,
    credential: { name: 'cordon', key: Buffer.from('the key of a blob on the loopback').toString('base64') },
    asked,
    blobs,
    answerNext: (...next) => void errors.push(...next),
    stop: server.close,
  };
}
