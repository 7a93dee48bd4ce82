import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3QuarantineObject } from '../../../shared/actions/aws/s3-quarantine-object.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { type BucketRow, buckets, histories, type ObjectRow, objects } from '../../../shared/sandbox/aws/s3-rows.ts';
import { deleteObject, putObject } from '../../../shared/sandbox/aws/s3-versions.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { holding, refusal } from '../../support/attacker.ts';
import { development, security } from '../../support/company.ts';

const bucket = 'northwind-uploads';
const key = 'incoming/Invoice 4711.docm';
const path = `${bucket}/${key}`;
const eTag = '98d1280e8f886d36b4106d524c0214c3';
const versionId = 'Hq3vXb9kTzR1nLw5sYc7dGf0jPm2aEuK';
const quarantine = {
  quarantineBucket: 'northwind-quarantine',
  quarantineAccount: security,
  quarantineRegion: 'eu-west-1',
};
const scanned = { bucket, key, eTag, ...quarantine };
type Prepare = (sandbox: Sandbox) => void;
const play = (prepare?: Prepare, input: object = {}) =>
  acting(s3QuarantineObject, { ...scanned, ...input }, { ...(prepare && { prepare }) });

const row = ({ rows }: Sandbox): BucketRow => rows.get(buckets, bucket) as BucketRow; // the estate has it
const current = ({ rows }: Sandbox): ObjectRow | undefined => rows.get(objects, path);
const copies = ({ rows }: Sandbox): ObjectRow[] =>
  rows.all(objects).flatMap(([, one]) => (one.bucket === 'northwind-quarantine' ? [one] : []));
/** Somebody uploads something else under the same key. */
const upload =
  (body = 'a clean invoice'): Prepare =>
  (sandbox) =>
    void putObject(sandbox, row(sandbox), { bucket, key, body, acl: 'private', modifiedAt: sandbox.clock.now() });
/** The bucket keeps no versions, or not any more. */
const versioning =
  (status?: 'Suspended'): Prepare =>
  (sandbox) => {
    const { versioning: _, ...plain } = row(sandbox);
    sandbox.rows.put(buckets, bucket, { ...plain, ...(status && { versioning: status }) });
  };
const unversioned =
  (changed: Partial<ObjectRow> = {}): Prepare =>
  (sandbox) => {
    versioning()(sandbox);
    const object = current(sandbox);
    if (!object) return;
    const { versionId: _, ...plain } = object;
    sandbox.rows.put(objects, path, { ...plain, ...changed });
  };
const user = (sandbox: Sandbox): S3Client => new S3Client(holding(sandbox, 'AKIACIDEPLOY00000001'));
const reads = (sandbox: Sandbox) => refusal(user(sandbox).send(new GetObjectCommand({ Bucket: bucket, Key: key })));
/** Does something once, right before or after a call of one kind. */
function once(sandbox: Sandbox, operation: string, does: Prepare): void {
  let open = true;
  sandbox.recorder.onCall((call) => {
    if (!open || call.operation !== operation) return;
    open = false;
    does(sandbox);
  });
}

describe('moving an object into quarantine where its bucket keeps versions', () => {
  it('hides just the version that was scanned, and keeps a copy that tells whose it is', async () => {
    const { plan, contain, isContained, sandbox, context } = await play();
    const planned = await plan();
    expect(planned.map(({ resource, from, to }) => [resource.split('/').slice(0, 4).join('/'), from, to])).toEqual([
      [
        's3://northwind-uploads/incoming',
        expect.objectContaining({ versionId, eTag, standing: 'current', markers: 0, keeps: true }),
        expect.objectContaining({ versionId, eTag, standing: 'hidden', markers: 1, keeps: true }),
      ],
      [
        's3://northwind-quarantine/cordon-quarantine',
        null,
        expect.objectContaining({ copyOf: { bucket, key, eTag }, length: 26 }),
      ],
    ]);
    expect(await (await play()).plan()).toEqual(planned);
    await contain(planned);
    expect(await reads(sandbox)).toBe('NoSuchKey');
    expect(copies(sandbox)).toMatchObject([
      {
        body: 'invoice 4711, with a macro',
        tags: { 'cordon-run': context.runId, 'cordon-source': bucket, 'cordon-etag': eTag },
      },
    ]);
    expect(await isContained()).toBe(true);
  });

  it('brings back the very version, under its id and with its tags, and forgets the copy', async () => {
    const { plan, contain, release, sandbox } = await play();
    const before = current(sandbox);
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(current(sandbox)).toEqual(before);
    expect(sandbox.rows.get(histories, path)).toBeUndefined();
    expect(copies(sandbox)).toEqual([]);
  });

  it('leaves a newer version alone, and never puts a marker on it', async () => {
    const { plan, contain, isContained, sandbox } = await play(upload());
    expect(await plan()).toEqual([]);
    await contain();
    expect(current(sandbox)).toMatchObject({ body: 'a clean invoice' });
    expect(await isContained()).toBe(true);
  });

  it('puts no marker on what is uploaded between the look and the deletion', async () => {
    const { plan, contain, sandbox } = await play();
    const changes = await plan();
    once(sandbox, 's3:ListBucket', upload());
    await expect(contain(changes)).rejects.toMatchObject({ code: 'object-replaced', retryable: true });
    expect(current(sandbox)).toMatchObject({ body: 'a clean invoice' });
    expect(await plan()).toEqual([]);
  });

  it('is not held up by a copy that cannot be made', async () => {
    const { plan, contain, isContained, sandbox } = await play();
    const changes = await plan();
    sandbox.faults.plant({
      operation: 's3:PutObject',
      fault: { kind: 'error', code: 'InvalidObjectState', status: 403 },
      times: 1,
    });
    await expect(contain(changes)).rejects.toMatchObject({ code: 'InvalidObjectState' });
    expect(await reads(sandbox)).toBe('NoSuchKey');
    expect(await isContained()).toBe(false);
    await contain();
    expect(await isContained()).toBe(true);
  });

  it('copies what somebody else has hidden already, and hides it no further', async () => {
    const { plan, contain, isContained, sandbox } = await play(
      (one) => void deleteObject(one, row(one), key, undefined),
    );
    expect(await plan()).toMatchObject([{ from: null, to: { copyOf: { bucket, key, eTag } } }]);
    await contain();
    expect(sandbox.rows.get(histories, path)).toHaveLength(2);
    expect(await isContained()).toBe(true);
  });

  it('leaves it deleted where somebody deletes it once more', async () => {
    const { plan, contain, release, sandbox } = await play();
    const changes = await plan();
    await contain(changes);
    await user(sandbox).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    const { moved } = await release(changes);
    expect(moved).toHaveLength(1);
    expect(await reads(sandbox)).toBe('NoSuchKey');
  });

  it('keeps the copy where somebody has deleted the version for good', async () => {
    const { plan, contain, release, sandbox } = await play();
    const changes = await plan();
    await contain(changes);
    deleteObject(sandbox, row(sandbox), key, versionId);
    expect((await release(changes)).moved).toHaveLength(2);
    expect(copies(sandbox)).toHaveLength(1);
  });

  it('finds its version among many, page by page, and is not misled by longer keys', async () => {
    const { plan } = await play((sandbox) => {
      const modifiedAt = sandbox.clock.now();
      putObject(sandbox, row(sandbox), { bucket, key: `${key}.txt`, body: 'beside', acl: 'private', modifiedAt });
      const older = Array.from({ length: 1_100 }, (_, at): ObjectRow => {
        const body = at === 1_099 ? 'invoice 4711, with a macro' : `older ${at}`;
        return { bucket, key, body, acl: 'private', modifiedAt, versionId: `older${at}` };
      });
      sandbox.rows.put(histories, path, older);
      deleteObject(sandbox, row(sandbox), key, versionId);
    });
    // the newest is an older one now; the scanned content lies far below it
    expect(await plan()).toEqual([]);
  });

  it('acts on the one version that is named, where the same content was stored twice', async () => {
    const twice = upload('invoice 4711, with a macro');
    expect(await (await play(twice, { versionId })).plan()).toEqual([]);
    expect(await (await play(twice)).plan()).toHaveLength(2);
  });

  it('reads a key that XML cannot hold', async () => {
    const odd = 'incoming/\u0001 a+b&<ü>.docm';
    const prepare: Prepare = (sandbox) => {
      const object = { bucket, key: odd, body: 'invoice 4711, with a macro', acl: 'private' as const };
      putObject(sandbox, row(sandbox), { ...object, modifiedAt: sandbox.clock.now() });
    };
    const { contain, isContained, sandbox } = await play(prepare, { key: odd });
    await contain();
    expect(await isContained()).toBe(true);
    expect(sandbox.rows.get(objects, `${bucket}/${odd}`)).toBeUndefined();
    expect(copies(sandbox)).toMatchObject([{ body: 'invoice 4711, with a macro' }]);
  });
});

describe('moving an object into quarantine where its bucket keeps no versions', () => {
  it('copies it first, and deletes nothing without a copy that is as long', async () => {
    const { plan, contain, isContained, sandbox } = await play(unversioned());
    const [copy, removal] = await plan();
    expect(removal).toMatchObject({ from: { versionId: 'null', keeps: false }, to: null });
    await expect(contain(removal ? [removal] : [])).rejects.toMatchObject({ code: 'no-copy' });
    await contain(copy ? [copy] : []);
    for (const one of copies(sandbox)) sandbox.rows.put(objects, `${one.bucket}/${one.key}`, { ...one, body: 'short' });
    await expect(contain(removal ? [removal] : [])).rejects.toMatchObject({ code: 'no-copy' });
    expect(await reads(sandbox)).toBeUndefined();
    for (const one of copies(sandbox)) sandbox.rows.delete(objects, `${one.bucket}/${one.key}`);
    await contain();
    expect(await reads(sandbox)).toBe('NoSuchKey');
    expect(await isContained()).toBe(true);
  });

  it.each([
    ['before the copy', 's3:GetBucketVersioning'],
    ['while it is copied', 's3:PutObject'],
  ])('never deletes an object that is written again %s', async (_, operation) => {
    const { plan, contain, sandbox } = await play(unversioned());
    const changes = await plan();
    once(sandbox, operation, upload());
    await contain(changes).catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'object-replaced' }));
    expect(current(sandbox)).toMatchObject({ body: 'a clean invoice' });
    expect(await plan()).toEqual([]);
  });

  it.each([
    ['one of the same ETag', {}],
    ['one that was uploaded in parts, whose ETag is another one now', { eTag: `${eTag}-3` }],
  ])('copies back %s, and knows it again', async (_, changed: Partial<ObjectRow>) => {
    const input = { eTag: changed.eTag ?? eTag };
    const { plan, contain, release, capture, sandbox } = await play(unversioned(changed), input);
    const before = await capture();
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual(before);
    expect(current(sandbox)).toMatchObject({ body: 'invoice 4711, with a macro', tags: { 'cordon-etag': input.eTag } });
    expect(copies(sandbox)).toEqual([]);
    await contain();
    expect(await reads(sandbox)).toBe('NoSuchKey');
  });

  it('keeps the copy, and what somebody has put in the place of the object', async () => {
    const { plan, contain, release, sandbox } = await play(unversioned());
    const changes = await plan();
    await contain(changes);
    upload()(sandbox);
    expect((await release(changes)).moved).toHaveLength(2);
    expect(current(sandbox)).toMatchObject({ body: 'a clean invoice' });
    expect(copies(sandbox)).toHaveLength(1);
  });

  it('is told by S3 that something was put there while it was copied back, and leaves it', async () => {
    const { plan, contain, release, sandbox } = await play(unversioned());
    const changes = await plan();
    await contain(changes);
    once(sandbox, 's3:ListBucket', upload());
    expect((await release(changes)).moved).toHaveLength(2);
    expect(current(sandbox)).toMatchObject({ body: 'a clean invoice' });
    expect(copies(sandbox)).toHaveLength(1);
  });

  it('hides a version where versioning is suspended, and stops where that would destroy another', async () => {
    const { contain, isContained, plan, release } = await play(versioning('Suspended'));
    const changes = await plan();
    await contain(changes);
    expect(await isContained()).toBe(true);
    await release(changes);
    expect(await plan()).toHaveLength(2);
    const below: ObjectRow = { bucket, key, body: 'kept', acl: 'private', modifiedAt: '2025-01-01T00:00:00.000Z' };
    const other = await play((sandbox) => {
      versioning('Suspended')(sandbox);
      sandbox.rows.put(histories, path, [below]);
    });
    await expect(other.plan()).rejects.toMatchObject({ code: 'versioning-suspended' });
  });
});

describe('what is no object to move', () => {
  it('is gone, or its bucket is', async () => {
    expect(await (await play((one) => one.rows.delete(objects, path))).capture()).toEqual({});
    expect(await (await play((one) => one.rows.delete(buckets, bucket))).capture()).toEqual({});
  });

  it('is in a bucket that has passed to another account', async () => {
    const passed: Prepare = (one) => one.rows.put(buckets, bucket, { ...row(one), account: development });
    await expect((await play(passed)).capture()).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('has no quarantine to go to, or lies in it', async () => {
    const without = await play((one) => one.rows.delete(buckets, 'northwind-quarantine'));
    await expect(without.plan()).rejects.toThrow(/no bucket northwind-quarantine/);
    await expect((await play(undefined, { quarantineBucket: bucket })).plan()).rejects.toThrow(
      /the quarantine bucket itself/,
    );
    const taken: Prepare = ({ rows }) => {
      const found = rows.get(buckets, 'northwind-quarantine');
      if (found) rows.put(buckets, 'northwind-quarantine', { ...found, account: development });
    };
    await expect((await play(taken)).plan()).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it.each([{ bucket: '../x' }, { key: '' }, { eTag: 'x' }, { versionId: 'a b' }, { quarantineRegion: 'here' }])(
    'is refused: %o',
    (input) => {
      expect(() => s3QuarantineObject.parse({ ...scanned, ...input })).toThrow(InvalidInput);
    },
  );

  it('is not what an upload of the same key makes of it', async () => {
    const { sandbox, plan } = await play();
    await user(sandbox).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'new' }));
    expect(await plan()).toEqual([]);
  });
});
