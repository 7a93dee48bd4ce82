import * as z from 'zod';
import {
  AccessKeyId,
  AwsAccountId,
  AwsRegion,
  formatArn,
  IamName,
  InstanceId,
  parseArn,
} from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';
import { Text } from '../shape.ts';
import { accountTarget, namedResource } from './named-resource.ts';

/** What an event is about: the id of a key, of an instance, an ARN, or any other text. */
export const Entity = z.object({ entityValue: z.string().min(1), status: Text });

/** Where an event says that it plays; what it is about may know better. */
export type Scene = {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** Whose key was found where, in events about one key (`detail.eventMetadata`). */
  readonly found: { readonly publicKey?: string | undefined; readonly userName?: string | undefined };
};

/** The service of an ARN and the first word of its resource, as CloudFormation calls the two. */
const types: ReadonlyMap<string, string> = new Map([
  ['ec2:instance', 'AWS::EC2::Instance'],
  ['ec2:security-group', 'AWS::EC2::SecurityGroup'],
  ['iam:user', 'AWS::IAM::User'],
  ['iam:role', 'AWS::IAM::Role'],
  ['lambda:function', 'AWS::Lambda::Function'],
  ['s3:', 'AWS::S3::Bucket'],
]);

function typeOfArn(id: string): string | undefined {
  const { service, resource = '' } = parseArn(id) ?? {};
  const [kind] = resource.split(/[/:]/);
  return types.get(`${service}:${kind === resource ? '' : kind}`);
}

/** A key alone does not say whose it is. Where the event does not either, inspection finds out. */
function keyOf({ partition, account, found }: Scene, accessKeyId: string): readonly Target[] {
  const userName = found.publicKey === accessKeyId ? IamName.safeParse(found.userName).data : undefined;
  const place = { account, region: '' };
  const key = { type: 'aws.iam.access-key', name: accessKeyId, ...place, role: 'affected', accessKeyId } as const;
  if (userName === undefined) return [{ ...key, id: accessKeyId }];
  const id = formatArn({ partition, service: 'iam', region: '', account, resource: `user/${userName}` });
  return [
    { ...key, id: `${id}#${accessKeyId}`, userName },
    { type: 'aws.iam.user', id, name: userName, ...place, role: 'related', userName, accessKeyId },
  ];
}

/** The targets that one affected entity stands for; the first is what is affected. */
export function targetsOf(scene: Scene, entity: string): readonly Target[] {
  if (AccessKeyId.safeParse(entity).success) return keyOf(scene, entity);
  const { partition, account, region } = scene;
  const place = { partition, account, region, role: 'affected' } as const;
  if (AwsAccountId.safeParse(entity).success) return [accountTarget({ ...place, account: entity })];
  const type = InstanceId.safeParse(entity).success ? 'AWS::EC2::Instance' : (typeOfArn(entity) ?? 'AffectedEntity');
  return [namedResource({ ...place, type, id: entity })];
}

/** The account as a whole, of an event that names nothing in it. */
export const wholeAccount = ({ partition, account }: Scene): readonly Target[] => [
  accountTarget({ partition, account, role: 'affected' }),
];

/** Where events are delivered that are of no region. */
const homes: ReadonlyMap<string, string> = new Map([
  ['aws', 'us-east-1'],
  ['aws-cn', 'cn-northwest-1'],
  ['aws-us-gov', 'us-gov-west-1'],
]);

/** The region that an event is about, which is not where it was delivered: a copy goes to a second region. */
export const regionOf = (partition: string, candidates: readonly (string | undefined)[]): string =>
  candidates.find((region) => AwsRegion.safeParse(region).success) ?? homes.get(partition) ?? '';
