import { createHash } from 'node:crypto';
import {
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { holding, nobody, refusal } from '../support/attacker.ts';

const [own, foreign] = ['111122223333', '444455556666'];
const everybody = (bucket: string, condition: object = {}) => [
  { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*`, ...condition },
];
const flags = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };
const admin = (id: string) => ({
  name: 'admin',
  keys: [{ id, secret: `secret-${id}` }],
  inline: { all: { allow: ['s3:*'] } },
});

const sandboxOf = (buckets: readonly object[]) =>
  createSandbox(
    Estate.parse({
      name: 'S3',
      now: '2026-01-01T00:00:00.000Z',
      aws: {
        accounts: {
          [own]: { name: 'own', users: [admin('AKIAOWN0000000000001')], regions: { 'eu-west-1': { buckets } } },
          [foreign]: { name: 'foreign', users: [admin('AKIAFOREIGN000000001')] },
        },
      },
    }),
  );
const object = { objects: { 'a.txt': { body: 'hello' } } };
const read = (Bucket: string, Key = 'a.txt') => new GetObjectCommand({ Bucket, Key });

function play(buckets: readonly object[]) {
  const sandbox = sandboxOf(buckets);
  const owner = new S3Client(holding(sandbox, 'AKIAOWN0000000000001'));
  const stranger = new S3Client(nobody(sandbox));
  const other = new S3Client(holding(sandbox, 'AKIAFOREIGN000000001'));
  return { sandbox, owner, stranger, other };
}

describe('S3 buckets', () => {
  it('are listed page by page, and described', async () => {
    const { owner } = play([
      { name: 'one', tags: { a: '1' }, policy: everybody('one'), publicAccessBlock: { blockPublicAcls: true } },
      { name: 'two', ownership: 'ObjectWriter', acl: 'public-read' },
    ]);
    const first = await owner.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    const { ContinuationToken } = first;
    const second = await owner.send(new ListBucketsCommand({ MaxBuckets: 1, ContinuationToken }));
    expect([...(first.Buckets ?? []), ...(second.Buckets ?? [])].map(({ Name }) => Name)).toEqual(['one', 'two']);
    expect(second.ContinuationToken).toBeUndefined();
    expect(first.Buckets?.[0]?.BucketRegion).toBe('eu-west-1');
    const { Buckets = [] } = await owner.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name, BucketRegion }) => [Name, BucketRegion])).toEqual([
      ['one', undefined], // told only where the request has a parameter
      ['two', undefined],
    ]);
    const Bucket = 'one';
    expect((await owner.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('eu-west-1');
    expect((await owner.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-west-1');
    expect((await owner.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: 'a', Value: '1' }]);
    expect((await owner.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toContain('s3:GetObject');
    const { Grants = [] } = await owner.send(new GetBucketAclCommand({ Bucket: 'two' }));
    expect(Grants.map(({ Permission, Grantee }) => [Permission, Grantee?.Type])).toEqual([
      ['FULL_CONTROL', 'CanonicalUser'],
      ['READ', 'Group'],
    ]);
  });

  it('keep all four flags, none of them, or no configuration at all', async () => {
    const { owner } = play([{ name: 'one' }]);
    const Bucket = 'one';
    const none = 'NoSuchPublicAccessBlockConfiguration';
    const get = () => owner.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(await refusal(get())).toBe(none);
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true, RestrictPublicBuckets: true };
    await owner.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect((await get()).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: true,
    });
    await owner.send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await refusal(get())).toBe(none);
  });

  it('are refused as S3 refuses', async () => {
    const { owner, other, sandbox } = play([{ name: 'one', ...object }]);
    const elsewhere = new S3Client(holding(sandbox, 'AKIAOWN0000000000001', 'us-east-1'));
    const [Bucket, ExpectedBucketOwner] = ['one', foreign];
    expect(await refusal(owner.send(new GetBucketTaggingCommand({ Bucket: 'none' })))).toBe('NoSuchBucket');
    expect(await refusal(owner.send(new HeadBucketCommand({ Bucket: 'none' })))).toBe('NotFound');
    expect(await refusal(owner.send(new GetBucketTaggingCommand({ Bucket })))).toBe('NoSuchTagSet');
    expect(await refusal(owner.send(new GetBucketPolicyCommand({ Bucket })))).toBe('NoSuchBucketPolicy');
    expect(await refusal(owner.send(read('one', 'none')))).toBe('NoSuchKey');
    expect(await refusal(elsewhere.send(new GetPublicAccessBlockCommand({ Bucket })))).toBe('PermanentRedirect');
    expect(await refusal(other.send(new GetPublicAccessBlockCommand({ Bucket })))).toBe('AccessDenied');
    expect(await refusal(owner.send(new GetPublicAccessBlockCommand({ Bucket, ExpectedBucketOwner })))).toBe(
      'AccessDenied',
    );
    expect(await refusal(owner.send(new PutBucketPolicyCommand({ Bucket, Policy: '{' })))).toBe('MalformedPolicy');
  });

  it.each([
    ['everybody', {}, true],
    ['everybody at a fixed address', { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }, false],
    ['everybody on half of the Internet', { Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } } }, true],
    ['one organisation', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-northwind01' } } }, false],
    ['any organisation', { Condition: { StringLike: { 'aws:PrincipalOrgID': 'o-*' } } }, true],
  ])('call a policy for %s what S3 calls it', async (_, condition, isPublic) => {
    const { owner } = play([{ name: 'one', policy: everybody('one', condition) }]);
    const { PolicyStatus } = await owner.send(new GetBucketPolicyStatusCommand({ Bucket: 'one' }));
    expect(PolicyStatus?.IsPublic).toBe(isPublic);
  });
});

describe('S3 objects', () => {
  it('are written, read and listed page by page', async () => {
    const { owner } = play([{ name: 'one', objects: { b: {}, c: {} } }]);
    const Bucket = 'one';
    await owner.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
    expect(await (await owner.send(read('one', 'a'))).Body?.transformToString()).toBe('hello');
    expect((await owner.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).ContentLength).toBe(5);
    const first = await owner.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2 }));
    const { NextContinuationToken: ContinuationToken } = first;
    const second = await owner.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ContinuationToken }));
    expect([first, second].map(({ Contents = [] }) => Contents.map(({ Key }) => Key))).toEqual([['a', 'b'], ['c']]);
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
  });

  it.each([
    ['a public policy', { policy: everybody('one') }],
    ['a list on the object', { ownership: 'ObjectWriter', objects: { 'a.txt': { acl: 'public-read' } } }],
  ])('are open to the world by %s, until Block Public Access says no', async (_, bucket) => {
    const open = play([{ name: 'one', ...object, ...bucket }]);
    expect(await refusal(open.stranger.send(read('one')))).toBeUndefined();
    const shut = play([{ name: 'one', ...object, ...bucket, publicAccessBlock: flags }]);
    expect(await refusal(shut.stranger.send(read('one')))).toBe('AccessDenied');
    expect(await refusal(shut.owner.send(read('one')))).toBeUndefined();
  });

  it('are not written over, nor written wrongly, where the request says so', async () => {
    const { owner } = play([{ name: 'one' }]);
    const put = (more: object) => owner.send(new PutObjectCommand({ Bucket: 'one', Key: 'a', Body: 'hello', ...more }));
    const sum = (text: string) => createHash('sha256').update(text).digest('base64');
    expect(await refusal(put({ IfNoneMatch: '*', ChecksumSHA256: sum('other') }))).toBe('BadDigest');
    expect(await refusal(put({ IfNoneMatch: '"etag"' }))).toBe('NotImplemented');
    expect(await refusal(put({ IfNoneMatch: '*', ChecksumSHA256: sum('hello') }))).toBeUndefined();
    const second = await put({ IfNoneMatch: '*' }).catch((thrown: unknown) => thrown);
    expect(second).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    expect(await refusal(put({}))).toBeUndefined();
  });

  it('are open to other accounts by name, which only a public policy beside it takes away', async () => {
    const named = { Effect: 'Allow', Principal: { AWS: foreign }, Action: 's3:*', Resource: 'arn:aws:s3:::one/*' };
    const shared = { name: 'one', ...object, publicAccessBlock: flags };
    const quiet = play([{ ...shared, policy: [named] }]);
    expect(await refusal(quiet.other.send(read('one')))).toBeUndefined();
    const loud = play([{ ...shared, policy: [named, ...everybody('one')] }]);
    expect(await refusal(loud.other.send(read('one')))).toBe('AccessDenied');
  });

  it('have no list where the owner of the bucket is the owner of all', async () => {
    const { stranger, owner } = play([{ name: 'one', objects: { 'a.txt': { acl: 'public-read' } } }]);
    expect(await refusal(stranger.send(read('one')))).toBe('AccessDenied');
    const put = new PutObjectCommand({ Bucket: 'one', Key: 'b', Body: 'x', ACL: 'public-read' });
    expect(await refusal(owner.send(put))).toBe('AccessControlListNotSupported');
  });

  it('do not tell a stranger whether they are there', async () => {
    const { stranger } = play([{ name: 'one', policy: everybody('one') }]);
    expect(await refusal(stranger.send(read('one', 'none')))).toBe('AccessDenied');
  });

  it('take no new public list or policy while those are blocked', async () => {
    const { owner } = play([{ name: 'one', ownership: 'ObjectWriter', publicAccessBlock: flags }]);
    const put = new PutObjectCommand({ Bucket: 'one', Key: 'b', Body: 'x', ACL: 'public-read' });
    expect(await refusal(owner.send(put))).toBe('AccessDenied');
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: everybody('one') });
    expect(await refusal(owner.send(new PutBucketPolicyCommand({ Bucket: 'one', Policy })))).toBe('AccessDenied');
  });
});
