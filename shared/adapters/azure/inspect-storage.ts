import { StorageManagementClient } from '@azure/arm-storage';
import { BlobClient } from '@azure/storage-blob';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { parseArmId } from '../../model/identifiers.ts';
import { type JsonObject, own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** Tags and place of a storage account, and whether it lets strangers in where a container does. */
export async function inspectStorageAccount(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const { resourceGroup = '', name = '' } = parseArmId(target.id) ?? {};
  const { storageAccounts } = session.client(StorageManagementClient);
  const found = await unlessAbsent(() =>
    storageAccounts.getProperties(resourceGroup, name, { abortSignal: deadline() }),
  );
  if (!found) return undefined;
  return {
    tags: found.tags ?? {},
    location: found.location,
    allowBlobPublicAccess: found.allowBlobPublicAccess ?? true,
    publicNetworkAccess: found.publicNetworkAccess ?? 'Enabled',
  };
}

/** The index tags of a blob; nothing where the reader may not see them, which takes a right of its own. */
async function tagsOf(client: BlobClient): Promise<JsonObject> {
  try {
    const { tags } = await client.getTags({ abortSignal: deadline() });
    return { tags: { ...tags } };
  } catch (thrown) {
    if (own(thrown, 'statusCode') === 403) return {};
    throw thrown;
  }
}

/** What a blob is now. Its eTag goes by another name than the scanned one, which the target keeps. */
export async function inspectBlob(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'azure.storage.blob') return {};
  const client = session.open(BlobClient, target.url);
  const found = await unlessAbsent(() => client.getProperties({ abortSignal: deadline() }));
  if (!found) return undefined;
  return {
    currentETag: (found.etag ?? '').replaceAll('"', ''),
    contentType: found.contentType ?? '',
    contentLength: found.contentLength ?? 0,
    ...((await unlessAbsent(() => tagsOf(client))) ?? {}),
  };
}
