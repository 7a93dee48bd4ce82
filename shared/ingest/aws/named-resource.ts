import {
  AwsAccountId,
  BucketName,
  formatArn,
  IamName,
  InstanceId,
  parseArn,
  SecurityGroupId,
} from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';

/** Where a resource is, as the event that names it says; the role that it plays there. */
export type Named = {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly role: Target['role'];
  /** As CloudFormation calls it: `AWS::S3::Bucket`. */
  readonly type: string;
  /** Its ARN, its name or its id, whichever the event has. */
  readonly id: string;
};

type Parts = {
  readonly named: Named;
  /** What follows the account in an ARN, or the whole id where it is none. */
  readonly resource: string;
  /** What follows the last `/` or `:`. */
  readonly last: string;
  readonly isArn: boolean;
};

type Maker = (parts: Parts) => Target | undefined;

/** Names and ids without a path, as they stand at the end of an ARN. */
const plain = /^[\w.-]{1,255}$/;
const volume = /^vol-[0-9a-f]{8,17}$/;
const snapshot = /^snap-[0-9a-f]{8,17}$/;
const image = /^ami-[0-9a-f]{8,17}$/;

const fits = (schema: { safeParse(text: string): { success: boolean } }, text: string): boolean =>
  schema.safeParse(text).success;

const common = ({ account, region, role }: Named, id: string, name: string) => ({ id, name, account, region, role });
/** IAM is the same in every region; names are unique in an account, whatever path stands before them. */
const global = (named: Named, kind: string, name: string) => {
  const { partition, account } = named;
  const id = formatArn({ partition, service: 'iam', region: '', account, resource: `${kind}/${name}` });
  return common({ ...named, region: '' }, id, name);
};
const regional = (named: Named, service: string, resource: string, name: string) => {
  const { partition, account, region } = named;
  return common(named, formatArn({ partition, service, region, account, resource }), name);
};
/** Images and snapshots have no account in their ARN. */
const shared = (named: Named, kind: string, id: string) => {
  const { partition, region } = named;
  return common(named, formatArn({ partition, service: 'ec2', region, account: '', resource: `${kind}/${id}` }), id);
};

/** Automated snapshots have a colon in their name, and cannot be shared. */
const databaseSnapshot = (named: Named, id: string, ofCluster: boolean): Target | undefined =>
  plain.test(id)
    ? {
        type: 'aws.rds.snapshot',
        ...regional(named, 'rds', `${ofCluster ? 'cluster-snapshot' : 'snapshot'}:${id}`, id),
        snapshotIdentifier: id,
        ofCluster,
      }
    : undefined;

/** How each type becomes a target; undefined where the id is not of the form that names one. */
const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  [
    'AWS::S3::Bucket',
    ({ named, last: bucket, resource }) =>
      fits(BucketName, bucket) && resource === bucket
        ? { type: 'aws.s3.bucket', ...common(named, `arn:${named.partition}:s3:::${bucket}`, bucket), bucket }
        : undefined,
  ],
  [
    'AWS::EC2::SecurityGroup',
    ({ named, last: groupId }) =>
      fits(SecurityGroupId, groupId)
        ? { type: 'aws.ec2.security-group', ...regional(named, 'ec2', `security-group/${groupId}`, groupId), groupId }
        : undefined,
  ],
  [
    'AWS::EC2::Instance',
    ({ named, last: instanceId }) =>
      fits(InstanceId, instanceId)
        ? {
            type: 'aws.ec2.instance',
            ...regional(named, 'ec2', `instance/${instanceId}`, instanceId),
            instanceId,
            interfaces: [],
          }
        : undefined,
  ],
  [
    'AWS::EC2::Volume',
    ({ named, last: volumeId }) =>
      volume.test(volumeId)
        ? { type: 'aws.ebs.volume', ...regional(named, 'ec2', `volume/${volumeId}`, volumeId), volumeId }
        : undefined,
  ],
  [
    'AWS::EC2::Snapshot',
    ({ named, last: snapshotId }) =>
      snapshot.test(snapshotId)
        ? { type: 'aws.ebs.snapshot', ...shared(named, 'snapshot', snapshotId), snapshotId }
        : undefined,
  ],
  [
    'AWS::EC2::Image',
    ({ named, last: imageId }) =>
      image.test(imageId) ? { type: 'aws.ec2.image', ...shared(named, 'image', imageId), imageId } : undefined,
  ],
  // Config knows users and roles by AIDA… and AROA…, which say no name: only an ARN does
  [
    'AWS::IAM::User',
    ({ named, last: userName, isArn }) =>
      isArn && fits(IamName, userName)
        ? { type: 'aws.iam.user', ...global(named, 'user', userName), userName }
        : undefined,
  ],
  [
    'AWS::IAM::Role',
    ({ named, last: roleName, isArn }) =>
      isArn && fits(IamName, roleName)
        ? { type: 'aws.iam.role', ...global(named, 'role', roleName), roleName }
        : undefined,
  ],
  [
    'AWS::Lambda::Function',
    ({ named, resource }) => {
      // function:name, or function:name:version
      const functionName = resource.replace(/^function:/, '').replace(/:[\w$-]+$/, '');
      return plain.test(functionName)
        ? {
            type: 'aws.lambda.function',
            ...regional(named, 'lambda', `function:${functionName}`, functionName),
            functionName,
          }
        : undefined;
    },
  ],
  [
    'AWS::RDS::DBInstance',
    // Config knows them by db-…, which is no identifier: only an ARN has that
    ({ named, last: instanceIdentifier, isArn }) =>
      isArn && plain.test(instanceIdentifier)
        ? {
            type: 'aws.rds.instance',
            ...regional(named, 'rds', `db:${instanceIdentifier}`, instanceIdentifier),
            instanceIdentifier,
          }
        : undefined,
  ],
  ['AWS::RDS::DBSnapshot', ({ named, resource }) => databaseSnapshot(named, resource.replace(/^snapshot:/, ''), false)],
  [
    'AWS::RDS::DBClusterSnapshot',
    ({ named, resource }) => databaseSnapshot(named, resource.replace(/^cluster-snapshot:/, ''), true),
  ],
  [
    'AWS::EKS::Cluster',
    ({ named, last: clusterName }) =>
      plain.test(clusterName)
        ? { type: 'aws.eks.cluster', ...regional(named, 'eks', `cluster/${clusterName}`, clusterName), clusterName }
        : undefined,
  ],
  [
    'AWS::ECS::Cluster',
    ({ named, last: clusterName }) =>
      plain.test(clusterName)
        ? { type: 'aws.ecs.cluster', ...regional(named, 'ecs', `cluster/${clusterName}`, clusterName), clusterName }
        : undefined,
  ],
  [
    'AWS::CloudTrail::Trail',
    ({ named, last: trailName }) =>
      plain.test(trailName)
        ? {
            type: 'aws.cloudtrail.trail',
            ...regional(named, 'cloudtrail', `trail/${trailName}`, trailName),
            trailName,
          }
        : undefined,
  ],
  [
    'AWS::GuardDuty::Detector',
    ({ named, last: detectorId }) =>
      plain.test(detectorId)
        ? {
            type: 'aws.guardduty.detector',
            ...regional(named, 'guardduty', `detector/${detectorId}`, detectorId),
            detectorId,
            features: [],
          }
        : undefined,
  ],
  [
    'AWS::Config::ConfigurationRecorder',
    ({ named, last: recorderName }) =>
      plain.test(recorderName)
        ? {
            type: 'aws.config.recorder',
            ...regional(named, 'config', `configuration-recorder/${recorderName}`, recorderName),
            recorderName,
          }
        : undefined,
  ],
  [
    'AWS::::Account',
    ({ named, last: account }) => (fits(AwsAccountId, account) ? accountTarget({ ...named, account }) : undefined),
  ],
]);

/** An account as a whole. */
export const accountTarget = ({ partition, account, role }: Omit<Named, 'type' | 'id' | 'region'>): Target => ({
  type: 'aws.account',
  id: formatArn({ partition, service: 'iam', region: '', account, resource: 'root' }),
  name: account,
  account,
  region: '',
  role,
});

/**
 * A resource by what Config, Access Analyzer and others call it, as a target; `other` where no target has its form. An
 * ARN knows its own account and region best.
 */
export function namedResource(given: Named): Target {
  const arn = parseArn(given.id);
  const partition = arn?.partition ?? given.partition;
  const named: Named = {
    ...given,
    partition,
    account: arn?.account || given.account,
    region: arn?.region || given.region,
  };
  const resource = arn?.resource ?? given.id;
  const last = resource.slice(Math.max(resource.lastIndexOf('/'), resource.lastIndexOf(':')) + 1);
  const known = makers.get(given.type)?.({ named, resource, last, isArn: arn !== undefined });
  return known ?? { type: 'other', ...common(named, given.id, last || given.id), kind: given.type };
}
