import { parseArn } from '../../model/identifiers.ts';
import type { Asff, AsffResource } from './asff.ts';
import { accessKeyIn } from './security-hub-targets.ts';

type Sequence = NonNullable<NonNullable<Asff['Detection']>['Sequence']>;

/** What GuardDuty calls the resources of a sequence; others are told by their ARN. */
const types: ReadonlyMap<string, string> = new Map([
  ['AwsEc2Instance', 'EC2_INSTANCE'],
  ['AwsEcsCluster', 'ECS_CLUSTER'],
  ['AwsEcsTask', 'ECS_TASK'],
  ['AwsEksCluster', 'EKS_CLUSTER'],
  ['AwsIamAccessKey', 'ACCESS_KEY'],
  ['AwsS3Bucket', 'S3_BUCKET'],
  ['AwsS3Object', 'S3_OBJECT'],
]);

/** Seconds, or milliseconds where seconds would be in a far future. */
const instantOf = (time: number): string | undefined => {
  const at = time < 100_000_000_000 ? time * 1_000 : time;
  return at >= 0 && at < 253_402_300_800_000 ? new Date(at).toISOString() : undefined;
};

function resourceOf(resource: AsffResource): object {
  const { Type, Id, Region, Tags } = resource;
  const { accessKeyId, ...holder } = accessKeyIn(resource);
  const isKey = Type === 'AwsIamAccessKey';
  return {
    uid: isKey ? (accessKeyId ?? Id) : Id,
    accountId: parseArn(Id)?.account || undefined,
    region: Region,
    resourceType: types.get(Type) ?? Type,
    tags: Tags.size > 0 ? [...Tags].map(([key, value]) => ({ key, value })) : undefined,
    ...(isKey && { data: { accessKey: holder } }),
  };
}

/** An attack sequence of GuardDuty as its own event has it, of what its copy in Security Hub tells. */
export function sequenceOf({ Actors, Endpoints, Signals }: Sequence, resources: readonly AsffResource[]): object {
  return {
    actors: Actors.map(({ User: user }) => ({
      user: user && {
        name: user.Name,
        uid: user.Uid,
        type: user.Type,
        credentialUid: user.CredentialUid,
        account: { uid: user.Account?.Uid },
      },
    })),
    endpoints: Endpoints.map(({ Ip: ip, Connection: at }) => ({ ip, connection: { direction: at?.Direction } })),
    signals: Signals.map((one) => ({
      uid: one.Id,
      type: one.Type,
      name: one.Name ?? one.Title,
      severity: one.Severity,
      count: one.Count,
      ...(typeof one.LastSeenAt === 'number' && { lastSeenAt: instantOf(one.LastSeenAt) }),
    })),
    resources: resources.map(resourceOf),
  };
}
