import { asgGroups } from './asg-groups.ts';
import { asgInstances } from './asg-instances.ts';
import { cloudtrailTrails } from './cloudtrail-trails.ts';
import { configRecorders } from './config-recorders.ts';
import { ec2Images } from './ec2-images.ts';
import { ec2InstanceAttributes } from './ec2-instance-attributes.ts';
import { ec2InstanceProfiles } from './ec2-instance-profiles.ts';
import { ec2Instances } from './ec2-instances.ts';
import { ec2NetworkAcls } from './ec2-network-acls.ts';
import { ec2NetworkInterfaces } from './ec2-network-interfaces.ts';
import { ec2SecurityGroupRules } from './ec2-security-group-rules.ts';
import { ec2SecurityGroups } from './ec2-security-groups.ts';
import { ec2SnapshotSharing } from './ec2-snapshot-sharing.ts';
import { ec2Snapshots } from './ec2-snapshots.ts';
import { ec2TagSets } from './ec2-tags.ts';
import { ec2Volumes } from './ec2-volumes.ts';
import { ec2Vpcs } from './ec2-vpcs.ts';
import { eksNoun } from './eks-clusters.ts';
import { eventBuses } from './event-buses.ts';
import { eventRulesNoun } from './event-rules.ts';
import { guardDutyDetectors } from './guardduty-detectors.ts';
import { guardDuty } from './guardduty-findings.ts';
import { iamGroups } from './iam-groups.ts';
import { iamLoginProfiles } from './iam-login-profiles.ts';
import { iamInstanceProfiles } from './iam-instance-profiles.ts';
import { iamPolicies } from './iam-policies.ts';
import { iamRoles } from './iam-roles.ts';
import { iamUsers } from './iam-users.ts';
import { identityStore } from './identity-store.ts';
import { lambdaFunctions } from './lambda-functions.ts';
import { lambdaPermissions } from './lambda-permissions.ts';
import { lambdaUrls } from './lambda-urls.ts';
import type { AwsNoun } from './noun.ts';
import { rdsInstances } from './rds-instances.ts';
import { rdsSnapshots } from './rds-snapshots.ts';
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
  iamInstanceProfiles,
  iamPolicies,
  iamLoginProfiles,
  securityTokens,
  identityStore,
  identityCenter,
  guardDuty,
  guardDutyDetectors,
  cloudtrailTrails,
  configRecorders,
  securityHub,
  ec2Vpcs,
  ec2NetworkAcls,
  ec2SecurityGroups,
  ec2SecurityGroupRules,
  ec2NetworkInterfaces,
  ec2Instances,
  ec2InstanceAttributes,
  ec2InstanceProfiles,
  ec2Volumes,
  ec2Snapshots,
  ec2SnapshotSharing,
  ec2Images,
  eksNoun,
  ec2TagSets,
  asgGroups,
  asgInstances,
  s3Buckets,
  s3Objects,
  s3ObjectVersions,
  lambdaFunctions,
  lambdaPermissions,
  lambdaUrls,
  rdsInstances,
  rdsSnapshots,
  snsTopics,
  eventBuses,
  eventRulesNoun,
  ssmParameters,
];
