import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobEvidence } from '../../shared/adapters/azure/evidence.ts';
import { digest } from '../../shared/model/json.ts';
import { hasty } from '../support/azure-stores.ts';
import { type BlobsServer, startBlobs } from '../support/blobs-server.ts';
import { losing, openLine } from '../support/line.ts';

const value = { before: 'Active' };
const container = 'evidence';

let blobs: BlobsServer;
beforeEach(async () => {
  blobs = await startBlobs(container);
});
afterEach(() => blobs.stop());

const evidence = (more: { readonly container?: string; readonly prefix?: string; readonly endpoint?: string } = {}) =>
  blobEvidence({ endpoint: blobs.endpoint, container, credential: blobs.credential, patience: hasty, ...more });

describe('evidence in Blob Storage', () => {
  it('is written once, and not over what lies there already', async () => {
    const key = await evidence().put(value);
    blobs.blobs.set(`/evidence/${key}`, Buffer.from('{"before":"Inactive"}'));
    expect(await evidence().put(value)).toBe(key); // it is there, so nothing is written
    await expect(evidence().get(key)).rejects.toMatchObject({
      code: 'evidence-altered',
      remedy: expect.stringContaining(key),
    });
  });

  it('is there already where an immutable container says that first', async () => {
    const key = await evidence().put(value);
    blobs.answerNext([409, 'BlobImmutableDueToPolicy']);
    expect(await evidence().put(value)).toBe(key);
  });

  it('lies under its prefix and nowhere else', async () => {
    const key = await evidence({ prefix: 'staging/' }).put(value);
    expect(await evidence().get(key)).toBeUndefined();
    expect(await evidence({ prefix: 'staging/' }).get(key)).toEqual(value);
    expect(decodeURIComponent([...blobs.blobs.keys()].join())).toBe(`/evidence/staging/${key}`);
  });

  it.each(['request', 'answer'] as const)('is put and read when a %s is lost', async (loss) => {
    const line = await openLine(blobs.endpoint, losing(loss, 1, 3));
    const lossy = evidence({ endpoint: line.url });
    expect(await lossy.get(await lossy.put(value))).toEqual(value);
    await line.close();
  });

  it.each([
    [503, 'ServerBusy', true],
    [500, 'InternalError', true],
  ] as const)(
    'is put when %d %s passes, and a fault that may pass when it does not',
    async (status, code, retryable) => {
      blobs.answerNext([status, code], [status, code], [status, code]);
      expect(await evidence().get(await evidence().put(value))).toEqual(value);
      blobs.answerNext([status, code], [status, code], [status, code], [status, code]);
      await expect(evidence().put([1])).rejects.toMatchObject({ code, retryable });
    },
  );

  it('that did not arrive whole is refused', async () => {
    blobs.answerNext([400, 'Md5Mismatch']);
    await expect(evidence().put(value)).rejects.toMatchObject({ code: 'Md5Mismatch', retryable: false });
    expect(blobs.asked).toHaveLength(1);
  });

  it('is not taken for missing where the container is, or may not be read', async () => {
    const missing = evidence({ container: 'elsewhere' });
    await expect(missing.get(digest(value))).rejects.toMatchObject({ code: 'ContainerNotFound', retryable: false });
    await expect(missing.put(value)).rejects.toMatchObject({ code: 'ContainerNotFound', retryable: false });
  });
});
