import { table } from '../rows.ts';

/** The canned access control lists that the sandbox knows (docs.aws.amazon.com/AmazonS3, "Canned ACL"). */
export const cannedAcls = ['private', 'public-read', 'public-read-write', 'authenticated-read'] as const;
export type CannedAcl = (typeof cannedAcls)[number];

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
};
export type ObjectRow = {
  readonly bucket: string;
  readonly key: string;
  /** Text: the sandbox keeps no binary objects. */
  readonly body: string;
  readonly acl: CannedAcl;
  readonly modifiedAt: string;
};

/** Keyed by name, which is unique over all accounts. */
export const buckets = table<BucketRow>('aws.s3.buckets');
/** Keyed by `bucket/key`. */
export const objects = table<ObjectRow>('aws.s3.objects');
