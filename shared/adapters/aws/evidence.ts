import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { CordonError, ProviderError } from '../../model/error.ts';
import { canonical, digest, type Json } from '../../model/json.ts';
import type { Evidence } from '../../ports/evidence.ts';
import { storeCall, storeClient } from './store-call.ts';

type Options = {
  readonly bucket: string;
  /** What keys begin with, its slash included. */
  readonly prefix?: string;
  /** What differs from the SDK's own settings: region, endpoint, credentials, transport. */
  readonly client?: S3ClientConfig;
};

const deadlineMilliseconds = 20_000;
const puts = 3;

const refusedWith = (thrown: unknown, code: string): boolean => thrown instanceof ProviderError && thrown.code === code;

/**
 * Evidence as objects that are written once (docs.aws.amazon.com/AmazonS3, "Conditional writes"): S3 itself refuses a
 * second object of the same key, and content that does not have the digest it is named by. How long nobody can delete
 * one is the bucket's own setting: Object Lock with a default retention, see serverless.yml.
 */
export function s3Evidence({ bucket: Bucket, prefix = '', client: config }: Options): Evidence {
  const client = new S3Client({ ...storeClient, ...config });

  async function putOnce(key: string, body: string, left = puts): Promise<void> {
    const command = new PutObjectCommand({
      Bucket,
      Key: prefix + key,
      Body: body,
      ContentType: 'application/json',
      IfNoneMatch: '*',
      ChecksumSHA256: Buffer.from(key, 'hex').toString('base64'),
    });
    try {
      await storeCall(deadlineMilliseconds, (options) => client.send(command, options));
    } catch (thrown) {
      if (refusedWith(thrown, 'PreconditionFailed')) return; // it is there already
      // The same evidence is being put by another: S3 asks to come again, and then it is there.
      if (left > 1 && refusedWith(thrown, 'ConditionalRequestConflict')) return putOnce(key, body, left - 1);
      throw thrown;
    }
  }

  const read = (key: string): Promise<Uint8Array | undefined> =>
    storeCall(deadlineMilliseconds, (options) =>
      unlessAbsent(['NoSuchKey'], async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: prefix + key }), options);
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      }),
    );

  return {
    async put(value) {
      const key = digest(value);
      await putOnce(key, canonical(value));
      return key;
    },
    async get(key) {
      const bytes = await read(key);
      if (!bytes) return undefined;
      if (createHash('sha256').update(bytes).digest('hex') === key) {
        const value: Json = JSON.parse(Buffer.from(bytes).toString()); // what has the digest is what was put
        return value;
      }
      throw new CordonError({
        code: 'evidence-altered',
        message: `evidence ${key} was altered in the store`,
        remedy: `The bucket keeps the earlier versions of ${prefix}${key}; find out who wrote the last one.`,
      });
    },
  };
}
