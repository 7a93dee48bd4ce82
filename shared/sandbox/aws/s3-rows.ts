import { table } from '../rows.ts';

/** The canned access control lists that the sandbox knows (docs.aws.amazon.com/AmazonS3, "Canned ACL"). */
export const cannedAcls = ['private', 'public-read', 'public-read-write', 'authenticated-read'] as const;
export type CannedAcl = (typeof cannedAcls)[number];

export const versionings = ['Enabled', 'Suspended'] as const;

export const ownerships = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'] as const;

/** The four flags of S3 Block Public Access on one bucket. */
export type PublicAccessBlock = {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
};
/** Its policy is a row of `resourcePolicies` under its ARN, its objects are rows of `objects`. */
export type BucketRow = {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: string;
  /** Left out where no tag set was ever put. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Left out where there is no configuration. */
  readonly publicAccessBlock?: PublicAccessBlock;
  /** With `BucketOwnerEnforced` no access control list counts. */
  readonly ownership: (typeof ownerships)[number];
  readonly acl: CannedAcl;
  /** Left out where versioning was never turned on. */
  readonly versioning?: (typeof versionings)[number];
};
export type ObjectRow = {
  readonly bucket: string;
  readonly key: string;
  /** Text: the sandbox keeps no binary objects. */
  readonly body: string;
  readonly acl: CannedAcl;
  readonly modifiedAt: string;
  /** Left out where the bucket keeps no versions: S3 then calls it `null`. */
  readonly versionId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Where it is not the MD5 of the body, as for an object that was uploaded in parts; without quotes. */
  readonly eTag?: string;
};
/** A delete marker: what a version is where there is nothing to read. */
export type MarkerRow = { readonly versionId: string; readonly marker: true; readonly modifiedAt: string };

/** Keyed by name, which is unique over all accounts. */
export const buckets = table<BucketRow>('aws.s3.buckets');
/** What a plain read finds. Keyed by `bucket/key`. */
export const objects = table<ObjectRow>('aws.s3.objects');
/** The versions below the current object, or below nothing where a delete marker is the newest; newest first. Keyed by `bucket/key`. */
export const histories = table<readonly (ObjectRow | MarkerRow)[]>('aws.s3.histories');
