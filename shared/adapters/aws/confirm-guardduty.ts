import { GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import type { Finding } from '../../model/finding.ts';
import type { Confirmation } from '../../ports/clouds.ts';

/**
 * Reads a finding again where GuardDuty keeps it (docs.aws.amazon.com/guardduty, GetFindings) and compares what a
 * forged event would have to get right: id, type, account and the kind of resource with its name.
 */
export async function confirmGuardDuty(session: AwsSession, finding: Finding): Promise<Confirmation> {
  const { detectorId: DetectorId, region = finding.region } = finding.link;
  if (DetectorId === undefined) return 'unknown';
  const home = await session.elsewhere({ region });
  const command = new GetFindingsCommand({
    DetectorId,
    FindingIds: [finding.id.slice(finding.id.lastIndexOf('/') + 1)],
  });
  const answer = await unlessAbsent(['BadRequest'], () => home.client(GuardDutyClient).send(command));
  const [known] = answer?.Findings ?? [];
  if (!known) return 'unknown';
  const { AccessKeyDetails, InstanceDetails, S3BucketDetails = [] } = known.Resource ?? {};
  const named = [
    AccessKeyDetails?.AccessKeyId,
    InstanceDetails?.InstanceId,
    ...S3BucketDetails.map(({ Name }) => Name),
  ];
  const wanted = finding.resources.filter(({ role }) => role === 'affected').map(({ id }) => id);
  const knows = (id: string) => named.some((name) => name !== undefined && name !== '' && id.endsWith(name));
  const sameResource = wanted.every((id) => knows(id) || AccessKeyDetails?.PrincipalId !== undefined);
  return known.Type === finding.type && known.AccountId === finding.account && sameResource ? 'same' : 'different';
}
