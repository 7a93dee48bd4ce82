import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ContainerClient, type StoragePipelineOptions } from '@azure/storage-blob';
import { azureCode, azureFault, unlessAbsent } from '../../actions/azure/fault.ts';
import { asJson, canonical } from '../../model/json.ts';
import type { Anchor } from '../../ports/anchor.ts';

type Options = {
  /** `https://<account>.blob.core.windows.net/<container>`; the container has a locked retention policy. */
  readonly container: string;
  readonly credential: TokenCredential;
  /** The transport, where it is not the network. */
  readonly httpClient?: HttpClient;
};

const deadlineMilliseconds = 20_000;
const there: readonly string[] = ['BlobAlreadyExists', 'BlobImmutableDueToPolicy', 'ConditionNotMet'];

async function calling<T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await call(AbortSignal.timeout(deadlineMilliseconds));
  } catch (thrown) {
    throw azureFault(thrown);
  }
}

/**
 * Anchors as blobs that are written once, in a container whose locked time-based retention keeps everybody from
 * changing or deleting them (learn.microsoft.com/azure/storage/blobs/immutable-storage-overview). Needs the role
 * Storage Blob Data Contributor on the container, which has no power over the policy.
 */
export function blobAnchor({ container: url, credential, httpClient }: Options): Anchor {
  const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 };
  const transport = httpClient as StoragePipelineOptions['httpClient']; // storage names the type otherwise and takes the same one
  const container = new ContainerClient(url, credential, { retryOptions, ...(transport && { httpClient: transport }) });
  const blobOf = (name: string) => container.getBlockBlobClient(`${name}.json`);
  return {
    put: (name, body) =>
      calling(async (abortSignal) => {
        const text = canonical(body);
        const conditions = { ifNoneMatch: '*' };
        const blobHTTPHeaders = { blobContentType: 'application/json' };
        try {
          await blobOf(name).upload(text, Buffer.byteLength(text), { abortSignal, conditions, blobHTTPHeaders });
          return true;
        } catch (thrown) {
          if (there.includes(azureCode(thrown))) return false;
          throw thrown;
        }
      }),
    list: () =>
      calling(async (abortSignal) => {
        const blobs = await Array.fromAsync(container.listBlobsFlat({ abortSignal }));
        return blobs
          .filter(({ name }) => name.endsWith('.json'))
          .map(({ name }) => name.slice(0, -'.json'.length))
          .sort();
      }),
    get: (name) =>
      calling((abortSignal) =>
        unlessAbsent(async () =>
          asJson(JSON.parse((await blobOf(name).downloadToBuffer(0, undefined, { abortSignal })).toString())),
        ),
      ),
  };
}
