import { type Finding as Known, GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { CordonError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';

type Name = string | undefined;

/** What GuardDuty names as affected or acting, in its own words. */
function namesIn({ Resource = {}, Service }: Known): ReadonlySet<Name> {
  const { AccessKeyDetails: key, InstanceDetails: instance, S3BucketDetails = [] } = Resource;
  const { Actors = [], Resources = [] } = Service?.Detection?.Sequence ?? {};
  return new Set([
    key?.AccessKeyId,
    key?.PrincipalId,
    key?.UserName,
    // The name of a session, which is the instance's where nothing else names it.
    key?.PrincipalId?.split(':')[1],
    instance?.InstanceId,
    ...S3BucketDetails.map(({ Name }) => Name),
    ...Resources.flatMap(({ Uid, Name }) => [Uid, Name]),
    ...Actors.flatMap(({ User }) => [User?.Name, User?.Uid, User?.CredentialUid]),
  ]);
}

/** What an action could be aimed at through this target. */
function namesOf(target: Target): readonly Name[] {
  switch (target.type) {
    case 'aws.iam.access-key':
    case 'aws.iam.user':
      return [target.userName, target.accessKeyId];
    case 'aws.iam.role-session':
      return [target.roleName, target.principalId, target.sessionName, target.accessKeyId, target.instanceId];
    case 'aws.ec2.instance':
      return [target.instanceId];
    case 'aws.s3.bucket':
      return [target.bucket];
    default:
      return []; // no action takes it
  }
}

const namesOfActor = ({ actor }: Finding): readonly Name[] => [
  actor?.userName,
  actor?.accessKeyId,
  actor?.principalId,
  actor?.sessionName,
  actor?.role?.name,
  actor?.instanceId,
];

/** Whether it is the same finding about the same resources and principals: an event could be forged to aim at others. */
function isSame(known: Known, finding: Finding): boolean {
  const aims = finding.resources.filter(({ role }) => role !== 'related').flatMap(namesOf);
  const names = namesIn(known);
  return (
    known.Id === finding.link.findingId &&
    known.Type === finding.type &&
    known.AccountId === finding.account &&
    known.Region === finding.region &&
    [...aims, ...namesOfActor(finding)].every((name) => name === undefined || names.has(name))
  );
}

/** The account and region of the detector, which may be an administrator's; undefined where Cordon has no way into it. */
async function detectorSession(
  session: AwsSession,
  { account, region, link }: Finding,
): Promise<AwsSession | undefined> {
  const { detectorAccount = account, detectorRegion = region } = link;
  try {
    return await session.elsewhere({ account: detectorAccount, region: detectorRegion });
  } catch (thrown) {
    if (thrown instanceof CordonError && thrown.code === 'account-unknown') return undefined;
    throw thrown;
  }
}

/** Reads a finding again where GuardDuty keeps it (docs.aws.amazon.com/guardduty/latest/APIReference, GetFindings). */
export async function confirmGuardDuty(session: AwsSession, finding: Finding): Promise<Confirmation> {
  const { detectorId: DetectorId, findingId } = finding.link;
  if (DetectorId === undefined || findingId === undefined) return 'unknown';
  const home = await detectorSession(session, finding);
  const command = new GetFindingsCommand({ DetectorId, FindingIds: [findingId] });
  // BadRequest: there is no such detector in that account and region.
  const answer = home && (await unlessAbsent(['BadRequest'], () => home.client(GuardDutyClient).send(command)));
  const [known] = answer?.Findings ?? [];
  if (!known) return 'unknown';
  return isSame(known, finding) ? 'same' : 'different';
}
