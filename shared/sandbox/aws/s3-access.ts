import { type PolicyDocument, parsePolicy, type Statement } from '../../policy/document.ts';
import type { World } from '../world.ts';
import { resourcePolicies } from './iam-rows.ts';
import type { Caller } from './operation.ts';
import { type BucketRow, buckets, type CannedAcl, objects } from './s3-rows.ts';

/** The bucket that an ARN names, or in which the object it names lies. */
export function bucketAt({ rows }: Pick<World, 'rows'>, resource: string): BucketRow | undefined {
  const [, , service, , , path = ''] = resource.split(':');
  return service === 's3' ? rows.lagged.get(buckets, path.split('/')[0] ?? '') : undefined;
}

/** Condition keys that make a grant to everybody a grant to somebody, once they are held against fixed values. */
const narrowing = new Set([
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:principalorgid',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:userid',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
]);
const affirmative = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)$/;

const isFixed = (value: string): boolean => {
  const [address = '', bits] = value.split('/');
  if (bits !== undefined && /^[\d.]+$/.test(address)) return Number(bits) >= 8;
  if (bits !== undefined && /^[\da-f:]+$/i.test(address)) return Number(bits) >= 32;
  return !/[*?]|\$\{/.test(value);
};

const isNarrowed = ({ Condition = {} }: Statement): boolean =>
  Object.entries(Condition).some(
    ([operator, keys]) =>
      affirmative.test(operator) &&
      Object.entries(keys).some(([key, values]) => narrowing.has(key.toLowerCase()) && values.every(isFixed)),
  );

const isPublicStatement = (statement: Statement): boolean =>
  statement.Effect === 'Allow' && statement.Principal?.AWS?.includes('*') === true && !isNarrowed(statement);

/** Whether S3 calls a bucket policy public (docs.aws.amazon.com/AmazonS3, "The meaning of public"). */
export const isPublicPolicy = ({ Statement }: PolicyDocument): boolean => Statement.some(isPublicStatement);

const readBucket = ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'];
const readObject = ['s3:GetObject', 's3:GetObjectVersion'];
/** Everybody with an AWS account, and nobody without one. */
const known = { StringNotEquals: { 'aws:PrincipalType': 'Anonymous' } };

function listAsPolicy(acl: CannedAcl, actions: readonly string[], resource: string): readonly PolicyDocument[] {
  if (acl === 'private') return [];
  const condition = acl === 'authenticated-read' ? { Condition: known } : {};
  return [
    parsePolicy({ Statement: { Effect: 'Allow', Principal: '*', Action: actions, Resource: resource, ...condition } }),
  ];
}

/** What access control lists grant to strangers, as the policies that would grant the same. */
function listsAsPolicies({ rows }: World, bucket: BucketRow, resource: string): readonly PolicyDocument[] {
  if (bucket.ownership === 'BucketOwnerEnforced' || bucket.publicAccessBlock?.ignorePublicAcls) return [];
  const object = rows.lagged.get(objects, resource.split(':').slice(5).join(':'));
  return [
    ...listAsPolicy(bucket.acl, readBucket, bucket.arn),
    ...(bucket.acl === 'public-read-write' ? listAsPolicy(bucket.acl, ['s3:PutObject'], `${bucket.arn}/*`) : []),
    ...(object ? listAsPolicy(object.acl, readObject, resource) : []),
  ];
}

/** A public policy restricted to the bucket's own account: for others only what it denies is left. */
const restricted = (policy: PolicyDocument): PolicyDocument => ({
  ...policy,
  Statement: policy.Statement.filter(({ Effect }) => Effect === 'Deny'),
});

/** Everything that speaks for the bucket itself towards this caller: its policy and its lists, less what Block Public Access takes away. */
export function bucketPolicies(
  world: World,
  bucket: BucketRow,
  { account }: Caller,
  resource: string,
): readonly PolicyDocument[] {
  const text = world.rows.lagged.get(resourcePolicies, bucket.arn)?.document;
  const lists = listsAsPolicies(world, bucket, resource);
  if (text === undefined) return lists;
  const policy = world.policy(text);
  const cut = bucket.publicAccessBlock?.restrictPublicBuckets && account !== bucket.account && isPublicPolicy(policy);
  return [cut ? restricted(policy) : policy, ...lists];
}
