import * as z from 'zod';
import { principalBehind } from './authenticate.ts';
import { has } from './authorise.ts';
import { blobType as type, needOf, type Place, placeAt, strangerReads, withoutToken } from './blob-access.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureOperation } from './operation.ts';
import { permitsStrangers } from './storage-accounts.ts';
import { accountNamed, type BlobRow, blobKey, blobServices, blobs, containers, md5Of } from './storage-rows.ts';

const notFound = () => new AzureFault(404, 'BlobNotFound', 'The specified blob does not exist.');
const conditionNotMet = () =>
  new AzureFault(412, 'ConditionNotMet', 'The condition specified using HTTP conditional header(s) is not met.');

/** The blob as the call may see it; one that was deleted is not there. */
function blobAt({ view }: Pick<AzureCall, 'view'>, place: Place): BlobRow {
  if (!view.get(containers, `${place.account}/${place.container}`))
    throw new AzureFault(404, 'ContainerNotFound', 'The specified container does not exist.');
  const row = view.get(blobs, blobKey(place));
  if (!row || row.deletedAt !== undefined) throw notFound();
  return row;
}

function checkMatch({ headers }: AzureCall, { eTag }: BlobRow): void {
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== '*' && wanted !== eTag) throw conditionNotMet();
}

const headersOf = (row: BlobRow): Record<string, string> => ({
  etag: row.eTag,
  'last-modified': new Date(row.lastModified).toUTCString(),
  'content-length': String(Buffer.from(row.content, 'base64').length),
  'content-type': row.contentType,
  ...(!row.unhashed && { 'content-md5': md5Of(row) }),
  'x-ms-blob-type': 'BlockBlob',
  ...(Object.keys(row.tags).length > 0 && { 'x-ms-tag-count': String(Object.keys(row.tags).length) }),
  ...Object.fromEntries(Object.entries(row.metadata).map(([key, value]) => [`x-ms-meta-${key}`, value])),
});

const path = '/{container}/{blob*}';

const read = (method: 'GET' | 'HEAD'): AzureOperation => ({
  host: 'blob',
  method,
  path,
  operation: `${type}/read`,
  reads: true,
  needs: (call) => [needOf(call, placeAt(call.url), 'read')],
  anonymous: (call) => withoutToken(method, 'r', 'read')(call) || strangerReads(call),
  does(call) {
    unmodelled(call);
    const row = blobAt(call, placeAt(call.url));
    checkMatch(call, row);
    const bytes = method === 'HEAD' ? '' : Buffer.from(row.content, 'base64');
    return { status: 200, headers: headersOf(row), bytes };
  },
});

/** Refuses a sub-operation (`comp`) that has no operation of its own here. */
function unmodelled({ url }: AzureCall): void {
  const comp = url.searchParams.get('comp');
  if (comp !== null) throw new AzureFault(501, 'NotImplemented', `the sandbox does not model comp=${comp}`);
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const readTags: AzureOperation = {
  host: 'blob',
  method: 'GET',
  path,
  query: { comp: 'tags' },
  operation: `${type}/tags/read`,
  reads: true,
  needs: (call) => [needOf(call, placeAt(call.url), 'tags/read')],
  anonymous: withoutToken('GET', 't', 'tags/read'),
  does(call) {
    const { tags } = blobAt(call, placeAt(call.url));
    const listed = Object.entries(tags).map(
      ([key, value]) => `<Tag><Key>${xml(key)}</Key><Value>${xml(value)}</Value></Tag>`,
    );
    const bytes = `<?xml version="1.0" encoding="utf-8"?><Tags><TagSet>${listed.join('')}</TagSet></Tags>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, bytes };
  },
};

/** The source of a copy, read by whoever its own token says, or by strangers. */
function sourceOf(call: AzureCall): BlobRow {
  const { world, headers } = call;
  const place = placeAt(new URL(headers['x-ms-copy-source'] ?? ''));
  const reader = principalBehind(world, 'blob', headers['x-ms-copy-source-authorization']);
  const unverified = (status: number) =>
    new AzureFault(status, 'CannotVerifyCopySource', 'The copy source could not be read.');
  const open = () =>
    permitsStrangers(accountNamed(world.rows, place.account)) &&
    world.rows.get(containers, `${place.account}/${place.container}`)?.publicAccess !== 'None';
  if (reader ? !has(reader, needOf(call, place, 'read')) : !open()) throw unverified(403);
  const row = world.rows.get(blobs, blobKey(place));
  if (!row || row.deletedAt !== undefined) throw unverified(404);
  const wanted = headers['x-ms-source-if-match'];
  if (wanted !== undefined && wanted !== row.eTag)
    throw new AzureFault(412, 'SourceConditionNotMet', 'The source condition specified is not met.');
  return row;
}

const metadataIn = ({ headers }: AzureCall): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) =>
      key.startsWith('x-ms-meta-') ? [[key.slice('x-ms-meta-'.length), value]] : [],
    ),
  );

const nextTag = ({ world }: AzureCall): string => `"0x8DF${String(world.next('azure.blob.etag')).padStart(12, '0')}"`;

/** Put Blob From URL: the service itself fetches the source (learn.microsoft.com/rest/api/storageservices/put-blob-from-url). */
function putFromUrl(call: AzureCall): AzureAnswer {
  const { world, headers, url } = call;
  unmodelled(call);
  if (headers['x-ms-copy-source'] === undefined || headers['x-ms-blob-type'] !== 'BlockBlob')
    throw new AzureFault(501, 'NotImplemented', 'the sandbox models Put Blob From URL only');
  const place = placeAt(url);
  if (!world.rows.get(containers, `${place.account}/${place.container}`))
    throw new AzureFault(404, 'ContainerNotFound', 'The specified container does not exist.');
  const before = world.rows.get(blobs, blobKey(place));
  if (headers['if-none-match'] === '*' && before && before.deletedAt === undefined)
    throw new AzureFault(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  const source = sourceOf(call);
  const given = metadataIn(call);
  const row: BlobRow = {
    ...place,
    content: source.content,
    contentType: source.contentType,
    metadata: Object.keys(given).length > 0 ? given : source.metadata,
    tags: {},
    eTag: nextTag(call),
    lastModified: world.clock.now(),
  };
  world.rows.put(blobs, blobKey(place), row);
  return {
    status: 201,
    bytes: '',
    headers: { etag: row.eTag, 'last-modified': new Date(row.lastModified).toUTCString(), 'content-md5': md5Of(row) },
  };
}

/** Keeps what is deleted where the account says so (learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview). */
function remove(call: AzureCall): AzureAnswer {
  const { world, url } = call;
  const place = placeAt(url);
  const row = blobAt({ view: world.rows }, place);
  checkMatch(call, row);
  if (world.rows.get(containers, `${place.account}/${place.container}`)?.legalHold)
    throw new AzureFault(409, 'BlobImmutableDueToPolicy', 'This operation is not permitted as the blob is immutable.');
  const { softDeleteDays = 0, versioning = false } = world.rows.get(blobServices, place.account) ?? {};
  if (softDeleteDays === 0) world.rows.delete(blobs, blobKey(place));
  else
    world.rows.put(blobs, blobKey(place), {
      ...row,
      deletedAt: world.clock.now(),
      ...(versioning && { isVersion: true }),
    });
  return { status: 202, bytes: '', headers: { 'x-ms-delete-type-permanent': String(softDeleteDays === 0) } };
}

/** Brings a deleted blob back as it was; with versions kept it says so and does not (learn.microsoft.com/rest/api/storageservices/undelete-blob). */
function undelete({ world, url }: AzureCall): AzureAnswer {
  const place = placeAt(url);
  const row = world.rows.get(blobs, blobKey(place));
  if (!row) throw notFound();
  const { softDeleteDays = 0 } = world.rows.get(blobServices, place.account) ?? {};
  const { deletedAt, ...alive } = row;
  if (deletedAt !== undefined && Date.parse(deletedAt) + softDeleteDays * 86_400_000 < world.clock.milliseconds)
    throw notFound();
  if (!row.isVersion) world.rows.put(blobs, blobKey(place), alive);
  return { status: 200, bytes: '' };
}

const write = (
  method: 'PUT' | 'DELETE',
  right: 'write' | 'delete',
  does: AzureOperation['does'],
  query?: AzureOperation['query'],
): AzureOperation => ({
  host: 'blob',
  method,
  path,
  operation: `${type}/${right}`,
  reads: false,
  needs: (call) => [needOf(call, placeAt(call.url), right)],
  anonymous: withoutToken(method, right === 'write' ? 'w' : 'd', right),
  ...(query && { query }),
  does,
});

/** Blobs, over their own protocol; they stand in an estate under their storage account. */
export const blobOperations = azureNoun({
  name: 'blobOperations',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: [
    read('GET'),
    read('HEAD'),
    readTags,
    write('PUT', 'write', putFromUrl),
    write('PUT', 'write', undelete, { comp: 'undelete' }),
    write('DELETE', 'delete', remove),
  ],
});
