import { ArchiveFindingsCommand, GetFindingsCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import type { Finding } from '../../model/finding.ts';
import type { FindingProgress } from '../../model/finding-progress.ts';
import type { Reported } from '../../ports/clouds.ts';
import { reportSecurityHub } from './report-security-hub.ts';

/**
 * Archives a finding where GuardDuty keeps it (docs.aws.amazon.com/guardduty/latest/APIReference/API_ArchiveFindings.html).
 * GuardDuty has no place for a note; its feedback says whether a finding was useful, which is for people to say. A
 * finding that has been seen again since the run began stays where people see it.
 */
async function archive(session: AwsSession, finding: Finding): Promise<Reported> {
  const { detectorId: DetectorId, findingId, detectorAccount, detectorRegion } = finding.link;
  if (DetectorId === undefined || findingId === undefined) return 'gone';
  const home = await session.elsewhere({
    account: detectorAccount ?? finding.account,
    region: detectorRegion ?? finding.region,
  });
  const client = home.client(GuardDutyClient);
  const asked = { DetectorId, FindingIds: [findingId] };
  const { Findings: [known] = [] } = await client.send(new GetFindingsCommand(asked));
  if (!known) return 'gone';
  const again = Date.parse(known.UpdatedAt ?? '') > Date.parse(finding.updatedAt);
  if (known.Service?.Archived || again) return 'left';
  await client.send(new ArchiveFindingsCommand(asked));
  return 'told';
}

/** Tells how far the run of a GuardDuty finding has come: to its copy in Security Hub, and where asked to GuardDuty. */
export async function reportGuardDuty(
  session: AwsSession,
  finding: Finding,
  progress: FindingProgress,
): Promise<Reported> {
  const hub = await reportSecurityHub(session, finding, progress);
  // whoever holds the finding in Security Hub also decides whether it is put away
  if (!progress.archive || hub === 'left') return hub;
  const archived = await archive(session, finding);
  return hub === 'told' ? 'told' : archived;
}
