import * as z from 'zod';
import { AwsAccountId, AwsPartition, AwsRegion, parseArn } from '../../model/identifiers.ts';
import { Instant, OptionalInstant, Text } from '../shape.ts';
import { Sequence, TagList } from './guardduty-sequence-detail.ts';

const RemoteIp = z.object({ ipAddressV4: Text, ipAddressV6: Text }).nullish();
const fromRemote = z.object({ remoteIpDetails: RemoteIp }).nullish();

const Action = z.object({
  awsApiCallAction: z
    .object({
      remoteIpDetails: RemoteIp,
      remoteAccountDetails: z.object({ accountId: Text }).nullish(),
      /** By CloudFormation's name of their type: `{ 'AWS::CloudTrail::Trail': 'arn:…' }`. */
      affectedResources: z.unknown().optional(),
    })
    .nullish(),
  networkConnectionAction: z.object({ connectionDirection: Text, remoteIpDetails: RemoteIp }).nullish(),
  portProbeAction: z.object({ portProbeDetails: z.array(z.object({ remoteIpDetails: RemoteIp })).nullish() }).nullish(),
  kubernetesApiCallAction: z.object({ remoteIpDetails: RemoteIp, sourceIPs: z.array(z.string()).nullish() }).nullish(),
  rdsLoginAttemptAction: fromRemote,
});

const NetworkInterface = z.object({
  networkInterfaceId: Text,
  subnetId: Text,
  vpcId: Text,
  privateIpAddress: Text,
  publicIp: Text,
  securityGroups: z.array(z.object({ groupId: z.string() })).nullish(),
});

export const InstanceDetails = z.object({
  instanceId: z.string().min(1),
  imageId: Text,
  iamInstanceProfile: z.object({ arn: Text }).nullish(),
  networkInterfaces: z.array(NetworkInterface).nullish(),
  tags: TagList,
});

export const AccessKeyDetails = z.object({ accessKeyId: Text, principalId: Text, userType: Text, userName: Text });

export const BucketDetails = z.object({
  name: z.string().min(1),
  arn: Text,
  tags: TagList,
  s3ObjectDetails: z.array(z.object({ objectArn: Text, key: Text, eTag: Text, hash: Text, versionId: Text })).nullish(),
});

/** Unknown members are kept: a resource of a new kind is shown to people rather than dropped. */
const Resource = z.looseObject({
  resourceType: Text,
  accessKeyDetails: AccessKeyDetails.nullish(),
  instanceDetails: InstanceDetails.nullish(),
  s3BucketDetails: z.array(BucketDetails).nullish(),
  lambdaDetails: z.looseObject({ role: Text }).nullish(),
});

const Service = z.object({
  action: Action.nullish(),
  archived: z.boolean().nullish(),
  count: z.int().nonnegative().nullish(),
  resourceRole: Text,
  eventLastSeen: OptionalInstant,
  /** Free form: `{ sample: true }`, or `{ value: '{"sample":true}' }` with JSON in text. */
  additionalInfo: z.unknown().optional(),
  detection: z.object({ sequence: Sequence.nullish() }).nullish(),
});

/** `arn:…:guardduty:region:account:detector/id/finding/id`, as what GetFindings asks for. */
const FindingArn = z.string().transform((arn, context) => {
  const { service, region = '', account = '', resource = '' } = parseArn(arn) ?? {};
  const [detector, detectorId, finding, findingId, ...more] = resource.split('/');
  // Both ids go into the path of a request: `..` would lead it elsewhere.
  const plain = [detectorId, findingId].every((id) => id !== undefined && /^[\w-]+$/.test(id));
  if (service === 'guardduty' && detector === 'detector' && finding === 'finding' && detectorId && plain)
    if (more.length === 0) return { arn, region, account, detectorId };
  context.issues.push({ code: 'custom', message: 'not the ARN of a GuardDuty finding', input: arn });
  return z.NEVER;
});

/**
 * What Cordon needs of `detail` in an EventBridge event of GuardDuty.
 * docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html, in the camelCase of the wire.
 */
export const Detail = z.object({
  id: z.string().min(1),
  arn: FindingArn,
  accountId: AwsAccountId,
  region: AwsRegion,
  partition: AwsPartition.default('aws'),
  type: z.string().min(1),
  title: Text,
  description: Text,
  severity: z.number(),
  createdAt: Instant,
  updatedAt: Instant,
  resource: Resource,
  service: Service.nullish().transform((service) => service ?? Service.parse({})),
});
export type Detail = z.infer<typeof Detail>;
export type AccessKeyDetails = z.infer<typeof AccessKeyDetails>;
export type InstanceDetails = z.infer<typeof InstanceDetails>;
export type BucketDetails = z.infer<typeof BucketDetails>;
