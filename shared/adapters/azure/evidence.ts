import { createHash } from 'node:crypto';
import type { NamedKeyCredential, TokenCredential } from '@azure/core-auth';
import { isTokenCredential } from '@azure/core-auth';
import { ContainerClient, type StoragePipelineOptions, StorageSharedKeyCredential } from '@azure/storage-blob';
import { CordonError, ProviderError } from '../../model/error.ts';
import { canonical, digest, type Json } from '../../model/json.ts';
import type { Evidence } from '../../ports/evidence.ts';
import { type Patience, patience, storeCall, storeClient } from './store-call.ts';

type Options = {
  /** Of the account: `https://<account>.blob.core.windows.net`. */
  readonly endpoint: string;
  readonly container: string;
  readonly credential: TokenCredential | NamedKeyCredential;
  /** What names begin with, its slash included. */
  readonly prefix?: string;
  /** What differs from the SDK's own settings: the transport. */
  readonly client?: StoragePipelineOptions;
  readonly patience?: Patience;
};

const evidencePatience: Patience = { ...patience, attemptMilliseconds: 8_000, deadlineMilliseconds: 20_000 };

const refusedWith = (thrown: unknown, ...codes: readonly string[]): boolean =>
  thrown instanceof ProviderError && codes.includes(thrown.code);

function containerOf({ endpoint, container, credential, client }: Options): ContainerClient {
  const known = isTokenCredential(credential)
    ? credential
    : new StorageSharedKeyCredential(credential.name, credential.key);
  return new ContainerClient(`${endpoint}/${container}`, known, { ...storeClient, ...client });
}

/**
 * Evidence as blobs that are written once (learn.microsoft.com/rest/api/storageservices/put-blob, "If-None-Match"):
 * the service itself refuses a second blob of the same name, and content that did not arrive whole. How long nobody can
 * delete one is the container's own setting: a time-based retention policy.
 */
export function blobEvidence(options: Options): Evidence {
  const container = containerOf(options);
  const { prefix = '', patience: limits = evidencePatience } = options;

  async function read(key: string): Promise<Buffer | undefined> {
    const blob = container.getBlobClient(prefix + key);
    try {
      return await storeCall(limits, async ({ abortSignal }) => {
        const { readableStreamBody } = await blob.download(0, undefined, { abortSignal, maxRetryRequests: 0 });
        const chunks: Buffer[] = [];
        for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
        return Buffer.concat(chunks);
      });
    } catch (thrown) {
      if (refusedWith(thrown, 'BlobNotFound')) return undefined;
      throw thrown;
    }
  }

  return {
    async put(value) {
      const key = digest(value);
      const body = Buffer.from(canonical(value));
      const given = {
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: { blobContentType: 'application/json' },
        transactionalContentMD5: createHash('md5').update(body).digest(),
      };
      const blob = container.getBlockBlobClient(prefix + key);
      try {
        await storeCall(limits, (call) => blob.upload(body, body.length, { ...given, ...call }));
      } catch (thrown) {
        // It is there already; where the container is immutable, Azure may say so first.
        if (!refusedWith(thrown, 'BlobAlreadyExists', 'BlobImmutableDueToPolicy')) throw thrown;
      }
      return key;
    },
    async get(key) {
      const bytes = await read(key);
      if (!bytes) return undefined;
      if (createHash('sha256').update(bytes).digest('hex') === key) {
        const value: Json = JSON.parse(bytes.toString()); // what has the digest is what was put
        return value;
      }
      throw new CordonError({
        code: 'evidence-altered',
        message: `evidence ${key} was altered in the store`,
        remedy: `Look in the log of the storage account for who wrote ${prefix}${key} last.`,
      });
    },
  };
}
