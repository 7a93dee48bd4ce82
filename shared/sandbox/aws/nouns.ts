import { asgGroups } from './asg-groups.ts';
import { asgInstances } from './asg-instances.ts';
import { ec2InstanceAttributes } from './ec2-instance-attributes.ts';
import { ec2Instances } from './ec2-instances.ts';
import { ec2NetworkInterfaces } from './ec2-network-interfaces.ts';
import { ec2SecurityGroupRules } from './ec2-security-group-rules.ts';
import { ec2SecurityGroups } from './ec2-security-groups.ts';
import { ec2Snapshots } from './ec2-snapshots.ts';
import { ec2TagSets } from './ec2-tags.ts';
import { ec2Volumes } from './ec2-volumes.ts';
import { ec2Vpcs } from './ec2-vpcs.ts';
import { eventBuses } from './event-buses.ts';
import { guardDuty } from './guardduty-findings.ts';
import { iamGroups } from './iam-groups.ts';
import { iamPolicies } from './iam-policies.ts';
import { iamRoles } from './iam-roles.ts';
import { iamUsers } from './iam-users.ts';
import { identityStore } from './identity-store.ts';
import type { AwsNoun } from './noun.ts';
import { s3Buckets } from './s3-buckets.ts';
import { s3ObjectVersions } from './s3-object-versions.ts';
import { s3Objects } from './s3-objects.ts';
import { securityHub } from './securityhub-findings.ts';
import { snsTopics } from './sns-topics.ts';
import { ssmParameters } from './ssm-parameters.ts';
import { identityCenter } from './sso-permission-sets.ts';
import { securityTokens } from './sts.ts';

/** Everything the simulated AWS is made of. */
export const awsNouns: readonly AwsNoun[] = [
  iamUsers,
  iamRoles,
  iamGroups,
  iamPolicies,
  securityTokens,
  identityStore,
  identityCenter,
  guardDuty,
  securityHub,
  ec2Vpcs,
  ec2SecurityGroups,
  ec2SecurityGroupRules,
  ec2NetworkInterfaces,
  ec2Instances,
  ec2InstanceAttributes,
  ec2Volumes,
  ec2Snapshots,
  ec2TagSets,
  asgGroups,
  asgInstances,
  s3Buckets,
  s3Objects,
  s3ObjectVersions,
  snsTopics,
  eventBuses,
  ssmParameters,
];
