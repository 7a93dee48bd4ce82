import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { ProviderError } from '../../model/error.ts';
import { asJson, canonical } from '../../model/json.ts';
import type { Anchor } from '../../ports/anchor.ts';
import type { Clock } from '../../ports/clock.ts';
import { storeCall, storeClient } from './store-call.ts';

type Options = {
  /** A bucket with Object Lock, best in an account of its own. */
  readonly bucket: string;
  /** What keys begin with, its slash included. */
  readonly prefix?: string;
  readonly clock: Clock;
  /** For how long nobody can delete an anchor, the account's root user included. */
  readonly keepDays: number;
  /** What differs from the SDK's own settings: region, endpoint, credentials, transport. */
  readonly client?: S3ClientConfig;
};

const deadlineMilliseconds = 20_000;
const dayMilliseconds = 86_400_000;
const isThere = (thrown: unknown): boolean => thrown instanceof ProviderError && thrown.code === 'PreconditionFailed';

/**
 * Anchors as objects of S3, written once and locked in compliance mode
 * (docs.aws.amazon.com/AmazonS3, "Locking objects with Object Lock"). Writing one needs `s3:PutObject` and
 * `s3:PutObjectRetention`, reading them `s3:GetObject` and `s3:ListBucket`.
 */
export function s3Anchor({ bucket: Bucket, prefix = '', clock, keepDays, client: config }: Options): Anchor {
  const client = new S3Client({ ...storeClient, ...config });
  const keyOf = (name: string): string => `${prefix}${name}.json`;
  return {
    async put(name, body) {
      const text = canonical(body);
      const command = new PutObjectCommand({
        Bucket,
        Key: keyOf(name),
        Body: text,
        ContentType: 'application/json',
        IfNoneMatch: '*',
        ChecksumSHA256: createHash('sha256').update(text).digest('base64'),
        ObjectLockMode: 'COMPLIANCE',
        ObjectLockRetainUntilDate: new Date(Date.parse(clock.now()) + keepDays * dayMilliseconds),
      });
      try {
        await storeCall(deadlineMilliseconds, (options) => client.send(command, options));
        return true;
      } catch (thrown) {
        if (isThere(thrown)) return false;
        throw thrown;
      }
    },
    list: () =>
      storeCall(deadlineMilliseconds, async (options) => {
        const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }, options);
        const keys = (await Array.fromAsync(pages)).flatMap(({ Contents = [] }) => Contents.map(({ Key = '' }) => Key));
        return keys
          .filter((key) => key.endsWith('.json'))
          .map((key) => key.slice(prefix.length, -'.json'.length))
          .sort();
      }),
    get: (name) =>
      storeCall(deadlineMilliseconds, (options) =>
        unlessAbsent(['NoSuchKey'], async () => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: keyOf(name) }), options);
          return asJson(JSON.parse((await Body?.transformToString()) ?? 'null'));
        }),
      ),
  };
}
