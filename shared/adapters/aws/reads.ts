import type { Provider } from '../../model/finding.ts';
import type { TargetType } from '../../model/target.ts';
import type { Grant, Reads } from '../../policy/grants.ts';

const user: Grant = { allow: 'iam:GetUser', on: 'arn:{partition}:iam::{account}:user/*' };
const role: Grant = { allow: 'iam:GetRole', on: 'arn:{partition}:iam::{account}:role/*' };
const lastAdministrator: Grant = {
  allow: 'iam:ListEntitiesForPolicy',
  on: 'arn:{partition}:iam::aws:policy/AdministratorAccess',
};
const bucket = (...names: readonly string[]): Grant[] =>
  names.map((name) => ({ allow: `s3:${name}`, on: 'arn:{partition}:s3:::{bucket}' }));
/** EC2 and Auto Scaling bound no Describe call to a resource. */
const describe = (...names: readonly string[]): Grant[] => names.map((allow) => ({ allow, on: '*' }));

/** The rights that inspect.ts and what it loads need, by the type of the target. */
const inspect: { readonly [T in TargetType]?: readonly Grant[] } = {
  'aws.ec2.instance': describe(
    'ec2:DescribeInstances',
    'ec2:DescribeNetworkInterfaces',
    'autoscaling:DescribeAutoScalingGroups',
  ),
  'aws.ec2.security-group': describe('ec2:DescribeSecurityGroups', 'ec2:DescribeNetworkInterfaces'),
  'aws.ebs.snapshot': describe('ec2:DescribeSnapshots'),
  'aws.ec2.image': describe('ec2:DescribeImages'),
  'aws.eks.workload': [
    { allow: 'eks:DescribeCluster', on: 'arn:{partition}:eks:{region}:{account}:cluster/{clusterName}' },
  ],
  'aws.iam.access-key': [
    { allow: 'iam:GetAccessKeyLastUsed', on: 'arn:{partition}:iam::{account}:user/*' },
    user,
    lastAdministrator,
  ],
  'aws.iam.user': [user, lastAdministrator],
  'aws.iam.role': [role, lastAdministrator],
  'aws.iam.role-session': [role, lastAdministrator],
  'aws.lambda.function': [
    { allow: 'lambda:ListTags', on: 'arn:{partition}:lambda:{region}:{account}:function:*' },
    { allow: 'iam:GetRole', on: 'arn:{partition}:iam::{account}:role/*' },
  ],
  'aws.rds.instance': [{ allow: 'rds:DescribeDBInstances', on: 'arn:{partition}:rds:{region}:{account}:db:*' }],
  'aws.rds.snapshot': [
    { allow: 'rds:DescribeDBSnapshots', on: 'arn:{partition}:rds:{region}:{account}:snapshot:*' },
    { allow: 'rds:DescribeDBClusterSnapshots', on: 'arn:{partition}:rds:{region}:{account}:cluster-snapshot:*' },
  ],
  'aws.s3.bucket': bucket('GetBucketLocation', 'GetBucketTagging', 'GetBucketPolicyStatus'),
  'aws.s3.object': bucket('GetBucketLocation', 'GetBucketTagging'),
};

/** The rights that confirm.ts and what it loads need, by provider, beside those of the inspection. */
const confirm: { readonly [P in Provider]?: readonly Grant[] } = {
  // AWS bounds it to no detector
  guardduty: [{ allow: 'guardduty:GetFindings', on: '*' }],
  'guardduty-s3': bucket('ListBucketVersions'),
  'security-hub': [
    { allow: 'securityhub:GetFindings', on: 'arn:{partition}:securityhub:{region}:{account}:hub/default' },
  ],
};

/** What the reader reads on AWS beside what the actions declare: the one list that roles and policies are made from. */
export const awsReads: Reads = { inspect, confirm };
