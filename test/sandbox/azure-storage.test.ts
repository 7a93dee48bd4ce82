import { StorageManagementClient } from '@azure/arm-storage';
import { BlobClient, BlockBlobClient } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { blobServices, blobs, containers } from '../../shared/sandbox/azure/storage-rows.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import {
  allowAll,
  blobTag,
  blobUrl,
  fetchBlob,
  intoSandbox,
  refusedWith,
  rewrite,
  storageAccountId,
} from '../support/azure.ts';
import { northwind, subscription } from '../support/company.ts';

const invoiceReader = '0a1b2c3d-0000-4000-8000-00000000a001';
const csv = 'https://northwindexports.blob.core.windows.net/exports/2026/11/customers.csv';
const kept = 'https://northwindquarantine.blob.core.windows.net/cordon-quarantine/one';
const key = 'northwinduploads/incoming/2026/11/Invoice 4711.docm';

function play() {
  const sandbox = createSandbox(northwind());
  const operator = sandbox.credential(allowAll(sandbox));
  // The storage client names the type of its transport otherwise and takes the same one.
  const options = intoSandbox(sandbox) as object;
  return {
    sandbox,
    operator,
    accounts: new StorageManagementClient(operator, subscription, intoSandbox(sandbox)).storageAccounts,
    blob: (url = blobUrl) => new BlobClient(url, operator, options),
    block: (url: string) => new BlockBlobClient(url, operator, options),
    weak: (url = blobUrl) => new BlobClient(url, sandbox.credential(invoiceReader), options),
  };
}
const service = ({ rows }: Sandbox, changed: object): void =>
  rows.put(blobServices, 'northwinduploads', { softDeleteDays: 7, versioning: false, ...changed });

describe('a storage account', () => {
  it('keeps what an update leaves out, and an empty update changes nothing', async () => {
    const { accounts, sandbox } = play();
    const before = await accounts.getProperties('rg-data', 'northwindexports');
    await accounts.update('rg-data', 'northwindexports', {});
    expect(await accounts.getProperties('rg-data', 'northwindexports')).toEqual(before);
    await accounts.update('rg-data', 'northwindexports', { allowBlobPublicAccess: false });
    const { allowBlobPublicAccess, tags, minimumTlsVersion } = await accounts.getProperties(
      'rg-data',
      'northwindexports',
    );
    expect({ allowBlobPublicAccess, tags, minimumTlsVersion }).toEqual({
      allowBlobPublicAccess: false,
      tags: { data: 'customers' },
      minimumTlsVersion: 'TLS1_2',
    });
    expect(sandbox.recorder.calls.map(({ operation }) => operation.split('/').at(-1))).toContain('write');
  });
});

describe('a stranger', () => {
  it('reads where the account permits it and the container says so', async () => {
    const { sandbox } = play();
    expect(await fetchBlob(sandbox, csv)).toMatchObject({ status: 200, text: 'id,name\n1,A customer\n' });
    rewrite(sandbox, storageAccountId, ({ properties: { allowBlobPublicAccess: _, ...properties } }) => ({
      properties,
    }));
    expect((await fetchBlob(sandbox, csv)).status).toBe(200);
  });

  it.each([
    [
      'the account forbids it',
      csv,
      (sandbox: Sandbox) =>
        rewrite(sandbox, storageAccountId, ({ properties }) => ({
          properties: { ...properties, allowBlobPublicAccess: false },
        })),
      409,
      'PublicAccessNotPermitted',
    ],
    [
      'the container is private',
      csv.replace('exports/2026/11/customers.csv', 'internal/notes.txt'),
      () => undefined,
      404,
      'ResourceNotFound',
    ],
    ['there is no such container', csv.replace('/exports/', '/none/'), () => undefined, 404, 'ResourceNotFound'],
    ['there is no such blob', `${csv}.old`, () => undefined, 404, 'BlobNotFound'],
    ['there is no such account', csv.replace('northwindexports', 'nobody00'), () => undefined, 404, 'ResourceNotFound'],
  ] as const)('is refused where %s', async (_, url, prepare, status, code) => {
    const { sandbox } = play();
    prepare(sandbox);
    expect(await fetchBlob(sandbox, url)).toMatchObject({ status, code });
  });

  it('may never delete', async () => {
    const { sandbox } = play();
    const { status } = await sandbox.handle({
      method: 'DELETE',
      url: new URL(csv),
      headers: {},
      body: new Uint8Array(),
    });
    expect(status).toBe(401);
  });
});

describe('a blob', () => {
  it('tells its properties and its tags, each for a right of its own', async () => {
    const { blob, weak } = play();
    const { etag, contentLength, contentType, metadata } = await blob().getProperties();
    expect({ etag, contentLength, contentType, metadata }).toEqual({
      etag: `"${blobTag}"`,
      contentLength: 4,
      contentType: 'application/vnd.ms-word.document.macroEnabled.12',
      metadata: { uploadedby: 'portal' },
    });
    expect((await blob().getTags()).tags).toEqual({ source: 'portal' });
    expect((await weak().getProperties()).etag).toBe(`"${blobTag}"`);
    expect(await refusedWith(weak().getTags())).toBe('AuthorizationPermissionMismatch');
    expect(await refusedWith(weak().delete())).toBe('AuthorizationPermissionMismatch');
    expect(await refusedWith(blob(`${blobUrl}x`).getProperties())).toBe('BlobNotFound');
    expect(await refusedWith(blob(blobUrl.replace('/incoming/', '/none/')).getProperties())).toBe('ContainerNotFound');
  });

  it('is deleted only in the version that is named, and comes back as it was', async () => {
    const { blob, sandbox } = play();
    expect(await refusedWith(blob().delete({ conditions: { ifMatch: '"0x8DEOTHER"' } }))).toBe('ConditionNotMet');
    const before = sandbox.rows.get(blobs, key);
    await blob().delete({ conditions: { ifMatch: `"${blobTag}"` } });
    expect(await refusedWith(blob().getProperties())).toBe('BlobNotFound');
    await blob().undelete();
    expect(sandbox.rows.get(blobs, key)).toEqual(before);
  });

  it('is gone for good where nothing is kept, and after the days for which it is', async () => {
    const forGood = play();
    service(forGood.sandbox, { softDeleteDays: 0 });
    await forGood.blob().delete();
    expect(await refusedWith(forGood.blob().undelete())).toBe('BlobNotFound');
    const late = play();
    await late.blob().delete();
    late.sandbox.clock.advance(8 * 86_400);
    expect(await refusedWith(late.blob().undelete())).toBe('BlobNotFound');
  });

  it('is not brought back by undelete where versions are kept, though the answer is 200', async () => {
    const { blob, sandbox } = play();
    service(sandbox, { versioning: true });
    await blob().delete();
    await blob().undelete();
    expect(await refusedWith(blob().getProperties())).toBe('BlobNotFound');
  });

  it('stays under a legal hold', async () => {
    const { blob, sandbox } = play();
    const id = 'northwinduploads/incoming';
    const container = sandbox.rows.get(containers, id);
    if (container) sandbox.rows.put(containers, id, { ...container, legalHold: true });
    expect(await refusedWith(blob().delete())).toBe('BlobImmutableDueToPolicy');
  });
});

describe('a copy that the service makes itself', () => {
  const bearer = async ({ operator, sandbox }: ReturnType<typeof play>, principal?: string) => {
    const from = principal === undefined ? operator : sandbox.credential(principal);
    const { token } = await from.getToken('https://storage.azure.com/.default');
    return { scheme: 'Bearer', value: token };
  };

  it('has the content and properties of the source, and a new eTag', async () => {
    const one = play();
    const options = { sourceAuthorization: await bearer(one), sourceConditions: { ifMatch: `"${blobTag}"` } };
    const { etag } = await one.block(kept).syncUploadFromURL(blobUrl, options);
    const found = await one.blob(kept).getProperties();
    expect(found).toMatchObject({ etag, contentLength: 4, metadata: { uploadedby: 'portal' } });
    expect(etag).not.toBe(`"${blobTag}"`);
  });

  it('is refused where the source is another version, cannot be read, is not there, or the place is taken', async () => {
    const one = play();
    const sourceAuthorization = await bearer(one);
    const copy = (options: object, url = blobUrl) => one.block(kept).syncUploadFromURL(url, options);
    const refused = async (options: object, url?: string) => refusedWith(copy(options, url));
    expect(await refused({ sourceAuthorization, sourceConditions: { ifMatch: '"0x8DEOTHER"' } })).toBe(
      'SourceConditionNotMet',
    );
    expect(await refused({})).toBe('CannotVerifyCopySource');
    const weak = await bearer(one, invoiceReader);
    expect(await refused({ sourceAuthorization: weak }, csv.replace('/exports/', '/internal/'))).toBe(
      'CannotVerifyCopySource',
    );
    expect(await refused({ sourceAuthorization }, `${blobUrl}x`)).toBe('CannotVerifyCopySource');
    await copy({ sourceAuthorization });
    expect(await refused({ sourceAuthorization, conditions: { ifNoneMatch: '*' } })).toBe('BlobAlreadyExists');
    const nowhere = one.block(kept.replace('cordon-quarantine', 'none'));
    expect(await refusedWith(nowhere.syncUploadFromURL(blobUrl, { sourceAuthorization }))).toBe('ContainerNotFound');
  });
});
