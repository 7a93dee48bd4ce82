import { describe, expect, it } from 'vitest';
import { s3BlockPublicAccessBucket } from '../../../shared/actions/aws/s3-block-public-access-bucket.ts';
import { type BucketRow, buckets, type PublicAccessBlock } from '../../../shared/sandbox/aws/s3-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { development } from '../../support/company.ts';

const bucket = 'northwind-customer-exports';
const change =
  (changed: Partial<BucketRow>) =>
  ({ rows }: Sandbox): void => {
    const row = rows.get(buckets, bucket);
    if (row) rows.put(buckets, bucket, { ...row, ...changed });
  };
const some: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: false,
  blockPublicPolicy: true,
  restrictPublicBuckets: false,
};
const all = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };

describe('blocking public access to a bucket', () => {
  it('puts back the flags that stood there, not those one would expect', async () => {
    const { contain, release, capture, plan } = await acting(
      s3BlockPublicAccessBucket,
      { bucket },
      { prepare: change({ publicAccessBlock: some }) },
    );
    const changes = await plan();
    expect(changes).toEqual([{ resource: bucket, from: some, to: all }]);
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual({ [bucket]: some });
  });

  it('has nothing to do where all four flags are on', async () => {
    const prepare = change({ publicAccessBlock: all });
    const { plan, isContained } = await acting(s3BlockPublicAccessBucket, { bucket }, { prepare });
    expect(await plan()).toEqual([]);
    expect(await isContained()).toBe(true);
  });

  it('neither reads nor changes a bucket that has passed to another account', async () => {
    const { capture, sandbox } = await acting(
      s3BlockPublicAccessBucket,
      { bucket },
      { prepare: change({ account: development }) },
    );
    await expect(capture()).rejects.toMatchObject({ code: 'AccessDenied', retryable: false });
    expect(sandbox.recorder.calls.filter(({ mutating, operation }) => mutating && operation.startsWith('s3:'))).toEqual(
      [],
    );
  });

  it('changes nothing when the bucket passes to another account between plan and change', async () => {
    const { plan, contain, sandbox } = await acting(s3BlockPublicAccessBucket, { bucket });
    const changes = await plan();
    change({ account: development })(sandbox);
    await expect(contain(changes)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(sandbox.rows.get(buckets, bucket)?.publicAccessBlock).toBeUndefined();
  });

  it('finds a deleted bucket gone, and one in another region unreachable', async () => {
    const gone = await acting(
      s3BlockPublicAccessBucket,
      { bucket },
      { prepare: ({ rows }) => rows.delete(buckets, bucket) },
    );
    expect(await gone.capture()).toEqual({});
    expect(await gone.isContained()).toBe(false);
    const prepare = change({ region: 'us-east-1' });
    const elsewhere = await acting(s3BlockPublicAccessBucket, { bucket }, { prepare });
    await expect(elsewhere.capture()).rejects.toMatchObject({ code: 'PermanentRedirect' });
  });
});
