import {
  type AwsSecurityFinding,
  type AwsSecurityFindingFilters,
  paginateGetFindings,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { awsCode, awsFault } from '../../actions/aws/fault.ts';
import { asNews, readAsff } from '../../ingest/aws/security-hub-finding.ts';
import type { ActiveFinding, ActiveHeld } from '../../ports/active-findings.ts';
import type { Session } from '../../ports/clouds.ts';

/** GetFindings answers at most so many at once. */
const pageSize = 100;
/** So many are compared of one time; where there are more, most are checks that somebody has just switched on. */
export const mostHubFindings = 3_000;

type Time = { readonly from: string; readonly to: string };

const is = (...values: readonly string[]) => values.map((Value) => ({ Value, Comparison: 'EQUALS' as const }));
const isNot = (Value: string) => [{ Value, Comparison: 'NOT_EQUALS' as const }];

/**
 * Asked for is what was first told of in the time: the checks of Security Hub write `UpdatedAt` anew every few hours, and
 * whoever asked by it would read every check each time. GuardDuty's are asked of GuardDuty.
 */
const filtersFor = (
  { account, region, partition }: Pick<AwsSession, 'account' | 'region' | 'partition'>,
  { from, to }: Time,
): AwsSecurityFindingFilters => ({
  AwsAccountId: is(account), // an administrator's hub holds those of its members too
  Region: is(region), // a Region that others are gathered in holds theirs too
  RecordState: is('ACTIVE'),
  WorkflowStatus: is('NEW', 'NOTIFIED'),
  ProductArn: isNot(`arn:${partition}:securityhub:${region}::product/aws/guardduty`),
  CreatedAt: [{ Start: from, End: to }],
});

/** A finding as its event tells it; nothing where the event would be left alone. */
function activeIn(kept: AwsSecurityFinding, { from, to }: Time): readonly ActiveFinding[] {
  const hub = readAsff(kept, 'GetFindings');
  const reading = 'asff' in hub ? asNews(hub) : hub;
  if (reading.kind !== 'findings') return [];
  return reading.findings
    .filter(({ sample, status }) => !sample && ['new', 'updated'].includes(status))
    .filter(({ createdAt }) => createdAt >= from && createdAt < to)
    .map(({ provider, id, type, createdAt }) => ({ provider, id, type, createdAt }));
}

/**
 * What Security Hub holds as active in the account and region of a session: its own, and what other products than
 * GuardDuty send it (docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html). None where it is not
 * enabled. Throws `ProviderError`.
 */
export async function activeInHub(session: Session, time: Time, abortSignal: AbortSignal): Promise<ActiveHeld> {
  const aws = session as AwsSession; // whoever asks for AWS has opened a session of AWS
  const asked = { Filters: filtersFor(aws, time) };
  const kept: AwsSecurityFinding[] = [];
  const held = (all: boolean): ActiveHeld => ({ findings: kept.flatMap((one) => activeIn(one, time)), all });
  try {
    const pages = paginateGetFindings({ client: aws.client(SecurityHubClient), pageSize }, asked, { abortSignal });
    for await (const { Findings = [], NextToken } of pages) {
      kept.push(...Findings);
      if (kept.length >= mostHubFindings && NextToken !== undefined) return held(false);
    }
  } catch (thrown) {
    if (awsCode(thrown) !== 'InvalidAccess') throw awsFault(thrown);
  }
  return held(true);
}
