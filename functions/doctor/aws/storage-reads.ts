import {
  GetBucketLocationCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { awsFault } from '../../../shared/actions/aws/fault.ts';
import { copyLength } from '../../../shared/actions/aws/s3-quarantine.ts';
import { isDenied } from './asking.ts';
import { nobody, type Read } from './read.ts';

/** On buckets of the account, until one lets it in: S3 tells of one that is not there before it looks at any right. */
const onBucket =
  (make: (client: S3Client, Bucket: string, abortSignal: AbortSignal) => Promise<unknown>): Read =>
  (aws, { buckets }) => {
    if (buckets.length === 0) return undefined;
    return async (signal) => {
      let refusal: unknown;
      for (const bucket of buckets)
        try {
          return await make(aws.client(S3Client), bucket, signal);
        } catch (thrown) {
          if (!isDenied(awsFault(thrown))) throw thrown;
          refusal = thrown;
        }
      throw refusal;
    };
  };

const listAny = onBucket((client, Bucket, abortSignal) =>
  client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal }),
);

/** Lists the quarantine bucket as the action does that keeps copies there; any bucket where the settings name none. */
const listBucket: Read = (aws, things) => {
  const { quarantine } = things;
  if (!quarantine) return listAny(aws, things);
  const { name: bucket, account, region } = quarantine;
  const scanned = { bucket: nobody, key: nobody, eTag: '0'.repeat(32) };
  return async (signal) => {
    const client = (await aws.elsewhere({ region })).client(S3Client);
    return copyLength(client, { bucket, account, region }, scanned, signal);
  };
};

/** Harmless reads of buckets and of what lies in them. */
export const storageReads: Readonly<Record<string, Read>> = {
  's3:ListBucket': listBucket,
  's3:ListBucketVersions': onBucket((client, Bucket, abortSignal) =>
    client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }), { abortSignal }),
  ),
  's3:GetBucketTagging': onBucket((client, Bucket, abortSignal) =>
    client.send(new GetBucketTaggingCommand({ Bucket }), { abortSignal }),
  ),
  's3:GetBucketLocation': onBucket((client, Bucket, abortSignal) =>
    client.send(new GetBucketLocationCommand({ Bucket }), { abortSignal }),
  ),
  's3:GetBucketPolicyStatus': onBucket((client, Bucket, abortSignal) =>
    client.send(new GetBucketPolicyStatusCommand({ Bucket }), { abortSignal }),
  ),
  's3:GetBucketPublicAccessBlock': onBucket((client, Bucket, abortSignal) =>
    client.send(new GetPublicAccessBlockCommand({ Bucket }), { abortSignal }),
  ),
  's3:GetBucketVersioning': onBucket((client, Bucket, abortSignal) =>
    client.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal }),
  ),
  's3:GetObjectTagging': (aws, { object }) =>
    object &&
    ((abortSignal) => {
      const command = new GetObjectTaggingCommand({ Bucket: object.bucket, Key: object.key });
      return aws.client(S3Client).send(command, { abortSignal });
    }),
};
