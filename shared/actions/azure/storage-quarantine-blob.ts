import { BlobClient, type BlobGetPropertiesResponse, BlockBlobClient } from '@azure/storage-blob';
import * as z from 'zod';
import type { Change, StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import { CordonError } from '../../model/error.ts';
import { same } from '../../model/json.ts';
import { type AzureSession, azureAction } from './azure-action.ts';
import { blobPlace, copyUrl } from './blob-place.ts';
import { azureCode, unlessAbsent } from './fault.ts';

/** One version of a blob, whether it lies where it was found or in quarantine. */
const Version = z.strictObject({
  url: z.string(),
  eTag: z.string(),
  length: z.int(),
  /** Base64; null where the service has none. */
  md5: z.string().nullable(),
  /** A copy whose blob is neither gone nor back: something else lies there, so that nothing may happen to the copy. */
  onlyCopy: z.boolean(),
});
type Version = z.infer<typeof Version>;

const bare = (eTag: string): string => eTag.replace(/^W\//, '').replaceAll('"', '');

/** Metadata by which a copy, and a blob that was copied back, tell which version they are. */
const versionKey = 'cordonetag';
/** A blob that was uploaded in blocks has no MD5; its copies get one, which says nothing about it. */
const hashKey = 'cordonmd5';
/** Metadata of a copy that tell who made it. */
const copyKeys = ['cordonrun', 'cordonsource'];

function versionOf(url: string, found: BlobGetPropertiesResponse): Version {
  const { etag = '', contentLength = 0, contentMD5, metadata = {} } = found;
  return {
    url,
    eTag: metadata[versionKey] ?? bare(etag),
    length: contentLength,
    md5: contentMD5 && metadata[hashKey] === undefined ? Buffer.from(contentMD5).toString('base64') : null,
    onlyCopy: false,
  };
}

const look = (azure: AzureSession, url: string, abortSignal: AbortSignal) =>
  unlessAbsent(() => azure.open(BlobClient, url).getProperties({ abortSignal }));

type Copying = {
  readonly from: string;
  readonly to: string;
  /** The version to be copied, as the source's own etag names it; nothing else is. */
  readonly etag: string | undefined;
  readonly metadata: Record<string, string>;
};

/** The service fetches the source itself, so that malware never passes through here (learn.microsoft.com/rest/api/storageservices/put-blob-from-url). */
async function copy(
  azure: AzureSession,
  { from, to, etag, metadata }: Copying,
  { signal }: StepContext,
): Promise<void> {
  const value = await azure.token('https://storage.azure.com', signal);
  await azure.open(BlockBlobClient, to).syncUploadFromURL(from, {
    abortSignal: signal,
    sourceAuthorization: { scheme: 'Bearer', value },
    conditions: { ifNoneMatch: '*' },
    metadata,
    ...(etag !== undefined && { sourceConditions: { ifMatch: etag } }),
  });
}

const replaced = (url: string): CordonError =>
  new CordonError({
    code: 'blob-replaced',
    message: `${url} is not the version that was scanned`,
    remedy: 'Nothing was deleted; what lies there now is scanned on its own.',
    retryable: true,
  });

/** Keeps a copy of the scanned version. */
async function keep(azure: AzureSession, resource: string, version: Version, step: StepContext): Promise<void> {
  const source = await look(azure, version.url, step.signal);
  if (!source || !same(versionOf(version.url, source), version)) throw replaced(version.url);
  const metadata = {
    ...source.metadata,
    cordonrun: step.runId,
    cordonsource: version.url,
    [versionKey]: version.eTag,
    ...(version.md5 === null && { [hashKey]: 'none' }),
  };
  await copy(azure, { from: version.url, to: resource, etag: source.etag, metadata }, step);
}

const copyOf = (azure: AzureSession, { url, eTag }: Version): string =>
  copyUrl(url, eTag, azure.quarantineStorageAccount);

/** Deletes the scanned version and no other, once its copy is there and is the same. */
async function remove(azure: AzureSession, version: Version, { signal }: StepContext): Promise<void> {
  const { url } = version;
  const [source, kept] = await Promise.all([look(azure, url, signal), look(azure, copyOf(azure, version), signal)]);
  if (!source) return;
  if (!same(versionOf(url, source), version)) throw replaced(url);
  if (!kept || !same(versionOf(url, kept), version))
    throw new CordonError({
      code: 'no-copy',
      message: `${url} has no copy in quarantine that is the same`,
      remedy: 'Look at the quarantine account; nothing was deleted.',
    });
  const conditions = { ifMatch: source.etag ?? '' };
  await unlessAbsent(() =>
    azure.open(BlobClient, url).delete({ conditions, deleteSnapshots: 'include', abortSignal: signal }),
  );
}

/** Brings the blob back: as it was where the account keeps what is deleted, otherwise from the copy. */
async function bringBack(azure: AzureSession, version: Version, step: StepContext): Promise<void> {
  const { url } = version;
  const abortSignal = step.signal;
  await unlessAbsent(() => azure.open(BlobClient, url).undelete({ abortSignal }));
  if (await look(azure, url, step.signal)) return;
  const kept = await look(azure, copyOf(azure, version), step.signal);
  const metadata = Object.fromEntries(Object.entries(kept?.metadata ?? {}).filter(([key]) => !copyKeys.includes(key)));
  await copy(azure, { from: copyOf(azure, version), to: url, etag: kept?.etag, metadata }, step);
}

/** Deletes the copy once the blob is back, otherwise it may be all that is left; one that somebody holds for the law stays. */
async function forget(azure: AzureSession, resource: string, version: Version, { signal }: StepContext): Promise<void> {
  const source = await look(azure, version.url, signal);
  if (!source || !same(versionOf(version.url, source), version)) throw replaced(version.url);
  try {
    await unlessAbsent(() => azure.open(BlobClient, resource).delete({ abortSignal: signal }));
  } catch (thrown) {
    if (azureCode(thrown) !== 'BlobImmutableDueToPolicy') throw thrown;
    throw new ForeignEdit(`${resource} is under a legal hold`);
  }
}

async function apply(azure: AzureSession, { resource, from, to }: Change<Version>, step: StepContext): Promise<void> {
  const version = to ?? from;
  if (!version) return;
  const isSource = resource === version.url;
  if (to) await (isSource ? bringBack(azure, version, step) : keep(azure, resource, version, step));
  else await (isSource ? remove(azure, version, step) : forget(azure, resource, version, step));
}

const onBlobs = (verb: string) => ({
  allow: `data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${verb}`,
  on: '/subscriptions/{subscription}',
});

/**
 * Moves a blob in which malware was found into the quarantine account
 * (learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan). It is bound to the eTag
 * that was scanned: a blob that was written since stays where it is. The copy lies under the same name for every run.
 */
export const storageQuarantineBlob = azureAction({
  id: 'azure.storage.quarantine-blob',
  title: 'Move a blob into quarantine',
  target: 'azure.storage.blob',
  d3fend: 'D3-FEV',
  input: z.strictObject({
    url: z
      .string()
      .refine((url) => blobPlace(url) !== undefined, 'must be the https URL of a blob, without a query')
      .describe('The blob, by its https URL.'),
    eTag: z
      .string()
      .regex(/^"?0x[0-9A-F]{1,32}"?$/i, 'an eTag looks like 0x8DE2A1B2C3D4E5F')
      .describe('The version that was scanned.'),
  }),
  value: Version,
  permissions: { read: [onBlobs('read')], write: ['read', 'write', 'delete'].map(onBlobs) },
  settles: { seconds: 5 },
  cautions: [
    'Whoever has already downloaded the blob still has it.',
    'A blob above 5,000 MiB cannot be copied in one piece: it is reported and stays.',
    'Where the account keeps versions or snapshots, earlier ones are not looked at.',
    'Where the account does not keep what is deleted, a release copies the blob back, with a new eTag and no index tags.',
  ],
  portable: { verb: 'quarantine-object', with: { url: '${target.url}', eTag: '${target.eTag}' } },
  examples: [
    {
      url: 'https://northwinduploads.blob.core.windows.net/incoming/2026/11/Invoice%204711.docm',
      eTag: '0x8DE2A1B2C3D4E5F',
    },
  ],
}).does({
  async capture(azure, { url, eTag }, { signal }) {
    const copied = copyUrl(url, bare(eTag), azure.quarantineStorageAccount);
    const [source, kept] = await Promise.all([look(azure, url, signal), look(azure, copied, signal)]);
    if (!source && !kept) return {};
    const found = source ? versionOf(url, source) : null;
    const onlyCopy = found !== null && found.eTag !== bare(eTag);
    return { [copied]: kept ? { ...versionOf(url, kept), onlyCopy } : null, [url]: found };
  },
  plan({ url, eTag }, seen) {
    const present = seen[url] ?? null;
    if (present?.eTag !== bare(eTag)) return {};
    const copied = Object.keys(seen).find((resource) => resource !== url) ?? '';
    return { [copied]: present, [url]: null };
  },
  apply,
});
