import * as z from 'zod';
import { AwsAccountId, AwsRegion } from '../../model/identifiers.ts';
import { Instant, Text } from '../shape.ts';

const Issuer = z.object({ type: Text, principalId: Text, arn: Text, accountId: Text, userName: Text });

const SessionContext = z.object({
  sessionIssuer: Issuer.nullish(),
  /** `mfaAuthenticated` is "true" or "false", in text. */
  attributes: z.object({ mfaAuthenticated: z.unknown().optional() }).nullish(),
  webIdFederationData: z.object({ federatedProvider: Text }).nullish(),
  /** There only where the credentials came from the metadata service of an instance. */
  ec2RoleDelivery: Text,
});

/** docs.aws.amazon.com/awscloudtrail, "CloudTrail userIdentity element". */
export const UserIdentity = z.object({
  type: Text,
  principalId: Text,
  arn: Text,
  accountId: Text,
  accessKeyId: Text,
  userName: Text,
  invokedBy: Text,
  sessionContext: SessionContext.nullish(),
  /** Of an Identity Center user. */
  onBehalfOf: z.object({ userId: Text }).nullish(),
  /** The AWS resource that the credentials were issued to, as a function. */
  inScopeOf: z.object({ issuerType: Text }).nullish(),
});
export type UserIdentity = z.infer<typeof UserIdentity>;

/** What a call concerned, as the service says; only some do. Old records spell `arn` in lower case. */
const Resource = z
  .object({ ARN: Text, arn: Text, accountId: Text, type: Text })
  .transform(({ ARN, arn, accountId, type }) => ({ arn: ARN ?? arn, accountId, type }));

/**
 * What Cordon needs of `detail` in an EventBridge event of CloudTrail, which is the whole record.
 * docs.aws.amazon.com/awscloudtrail, "CloudTrail record contents". Requests and answers are of the service's own shape.
 */
export const Detail = z.object({
  eventID: z.string().min(1),
  /** The same in the records that two accounts get of one call. */
  sharedEventID: Text,
  eventName: z.string().min(1),
  eventSource: z.string().min(1),
  eventTime: Instant,
  awsRegion: AwsRegion,
  recipientAccountId: Text.pipe(AwsAccountId.optional()),
  userIdentity: UserIdentity.nullish().transform((identity) => identity ?? UserIdentity.parse({})),
  sourceIPAddress: Text,
  userAgent: Text,
  errorCode: Text,
  errorMessage: Text,
  readOnly: z.unknown().optional(),
  requestParameters: z.unknown().optional(),
  responseElements: z.unknown().optional(),
  additionalEventData: z.unknown().optional(),
  serviceEventDetails: z.unknown().optional(),
  resources: z
    .array(Resource)
    .nullish()
    .transform((resources) => resources ?? []),
});
export type Detail = z.infer<typeof Detail>;

/** Services that put the version of their interface behind the name of every call. */
const versioned = /^(lambda|cloudfront)\./;
const version = /20\d\d(_?)\d\d\1\d\d(v\d+)?$/;

/**
 * The plain name of a call: Lambda and CloudFront log `AddPermission20150331v2` and `CreateDistribution2020_05_31`
 * (docs.aws.amazon.com/lambda, "Logging Lambda API calls").
 */
export const operationOf = ({ eventSource, eventName }: Pick<Detail, 'eventSource' | 'eventName'>): string =>
  versioned.test(eventSource) ? eventName.replace(version, '') || eventName : eventName;
