import type { Finding } from '../../model/finding.ts';
import { problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Reading, together } from '../source.ts';
import { Asff, captionOf, closedAs, isSample, regionOf } from './asff.ts';
import { findingOf } from './guardduty.ts';
import { Detail } from './guardduty-detail.ts';
import { guardDutyDetail, leftOver } from './security-hub-guardduty.ts';
import { identityOf } from './security-hub-identity.ts';
import { hubActor, hubTargets } from './security-hub-targets.ts';

function readAlike(finding: Asff): Reading {
  const { Title, Description, Severity, AwsAccountId: account } = finding;
  const identity = identityOf(finding);
  return found({
    cloud: 'aws',
    title: Title ?? identity.type,
    description: Description ?? '',
    severity: captionOf(Severity),
    severityOriginal: Severity.Original ?? Severity.Label ?? Severity.Normalized ?? '',
    status: 'new',
    account,
    region: regionOf(finding),
    createdAt: finding.CreatedAt,
    updatedAt: finding.UpdatedAt,
    lastSeenAt: finding.LastObservedAt,
    count: 1,
    sample: isSample(finding),
    snapshot: false,
    actor: hubActor(finding),
    resources: [...hubTargets(finding)],
    ...identity,
  });
}

const asSent = 'Send the finding as Security Hub delivers it, unchanged.';

/** GuardDuty's own reading of the finding; resources that GuardDuty's form has no place for are shown beside. */
function readGuardDuty(copy: Asff, root: string): Reading {
  const parsed = Detail.safeParse(guardDutyDetail(copy));
  if (!parsed.success) return malformed(problemOf(parsed.error, `${root} of GuardDuty`), asSent);
  const reading = findingOf(parsed.data);
  const beside = leftOver(copy);
  if (reading.kind !== 'findings' || beside.length === 0) return reading;
  const more = hubTargets(copy, beside).map((target) => ({ ...target, role: 'related' as const }));
  return eachOf(reading, (finding) => ({ ...finding, resources: [...finding.resources, ...more] }));
}

/** The same reading with its findings changed. */
export const eachOf = (reading: Reading, change: (finding: Finding) => Finding): Reading =>
  reading.kind === 'findings' ? together(reading.findings.map((finding) => found(change(finding)))) : reading;

/** One finding in ASFF as it stands: what is done about its state is for who reads it. */
export type Hub = { readonly asff: Asff; readonly reading: Reading };

/** Reads one finding in ASFF; `root` is where it stands in the event. */
export function readAsff(value: unknown, root: string): Hub | ReturnType<typeof malformed> {
  const parsed = Asff.safeParse(value);
  if (!parsed.success) return malformed(problemOf(parsed.error, root), asSent);
  const asff = parsed.data;
  return { asff, reading: asff.ProductArn.aws === 'guardduty' ? readGuardDuty(asff, root) : readAlike(asff) };
}

/** Checks that say neither that something is wrong nor that it is right. */
const undecided = ['WARNING', 'NOT_AVAILABLE'];

/**
 * A finding as news: closed where Security Hub or the check says so, so that it also closes earlier versions; left alone
 * where the check could not be made.
 */
export function asNews({ asff, reading }: Hub): Reading {
  const { Compliance, Workflow } = asff;
  const said = Compliance?.Status ?? '';
  const closed = closedAs(asff) ?? (said === 'PASSED' ? 'resolved' : undefined);
  if (closed === undefined && undecided.includes(said))
    return ignored(`The check ended with ${quoted(said)}: it says nothing of the resource.`);
  const status = closed ?? (Workflow?.Status === 'NOTIFIED' ? 'updated' : undefined);
  if (status === undefined) return reading;
  return eachOf(reading, (finding) => (finding.status === 'archived' ? finding : { ...finding, status }));
}
