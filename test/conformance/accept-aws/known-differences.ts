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
const stranger = 'moto answers with the code of something else';

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

const unlived: readonly Known[] = [
  {
    subjects: ['aws.eks.isolate-pod'],
    at: /^\/ended$/,
    moto: 'moto has no Kubernetes API server',
    why: 'moto has no Kubernetes API server: the life ends once DescribeCluster has said where it is',
    seen,
  },
  {
    subjects: [
      'facts of aws.eks.workload kube-system/coredns-6f4d',
      'facts of aws.eks.workload shop/checkout-7d9f8c6b5-x2x4z',
    ],
    at: /^\/(failed|hostNetwork|ownerKind|ownerName|serviceAccount)$/,
    why: 'moto has no Kubernetes API server, which knows the pods',
    seen,
  },
  {
    subjects: ['aws.lambda.lock-function-url'],
    at: /^\/ended$/,
    moto: 'Lambda:ListFunctionUrlConfigs is not modelled',
    why: 'moto has no ListFunctionUrlConfigs: its URLs are compared by the probes alone',
    seen,
  },
  {
    subjects: ['aws.lambda.throttle-to-zero'],
    at: /^\/ended$/,
    moto: 'Lambda:ListProvisionedConcurrencyConfigs is not modelled',
    why: 'moto has no provisioned concurrency: what is reserved is compared by the probes alone',
    seen,
  },
  {
    subjects: ['aws.lambda.remove-public-permission'],
    at: /^\/(captured\/invoices(:live)?\/(open|open-too|partner|url)\/|ended$)/,
    why: 'moto writes conditions of a statement beside them, as another tool would, so that the action leaves it and says so; an alias has no policy of its own there',
    seen,
  },
  {
    subjects: ['aws.ec2.unshare-snapshot'],
    at: /^\/(contained|planned again|taken back)/,
    why: 'moto reads the older form of ModifySnapshotAttribute alone (OperationType), and takes nothing out by the other',
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

const further: readonly Known[] = [
  {
    subjects: ['lambda GetPolicy', 'aws.lambda.remove-public-permission of one statement'],
    at: /^(\/(captured|contained|released)\/resize-images)?\/pipeline\//,
    why: 'moto writes a principal of IAM as it was given; Lambda writes it as { AWS: … }',
    seen,
  },
  {
    subjects: ['lambda AddPermission'],
    at: /^\/status$/,
    why: 'moto answers AddPermission with 200; Lambda documents 201',
    seen,
  },
  {
    subjects: ['rds DescribeDBInstances', 'rds ModifyDBInstance'],
    at: /PendingModifiedValues/,
    why: 'moto keeps no change that waits for the maintenance window',
    seen,
  },
  {
    subjects: ['eks DescribeCluster'],
    at: /(accessConfig|resourcesVpcConfig\.)/,
    why: 'moto tells of a cluster’s network what it was given, and nothing of who is let in; no action reads either',
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
  refused('ec2 DescribeNetworkAcls of an unknown id', 'InvalidNetworkAclID.NotFound', stranger),
  refused('ec2 DeleteNetworkAclEntry of an unknown rule', 'InvalidNetworkAclEntry.NotFound', crash),
  refused(
    'ec2 AssociateIamInstanceProfile of an unknown profile',
    'InvalidParameterValue',
    'moto hands the code of IAM on',
  ),
  refused('ec2 DescribeImageAttribute of an unknown image', 'InvalidAMIID.NotFound', crash),
  refused('lambda AddPermission twice', 'ResourceConflictException', 'moto adds a second statement of the same id'),
  refused(
    'lambda GetPolicy of what was removed',
    'ResourceNotFoundException',
    'moto keeps a policy without statements; the action reads both alike',
  ),
  refused('lambda CreateFunctionUrlConfig twice', 'ResourceConflictException', 'moto puts a second URL over the first'),
  refused('lambda UpdateFunctionUrlConfig of none', 'ResourceNotFoundException', crash),
  refused('guardduty CreateDetector beside another', 'BadRequestException', 'moto makes any number of detectors'),
  refused('s3 GetPublicAccessBlock of another owner', 'AccessDenied', 'moto does not look at ExpectedBucketOwner'),
  refused('s3 PutBucketPolicy of no policy', 'MalformedPolicy', 'moto keeps any text'),
];

/** Every difference between moto and the sandbox that is understood. Any other one fails the check. */
export const knownDifferences: readonly Known[] = [...lives, ...unlived, ...members, ...further, ...refusals];
