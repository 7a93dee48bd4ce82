import { describe, expect, it } from 'vitest';
import { Bucket } from '../../../shared/model/target.ts';
import { resourcePolicies } from '../../../shared/sandbox/aws/iam-rows.ts';
import { type BucketRow, buckets } from '../../../shared/sandbox/aws/s3-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, development, production } from '../../support/company.ts';
import { grantExactly } from '../../support/rights.ts';

const bucket = 'northwind-customer-exports';
const arn = `arn:aws:s3:::${bucket}`;
const where = { account: production, region: 'eu-west-1' };
const rights = ['GetBucketLocation', 'GetBucketTagging', 'GetBucketPolicyStatus'];
const target = Bucket.parse({ type: 'aws.s3.bucket', id: arn, name: bucket, ...where, role: 'affected', bucket });

/** What the reader finds out with no more rights than it needs. */
async function inspected(prepare: (sandbox: Sandbox) => void = () => undefined) {
  const { sandbox, clouds } = company();
  prepare(sandbox);
  const read = rights.map((name) => ({ allow: `s3:${name}`, on: arn }));
  grantExactly(sandbox, { cloud: 'aws' }, { read, write: [] }, {}, where);
  const { signal } = new AbortController();
  const session = await clouds.session({ cloud: 'aws', ...where, rights: 'reader', runId: 'run', signal });
  return clouds.inspect(session, target);
}
const change =
  (changed: Partial<BucketRow>) =>
  ({ rows }: Sandbox): void => {
    const row = rows.get(buckets, bucket);
    if (row) rows.put(buckets, bucket, { ...row, ...changed });
  };

describe('inspecting a bucket', () => {
  it('tells its region, its tags and whether its policy is public', async () => {
    expect(await inspected()).toEqual({
      bucketRegion: 'eu-west-1',
      tags: { environment: 'production', data: 'customer' },
      publicPolicy: true,
    });
  });

  it('takes a bucket without tags and without a policy for what it is', async () => {
    const found = await inspected(({ rows }) => {
      const { tags: _, ...row } = rows.get(buckets, bucket) as BucketRow; // the estate has it
      rows.put(buckets, bucket, row);
      rows.delete(resourcePolicies, arn);
    });
    expect(found).toEqual({ bucketRegion: 'eu-west-1', tags: {}, publicPolicy: false });
  });

  it.each(['us-east-1', 'eu-central-1'])('reads a bucket that is in %s there', async (region) => {
    expect(await inspected(change({ region }))).toMatchObject({ bucketRegion: region, publicPolicy: true });
  });

  it('finds a deleted bucket absent, and does not look into one of another account', async () => {
    expect(await inspected(({ rows }) => rows.delete(buckets, bucket))).toBeUndefined();
    await expect(inspected(change({ account: development }))).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
