import { resourcePolicies } from '../../../shared/sandbox/aws/iam-rows.ts';
import { type BucketRow, buckets, objects } from '../../../shared/sandbox/aws/s3-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { change, type EditedPlaybook } from '../../support/foreign-edit.ts';

const bucket = 'northwind-customer-exports';
const arn = `arn:aws:s3:::${bucket}`;
const all = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true };
const row = (one: Sandbox, next: (row: BucketRow) => Partial<BucketRow>): void => change(one, buckets, bucket, next);
const policy = (Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });

/** A bucket that was open to everybody, shut. */
export const edited: EditedPlaybook = {
  playbook: 'public-bucket',
  event: 'guardduty/public-bucket',
  edits: [
    {
      name: 'one flag is taken back',
      make: (one) => row(one, () => ({ publicAccessBlock: { ...all, blockPublicPolicy: false } })),
      moved: [bucket],
      stays: /publicAccessBlock/,
    },
    {
      name: 'three flags are taken back',
      make: (one) =>
        row(one, () => ({
          publicAccessBlock: {
            ...all,
            ignorePublicAcls: false,
            blockPublicPolicy: false,
            restrictPublicBuckets: false,
          },
        })),
      moved: [bucket],
      stays: /publicAccessBlock/,
    },
    {
      name: 'all flags are taken back by hand',
      make: ({ rows }) => {
        const { publicAccessBlock: _, ...rest } = rows.get(buckets, bucket) as BucketRow; // the estate has it
        rows.put(buckets, bucket, rest);
      },
    },
    {
      name: 'the policy is made to name one account',
      make: (one) =>
        change(one, resourcePolicies, arn, () => ({
          document: policy([
            { Effect: 'Allow', Principal: { AWS: '444455556666' }, Action: 's3:GetObject', Resource: `${arn}/*` },
          ]),
        })),
    },
    { name: 'the policy is removed', make: ({ rows }) => rows.delete(resourcePolicies, arn) },
    {
      name: 'a statement is added to the policy',
      make: (one) =>
        change(one, resourcePolicies, arn, ({ document }) => ({
          document: policy([
            ...JSON.parse(document).Statement,
            { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `${arn}/*` },
          ]),
        })),
    },
    {
      name: 'the bucket is tagged',
      make: (one) => row(one, ({ tags }) => ({ tags: { ...tags, purpose: 'website' } })),
    },
    { name: 'its tags are removed', make: (one) => row(one, () => ({ tags: {} })) },
    { name: 'its access control list is changed', make: (one) => row(one, () => ({ acl: 'public-read' })) },
    {
      name: 'access control lists are turned off',
      make: (one) => row(one, () => ({ ownership: 'BucketOwnerEnforced' })),
    },
    {
      name: 'an object is put and another one deleted',
      make: ({ rows, clock }) => {
        for (const [key] of rows.all(objects)) rows.delete(objects, key);
        rows.put(objects, `${bucket}/new`, {
          bucket,
          key: 'new',
          body: 'new',
          acl: 'private',
          modifiedAt: clock.now(),
        });
      },
    },
    {
      name: 'the bucket is deleted, with all that is in it',
      make: ({ rows }) => {
        rows.delete(buckets, bucket);
        rows.delete(resourcePolicies, arn);
        for (const [key] of rows.all(objects)) rows.delete(objects, key);
      },
    },
  ],
};
