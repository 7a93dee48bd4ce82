import { describe, expect, it } from 'vitest';
import { storageDisablePublicBlobAccess } from '../../../shared/actions/azure/storage-disable-public-blob-access.ts';
import { storageQuarantineBlob } from '../../../shared/actions/azure/storage-quarantine-blob.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { type BlobRow, blobServices, blobs, containers } from '../../../shared/sandbox/azure/storage-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { blobTag, blobUrl, fetchBlob, rewrite, storageAccountId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const where = { account: subscription, region: '' };
const reader = '0a1b2c3d-0000-4000-8000-00000000a001';
const key = 'northwinduploads/incoming/2026/11/Invoice 4711.docm';
const play = (prepare?: (sandbox: Sandbox) => void, url = blobUrl, eTag = blobTag) =>
  acting(storageQuarantineBlob, { url, eTag }, { where, ...(prepare && { prepare }) });

const blobIn = ({ rows }: Sandbox): BlobRow | undefined => rows.get(blobs, key);
const copiesIn = ({ rows }: Sandbox): BlobRow[] =>
  rows.all(blobs).flatMap(([, row]) => (row.account === 'northwindquarantine' ? [row] : []));
const set =
  (changed: Partial<BlobRow>) =>
  (sandbox: Sandbox): void => {
    const blob = blobIn(sandbox);
    if (blob) sandbox.rows.put(blobs, key, { ...blob, ...changed });
  };
const keep =
  (service: { softDeleteDays?: number; versioning?: boolean }) =>
  ({ rows }: Sandbox): void =>
    rows.put(blobServices, 'northwinduploads', { softDeleteDays: 7, versioning: false, ...service });
const rewritten = set({ eTag: '"0x8DENEWER"', content: 'bmV3' });
const isThere = async (sandbox: Sandbox) => (await fetchBlob(sandbox, blobUrl, reader)).status === 200;

describe('moving a blob into quarantine', () => {
  it('keeps a copy that tells where it came from, for whatever run', async () => {
    const one = await play();
    const planned = await one.plan();
    expect(await (await play()).plan()).toEqual(planned);
    await one.contain(planned);
    expect(copiesIn(one.sandbox)).toMatchObject([
      {
        content: Buffer.from('test').toString('base64'),
        metadata: { uploadedby: 'portal', cordonrun: one.context.runId, cordonsource: blobUrl, cordonetag: blobTag },
      },
    ]);
    expect(await isThere(one.sandbox)).toBe(false);
    expect(await one.isContained()).toBe(true);
  });

  it('leaves a blob alone that was written again since the scan', async () => {
    const one = await play(rewritten);
    expect(await one.plan()).toEqual([]);
    await one.contain();
    expect(await isThere(one.sandbox)).toBe(true);
    expect(copiesIn(one.sandbox)).toEqual([]);
  });

  it.each(['before the copy', 'before it is deleted'])(
    'never deletes a blob that is written again %s',
    async (when) => {
      const one = await play();
      const planned = await one.plan();
      let once = true;
      one.sandbox.recorder.onCall(({ operation, resource, mutating }) => {
        const now =
          when === 'before the copy' ? operation.endsWith('/read') : mutating && resource.includes('quarantine');
        if (!now || !once) return;
        once = false;
        rewritten(one.sandbox);
      });
      await expect(one.contain(planned)).rejects.toMatchObject({ retryable: true });
      expect(await one.plan()).toEqual([]);
      expect(blobIn(one.sandbox)).toMatchObject({ content: 'bmV3' });
      expect(await isThere(one.sandbox)).toBe(true);
    },
  );

  it('deletes nothing without a copy that is the same', async () => {
    const one = await play();
    const [copy, removal] = await one.plan();
    expect(copy?.to).toEqual(removal?.from);
    await expect(one.contain(removal ? [removal] : [])).rejects.toMatchObject({ code: 'no-copy' });
    expect(await isThere(one.sandbox)).toBe(true);
    await one.contain(copy ? [copy] : []);
    for (const row of copiesIn(one.sandbox))
      one.sandbox.rows.put(blobs, `${row.account}/${row.container}/${row.name}`, { ...row, content: 'b3RoZXI=' });
    await expect(one.contain(removal ? [removal] : [])).rejects.toMatchObject({ code: 'no-copy' });
    expect(await isThere(one.sandbox)).toBe(true);
  });

  it('has nothing to do where the blob is gone already', async () => {
    const gone = await play(({ rows }) => rows.delete(blobs, key));
    expect(await gone.capture()).toEqual({});
    const raced = await play();
    const planned = await raced.plan();
    await raced.contain(planned.slice(0, 1));
    raced.sandbox.rows.delete(blobs, key);
    await raced.contain(planned);
    expect(await raced.isContained()).toBe(true);
  });

  it('copies and compares a blob that the service keeps no MD5 of', async () => {
    const one = await play(set({ unhashed: true }));
    await one.contain();
    expect(await one.isContained()).toBe(true);
    expect(await isThere(one.sandbox)).toBe(false);
  });

  it('says so when a legal hold keeps the blob', async () => {
    const one = await play(({ rows }) => {
      const container = rows.get(containers, 'northwinduploads/incoming');
      if (container) rows.put(containers, 'northwinduploads/incoming', { ...container, legalHold: true });
    });
    await expect(one.contain()).rejects.toMatchObject({ code: 'BlobImmutableDueToPolicy' });
    expect(await one.isContained()).toBe(false);
  });

  it.each([
    'http://northwinduploads.blob.core.windows.net/incoming/a',
    'https://northwinduploads.blob.core.windows.net.evil.example/incoming/a',
    'https://evil.example/northwinduploads.blob.core.windows.net/incoming/a',
    'https://user@northwinduploads.blob.core.windows.net/incoming/a',
    'https://northwinduploads.blob.core.windows.net/incoming/a?sv=1',
    'https://northwinduploads.blob.core.windows.net/incoming/../other/a',
    'https://northwinduploads.blob.core.windows.net/incoming',
  ])('takes no token to %s', (url) => {
    expect(() => storageQuarantineBlob.parse({ url, eTag: blobTag })).toThrow(InvalidInput);
  });

  it('leaves the quarantine account itself alone', async () => {
    const one = await play(undefined, blobUrl.replace('northwinduploads', 'northwindquarantine'));
    await expect(one.plan()).rejects.toThrow(/lies in the quarantine account/);
  });
});

describe('bringing a blob back', () => {
  it('leaves nothing behind where the account keeps what is deleted', async () => {
    const one = await play();
    const before = blobIn(one.sandbox);
    const changes = await one.plan();
    await one.contain(changes);
    await one.release(changes);
    expect(blobIn(one.sandbox)).toEqual(before);
    expect(copiesIn(one.sandbox)).toEqual([]);
  });

  it.each([
    ['deletes for good', { softDeleteDays: 0 }],
    ['keeps versions, so that undelete answers 200 and does nothing', { versioning: true }],
  ])('copies it back where the account %s, and knows it again', async (_, service) => {
    const one = await play(keep(service));
    const changes = await one.plan();
    await one.contain(changes);
    await one.release(changes);
    expect(await isThere(one.sandbox)).toBe(true);
    expect(blobIn(one.sandbox)).toMatchObject({
      content: Buffer.from('test').toString('base64'),
      contentType: 'application/vnd.ms-word.document.macroEnabled.12',
      metadata: { uploadedby: 'portal', cordonetag: blobTag },
    });
    expect(copiesIn(one.sandbox)).toEqual([]);
    expect(await one.plan()).toHaveLength(2);
  });

  it('keeps the copy, and what somebody has put in the place of the blob', async () => {
    const one = await play();
    const changes = await one.plan();
    await one.contain(changes);
    one.sandbox.rows.put(blobs, key, {
      ...copiesIn(one.sandbox)[0],
      account: 'northwinduploads',
      container: 'incoming',
      name: '2026/11/Invoice 4711.docm',
      content: 'bmV3',
      contentType: 'text/plain',
      metadata: {},
      tags: {},
      eTag: '"0x8DENEWER"',
      lastModified: one.sandbox.clock.now(),
    });
    const { moved } = await one.release(changes);
    expect(moved).toHaveLength(2);
    expect(blobIn(one.sandbox)).toMatchObject({ content: 'bmV3' });
    expect(copiesIn(one.sandbox)).toHaveLength(1);
  });
});

describe('shutting strangers out of a storage account', () => {
  const shut = (prepare?: (sandbox: Sandbox) => void) =>
    acting(storageDisablePublicBlobAccess, { storageAccountId }, { where, ...(prepare && { prepare }) });

  it('sends the setting: a version of the SDK sent an empty update and said it was done', async () => {
    const one = await shut();
    const bodies: unknown[] = [];
    const { httpClient } = one.sandbox;
    const send = httpClient.sendRequest.bind(httpClient);
    httpClient.sendRequest = (request) => {
      if (request.method === 'PATCH') bodies.push(JSON.parse(String(request.body)));
      return send(request);
    };
    const changes = await one.plan();
    await one.contain(changes);
    await one.release(changes);
    expect(bodies).toEqual([
      { properties: { allowBlobPublicAccess: false } },
      { properties: { allowBlobPublicAccess: true } },
    ]);
  });

  it('counts an account that never said anything as open', async () => {
    const one = await shut((sandbox) =>
      rewrite(sandbox, storageAccountId, ({ properties: { allowBlobPublicAccess: _, ...properties } }) => ({
        properties,
      })),
    );
    expect(await one.plan()).toMatchObject([
      { from: { allowBlobPublicAccess: true }, to: { allowBlobPublicAccess: false } },
    ]);
    await one.contain();
    expect(await one.isContained()).toBe(true);
  });

  it('is not verified when the effect is lost behind a 200', async () => {
    const one = await shut();
    one.sandbox.faults.plant({ operation: 'Microsoft.Storage/storageAccounts/write', fault: { kind: 'effect-lost' } });
    await one.contain();
    expect(await one.isContained()).toBe(false);
    const url = 'https://northwindexports.blob.core.windows.net/exports/2026/11/customers.csv';
    expect((await fetchBlob(one.sandbox, url)).status).toBe(200);
  });
});
