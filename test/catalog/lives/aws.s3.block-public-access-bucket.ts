import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type BucketRow, buckets } from '../../../shared/sandbox/aws/s3-rows.ts';
import { nobody, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const bucket = 'northwind-customer-exports';

export const life: ActionLife = {
  input: { bucket },
  where: { account: production, region: 'eu-west-1' },
  attack: async (sandbox) => {
    const anybody = new S3Client(nobody(sandbox));
    const answer = await refusal(anybody.send(new GetObjectCommand({ Bucket: bucket, Key: '2026/all.csv' })));
    return answer === undefined;
  },
  edit: ({ rows }) => {
    const row = rows.get(buckets, bucket) as BucketRow; // the estate has it
    const publicAccessBlock = {
      blockPublicAcls: true,
      ignorePublicAcls: true,
      blockPublicPolicy: false,
      restrictPublicBuckets: true,
    };
    rows.put(buckets, bucket, { ...row, publicAccessBlock });
  },
};
