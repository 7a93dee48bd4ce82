import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';

const own = '111122223333';
const user = (name: string, allow: readonly string[]) => ({
  name,
  keys: [{ id: `AKIA${name.toUpperCase().padEnd(16, '0')}`, secret: `secret-${name}` }],
  inline: { all: { allow } },
});

function play(versioning?: 'Enabled' | 'Suspended') {
  const buckets = [
    { name: 'first', ...(versioning && { versioning }), objects: { 'a b/ü.txt': { body: 'one', tags: { a: 'b' } } } },
    { name: 'second' },
  ];
  const users = [user('owner', ['s3:*']), user('reader', ['s3:GetObject', 's3:ListBucket', 's3:DeleteObject'])];
  const accounts = { [own]: { name: 'own', users, regions: { 'eu-west-1': { buckets } } } };
  const sandbox = createSandbox(Estate.parse({ name: 'S3', now: '2026-01-01T00:00:00.000Z', aws: { accounts } }));
  const client = (id: string) => new S3Client(holding(sandbox, id));
  return { sandbox, owner: client('AKIAOWNER00000000000'), reader: client('AKIAREADER0000000000') };
}

const where = { Bucket: 'first', Key: 'a b/ü.txt' };
const put = (Body: string) => new PutObjectCommand({ ...where, Body });
const list = (more: object = {}) => new ListObjectVersionsCommand({ Bucket: 'first', ...more });
const body = async (client: S3Client, more: object = {}) =>
  (await client.send(new GetObjectCommand({ ...where, ...more }))).Body?.transformToString();

describe('a bucket that keeps versions', () => {
  it('says so', async () => {
    expect((await play('Enabled').owner.send(new GetBucketVersioningCommand({ Bucket: 'first' }))).Status).toBe(
      'Enabled',
    );
    expect(await play().owner.send(new GetBucketVersioningCommand({ Bucket: 'first' }))).not.toHaveProperty('Status');
  });

  it('keeps what is written over, and what is deleted below a marker that can be taken away', async () => {
    const { owner } = play('Enabled');
    const { VersionId } = await owner.send(put('two'));
    expect(await body(owner)).toBe('two');
    expect(await body(owner, { VersionId: 'null' })).toBe('one');
    const deleted = await owner.send(new DeleteObjectCommand(where));
    expect(deleted).toMatchObject({ DeleteMarker: true });
    expect(await refusal(body(owner))).toBe('NoSuchKey');
    expect(await refusal(body(owner, { VersionId: deleted.VersionId }))).toBe('MethodNotAllowed');
    expect(await body(owner, { VersionId })).toBe('two');
    const { Versions, DeleteMarkers } = await owner.send(list());
    expect(Versions?.map((one) => [one.VersionId, one.IsLatest, one.Size])).toEqual([
      [VersionId, false, 3],
      ['null', false, 3],
    ]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: deleted.VersionId, IsLatest: true, Key: where.Key }]);
    const undone = await owner.send(new DeleteObjectCommand({ ...where, VersionId: deleted.VersionId }));
    expect(undone).toMatchObject({ DeleteMarker: true, VersionId: deleted.VersionId });
    expect(await body(owner)).toBe('two');
    await owner.send(new DeleteObjectCommand({ ...where, VersionId }));
    expect(await body(owner)).toBe('one');
  });

  it('lists page by page, with keys encoded where asked', async () => {
    const { owner } = play('Enabled');
    await owner.send(put('two'));
    await owner.send(put('three'));
    const first = await owner.send(list({ MaxKeys: 2, EncodingType: 'url' }));
    expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a+b/%C3%BC.txt', EncodingType: 'url' });
    const more = { KeyMarker: where.Key, VersionIdMarker: first.NextVersionIdMarker };
    const rest = await owner.send(list(more));
    expect(rest.IsTruncated).toBe(false);
    expect(rest.Versions).toMatchObject([{ Key: where.Key, VersionId: 'null' }]);
    expect((await owner.send(list({ Prefix: 'b' }))).Versions ?? []).toEqual([]);
  });

  it('asks for other rights where a version is named', async () => {
    const { reader } = play('Enabled');
    expect(await body(reader)).toBe('one');
    const refused = [
      body(reader, { VersionId: 'null' }),
      reader.send(list()),
      reader.send(new DeleteObjectCommand({ ...where, VersionId: 'null' })),
    ];
    for (const call of refused) expect(await refusal(call)).toBe('AccessDenied');
  });
});

describe('a bucket that keeps none', () => {
  it('deletes for good, and once more without a word', async () => {
    const { owner } = play();
    for (let time = 0; time < 2; time += 1)
      expect(await owner.send(new DeleteObjectCommand(where))).not.toHaveProperty('DeleteMarker');
    expect(await refusal(body(owner))).toBe('NoSuchKey');
  });

  it('keeps older versions where it kept them once, and one called null', async () => {
    const { owner } = play('Suspended');
    await owner.send(put('two'));
    expect((await owner.send(list())).Versions).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
    expect(await owner.send(new DeleteObjectCommand(where))).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    expect((await owner.send(list())).Versions ?? []).toEqual([]);
  });
});

describe('conditions on what is there', () => {
  it('delete only what has the ETag, which takes the right to read it', async () => {
    const { owner, reader } = play('Enabled');
    const { ETag } = await owner.send(put('two'));
    const wrong = new DeleteObjectCommand({ ...where, IfMatch: '"c0ffee"' });
    expect(await refusal(owner.send(wrong))).toBe('PreconditionFailed');
    expect(await body(owner)).toBe('two');
    expect(await reader.send(new DeleteObjectCommand({ ...where, IfMatch: ETag }))).toMatchObject({
      DeleteMarker: true,
    });
    expect(await refusal(owner.send(new DeleteObjectCommand({ ...where, IfMatch: ETag })))).toBe('NoSuchKey');
  });

  it('copy only the version that is meant, to where nothing is, with tags of its own', async () => {
    const { owner } = play('Enabled');
    const { ETag } = await owner.send(put('two'));
    const source = `first/${encodeURIComponent('a b')}/${encodeURIComponent('ü.txt')}`;
    const copy = (CopySource: string, more: object = {}) =>
      owner.send(new CopyObjectCommand({ Bucket: 'second', Key: 'copy', CopySource, ...more }));
    expect(await refusal(copy(source, { CopySourceIfMatch: '"c0ffee"' }))).toBe('PreconditionFailed');
    expect(await refusal(copy(source, { ExpectedSourceBucketOwner: '444455556666' }))).toBe('AccessDenied');
    await copy(source, { CopySourceIfMatch: ETag, TaggingDirective: 'REPLACE', Tagging: 'x=y%20z' });
    expect(await refusal(copy(source, { IfNoneMatch: '*' }))).toBe('PreconditionFailed');
    const there = { Bucket: 'second', Key: 'copy' };
    expect(await body(owner, there)).toBe('two');
    expect((await owner.send(new GetObjectTaggingCommand(there))).TagSet).toEqual([{ Key: 'x', Value: 'y z' }]);
    await copy(`${source}?versionId=null`);
    expect(await body(owner, there)).toBe('one');
    expect((await owner.send(new GetObjectTaggingCommand(there))).TagSet).toEqual([{ Key: 'a', Value: 'b' }]);
  });
});
