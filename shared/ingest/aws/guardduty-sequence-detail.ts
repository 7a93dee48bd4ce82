import * as z from 'zod';
import { Text } from '../shape.ts';

/** `[{ key, value }]` as a record. */
export const TagList = z
  .array(z.object({ key: z.string(), value: Text }))
  .nullish()
  .transform((tags) => tags && Object.fromEntries(tags.map(({ key, value = '' }) => [key, value])))
  .transform((tags) => tags ?? undefined);

/** Seconds since 1970, or text; anything that is no time is left out. */
const Seen = z.unknown().transform((value) => {
  const at = typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : undefined;
});

const Actor = z.object({
  user: z
    .object({
      name: Text,
      uid: Text,
      type: Text,
      credentialUid: Text,
      account: z.object({ uid: Text }).nullish(),
    })
    .nullish(),
});

const Resource = z.object({
  uid: z.string().min(1),
  name: Text,
  accountId: Text,
  region: Text,
  resourceType: z.string().min(1),
  tags: TagList,
  /** One member, named after the type. */
  data: z.unknown().optional(),
});

const Signal = z.object({
  uid: Text,
  type: Text,
  name: Text,
  severity: z.number().nullish(),
  count: z.int().nonnegative().nullish(),
  lastSeenAt: Seen.optional(),
});

const Endpoint = z.object({ ip: Text, connection: z.object({ direction: Text }).nullish() });

/** What an attack sequence gathers from several signals (docs.aws.amazon.com/guardduty/latest/APIReference/API_Sequence.html). */
export const Sequence = z.object({
  actors: z.array(Actor).nullish(),
  endpoints: z.array(Endpoint).nullish(),
  resources: z.array(Resource).nullish(),
  signals: z.array(Signal).nullish(),
});
export type Sequence = z.infer<typeof Sequence>;
export type SequenceResource = z.infer<typeof Resource>;
export type SequenceActor = z.infer<typeof Actor>;

/** `data` of a resource, by type: what Cordon needs of it. */
export const InstanceData = z.object({
  ec2NetworkInterfaceUids: z.array(z.string()).nullish(),
  IamInstanceProfile: z.object({ arn: Text }).nullish(),
});
export const InterfaceData = z.object({
  publicIp: Text,
  subNetId: Text,
  vpcId: Text,
  privateIpAddresses: z.array(z.object({ privateIpAddress: Text })).nullish(),
  securityGroups: z.array(z.object({ groupId: z.string() })).nullish(),
});
export const KeyData = z.object({ principalId: Text, userName: Text, userType: Text });
export const ObjectData = z.object({ eTag: Text, key: Text, versionId: Text });
export const WorkloadData = z.object({ namespace: Text, type: Text, containerUids: z.array(z.string()).nullish() });
export const TaskData = z.object({ launchType: Text, containerUids: z.array(z.string()).nullish() });
export const ContainerData = z.object({ image: Text });
export const ClusterData = z.object({ vpcId: Text });
