import type { Known } from './compare.ts';

const seen = '5.2.5';
const refusal = /^\/(status|code|class)$/;

/** What moto lets pass, or answers with another code; the sandbox refuses it with the code that AWS documents. */
const refused = (subject: string, code: string, why: string): Known => ({
  subjects: [subject],
  at: refusal,
  code,
  why,
  seen,
});
const crash = 'moto fails with an error of its own';

const lives: readonly Known[] = [
  {
    subjects: ['aws.iam.quarantine-user'],
    at: /^\/proven$/,
    moto: 'IAM:SimulatePrincipalPolicy is not modelled',
    why: 'moto has no SimulatePrincipalPolicy, which the proof asks',
    seen,
  },
  {
    subjects: ['aws.sso.deny-user-in-permission-sets'],
    at: /^\/ended$/,
    moto: 'SSOAdmin:DescribePermissionSetProvisioningStatus is not modelled',
    why: 'moto has no DescribePermissionSetProvisioningStatus, so that the life ends while it is provisioned',
    seen,
  },
];

const members: readonly Known[] = [
  { subjects: ['iam ListAccessKeys'], at: /IsTruncated/, why: 'moto does not page access keys', seen },
  { subjects: ['iam ListAccessKeys in pages'], at: /^\/sizes/, why: 'moto does not page access keys', seen },
  {
    subjects: ['ec2 DescribeSecurityGroupRules in pages'],
    at: /^\/sizes/,
    why: 'moto does not page security group rules',
    seen,
  },
  {
    subjects: [
      'ec2 DescribeSecurityGroupRules',
      'ec2 AuthorizeSecurityGroupIngress',
      'ec2 AuthorizeSecurityGroupEgress',
    ],
    at: /GroupOwnerId$/,
    why: 'moto does not say whose group a rule is in',
    seen,
  },
  {
    subjects: ['ec2 RevokeSecurityGroupIngress', 'ec2 RevokeSecurityGroupEgress'],
    at: /\/(RevokedSecurityGroupRules|UnknownIpPermissions)/,
    why: 'moto answers a revocation with no more than Return',
    seen,
  },
  {
    subjects: ['ec2 CreateSecurityGroup'],
    at: /\/Tags/,
    why: 'moto does not answer with the tags of a new group',
    seen,
  },
  {
    subjects: ['ec2 DescribeInstances', 'ec2 DescribeInstances by tag'],
    at: /Instances\[\]\.SecurityGroups\[\]/,
    why: 'moto forgets the groups of an instance that was started with interfaces of its own',
    seen,
  },
  {
    subjects: ['ec2 DescribeVolumes'],
    at: /DeleteOnTermination$/,
    why: 'moto does not say whether an attached volume is deleted with its instance',
    seen,
  },
  {
    subjects: ['ec2 DescribeVolumes'],
    at: /Volumes\[\]\.Tags$/,
    why: 'moto leaves out the tags of a volume that has none; the SDK tells both alike as no tags',
    seen,
  },
];

const refusals: readonly Known[] = [
  refused('iam PutUserPolicy that is too long', 'LimitExceededException', 'moto knows no size of inline policies'),
  refused('iam PutRolePolicy on a reserved role', 'UnmodifiableEntityException', 'moto protects no reserved role'),
  refused('sts AssumeRole with a wrong external id', 'AccessDenied', 'moto asks no trust policy'),
  refused('sts AssumeRole of an unknown role', 'AccessDenied', 'moto lets any role be assumed'),
  refused(
    'ec2 ModifyNetworkInterfaceAttribute to an unknown group',
    'InvalidGroup.NotFound',
    'moto does not look the groups up',
  ),
  refused(
    'ec2 ModifyNetworkInterfaceAttribute to a group of another VPC',
    'InvalidParameterValue',
    'moto does not look the groups up',
  ),
  refused('ec2 DescribeSecurityGroups of no id', 'InvalidGroupId.Malformed', 'moto does not look at the form of ids'),
  refused('ec2 DescribeSecurityGroups by an unknown filter', 'InvalidParameterValue', crash),
  refused(
    'ec2 RevokeSecurityGroupIngress of an unknown rule id',
    'InvalidSecurityGroupRuleId.NotFound',
    'moto has one code for unknown rules and unknown ids of rules',
  ),
  refused('ec2 CreateSecurityGroup named like an id', 'InvalidParameterValue', 'moto takes any name'),
  refused('ec2 CreateSecurityGroup in an unknown VPC', 'InvalidVpcID.NotFound', 'moto does not look the VPC up'),
  refused('ec2 DeleteSecurityGroup in use', 'DependencyViolation', 'moto deletes groups that interfaces still have'),
  refused('ec2 DescribeInstances of no id', 'InvalidInstanceID.Malformed', 'moto does not look at the form of ids'),
  refused('ec2 DescribeInstances in too small pages', 'InvalidParameterValue', 'moto takes any page size'),
  refused('ec2 CreateTags on an unknown instance', 'InvalidInstanceID.NotFound', 'moto does not look the instance up'),
  refused('ec2 CreateTags with a reserved key', 'InvalidParameterValue', 'moto takes any key'),
  refused('autoscaling SetInstanceProtection in an unknown group', 'ValidationError', crash),
  refused('autoscaling DetachInstances from an unknown group', 'ValidationError', crash),
  refused('autoscaling DetachInstances of one in no group', 'ValidationError', 'moto does not look at the group'),
  refused(
    'autoscaling AttachInstances of an unknown instance',
    'ValidationError',
    'moto hands the code of EC2 on; Auto Scaling documents none but its own',
  ),
  refused('autoscaling SetDesiredCapacity beyond the maximum', 'ValidationError', crash),
  refused('s3 GetPublicAccessBlock of another owner', 'AccessDenied', 'moto does not look at ExpectedBucketOwner'),
  refused('s3 PutBucketPolicy of no policy', 'MalformedPolicy', 'moto keeps any text'),
];

/** Every difference between moto and the sandbox that is understood. Any other one fails the check. */
export const knownDifferences: readonly Known[] = [...lives, ...members, ...refusals];
