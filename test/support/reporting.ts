import { grantPrincipal, grantRole } from '../../functions/local/rights.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { FindingProgress } from '../../shared/model/finding-progress.ts';
import type { Clouds, Reported } from '../../shared/ports/clouds.ts';
import { writeBackBound, writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { findings } from '../../shared/sandbox/aws/guardduty-rows.ts';
import {
  type HubFinding,
  type HubFindingDraft,
  hubFindingKey,
  hubFindings,
  putHubFinding,
} from '../../shared/sandbox/aws/securityhub-rows.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { development, production, security, writerPrincipal } from './company.ts';

export const runId = 'abcdefghijklmnopqrstuvwxyz';
const { signal } = new AbortController();

/** What is to be told of a run, with some of it changed. */
export const progress = (changed: Partial<FindingProgress> = {}): FindingProgress => ({
  run: runId,
  playbook: 'leaked-key',
  state: 'in-progress',
  note: `cordon run ${changed.run ?? runId}: Every change was made. Take it back: cordon release`,
  archive: false,
  ...changed,
});

/** Takes every right from the writers but those of writing back. */
export function grantWriteBack(sandbox: Sandbox): void {
  for (const account of [production, development, security])
    grantRole(sandbox, account, 'CordonWriter', writeBackGrants.aws, { partition: 'aws', account });
  grantPrincipal(sandbox, writerPrincipal, writeBackGrants.azure, {});
}

/** Tells a finding's own system as the outbox does: a writer bounded to this one finding. */
export async function told(clouds: Clouds, finding: Finding, what: FindingProgress): Promise<Reported> {
  const { cloud, account, region } = finding;
  const bound = writeBackBound(finding, what, 'aws');
  const session = await clouds.session({ cloud, account, region, rights: 'writer', runId, signal, bound });
  return clouds.report(session, finding, what);
}

const keyOf = ({ link }: Finding): Pick<HubFinding, 'Id' | 'ProductArn'> => ({
  Id: link['findingArn'] ?? '',
  ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty',
});

/** The hub that holds the copy of a finding. */
const hubOf = ({ account, region }: Finding) => ({ account, region });

/** Puts the copy of a GuardDuty finding into Security Hub, as GuardDuty does by itself. */
export const copied = ({ rows }: Sandbox, finding: Finding, changed: Partial<HubFindingDraft> = {}): void =>
  putHubFinding(rows, hubOf(finding), {
    ...keyOf(finding),
    CreatedAt: finding.createdAt,
    UpdatedAt: finding.updatedAt,
    ...changed,
  });

/** The copy as it stands. */
export function copyOf({ rows }: Sandbox, finding: Finding): HubFinding {
  const found = rows.get(hubFindings, hubFindingKey(hubOf(finding), keyOf(finding)));
  if (!found) throw new Error('Security Hub has no copy');
  return found;
}

/** Whether GuardDuty shows the finding as archived. */
export const isArchived = ({ rows }: Sandbox, { link }: Finding): boolean | undefined =>
  rows.get(findings, `${link['detectorId']}/${link['findingId']}`)?.Service?.Archived;

const written = /BatchUpdateFindings|ArchiveFindings|alerts\/\w+\/action/;

/** The calls that wrote into a system of findings, or tried to. */
export const writeBacks = ({ recorder }: Sandbox): readonly RecordedCall[] =>
  recorder.calls.filter(({ operation }) => written.test(operation));
