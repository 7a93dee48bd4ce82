import type { Reading } from '../../ingest/source.ts';
import { type Finding, severities } from '../../model/finding.ts';
import { comparable } from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';

export const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

const isOpen = ({ status }: Finding): boolean => status === 'new' || status === 'updated';

/** At least as severe as the event said: who forges an event would say more than the provider does. */
const asSevere = (now: Finding, then: Finding): boolean =>
  severities.indexOf(now.severity) >= severities.indexOf(then.severity);

/**
 * What a forged event would have to get right, where the provider's answer reads as a finding too: id, account and
 * severity, that it is open, and that it names the target in the role it is acted on in.
 */
export function compareAgain(again: Reading, finding: Finding, target: Target): Confirmation {
  if (again.kind === 'malformed') return 'unknown';
  if (again.kind === 'ignored') return 'different';
  const now = again.findings.find(({ account }) => account.toLowerCase() === finding.account.toLowerCase());
  const same =
    now !== undefined &&
    comparable(now.id) === comparable(finding.id) &&
    isOpen(now) &&
    asSevere(now, finding) &&
    now.resources.some(
      ({ type, id, role }) => type === target.type && role === target.role && comparable(id) === comparable(target.id),
    );
  return same ? 'same' : 'different';
}
