import { type AwsSecurityFinding, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { unlessAbsent } from '../../actions/aws/fault.ts';
import { asNews, readAsff } from '../../ingest/aws/security-hub-finding.ts';
import type { Finding } from '../../model/finding.ts';
import { comparable } from '../../model/identifiers.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { hubKeyOf, readHubFinding } from './report-security-hub.ts';

/** Somebody, or the check itself, has closed it since. */
const closed: readonly Finding['status'][] = ['archived', 'resolved', 'dismissed'];

/** The finding as Security Hub has it now, read by the same rules as its event; undefined where it is none to act on. */
function openFinding(kept: AwsSecurityFinding): Finding | undefined {
  const hub = readAsff(kept, 'GetFindings');
  const reading = 'asff' in hub ? asNews(hub) : hub;
  const [known] = reading.kind === 'findings' ? reading.findings : [];
  return known && !closed.includes(known.status) ? known : undefined;
}

/** What a forged event would have to get right: id, type, account, region and every resource that is acted on. */
function isSame(known: Finding, finding: Finding): boolean {
  const names = new Set(known.resources.map(({ id }) => comparable(id)));
  const aims = finding.resources.filter(({ role }) => role !== 'related');
  return (
    known.provider === finding.provider &&
    known.id === finding.id &&
    known.type === finding.type &&
    known.account === finding.account &&
    known.region === finding.region &&
    aims.every(({ id }) => names.has(comparable(id)))
  );
}

/**
 * Reads a finding again in the Security Hub of its account and region
 * (docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html): an administrator's is a copy of that one.
 */
export async function confirmSecurityHub(session: AwsSession, finding: Finding): Promise<Confirmation> {
  const key = hubKeyOf(finding, session);
  if (!key) return 'unknown';
  // InvalidAccess: Security Hub is not enabled in that account and region
  const kept = await unlessAbsent(['InvalidAccess'], () => readHubFinding(session.client(SecurityHubClient), key));
  if (!kept) return 'unknown';
  const known = openFinding(kept);
  return known && isSame(known, finding) ? 'same' : 'different';
}
