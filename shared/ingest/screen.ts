import type { Finding } from '../model/finding.ts';
import type { Screened } from './source.ts';

const skip = (reason: Extract<Screened, { act: 'skip' }>['reason']): Screened => ({ act: 'skip', reason });
const planOnly = (reason: Extract<Screened, { act: 'plan-only' }>['reason']): Screened => ({
  act: 'plan-only',
  reason,
});

/** How an event came in: `time` is its envelope's, `replayed` when an archive sent it again. */
export type Envelope = { readonly time: string | undefined; readonly replayed: boolean };

/** Stage 3 of the road: what is never acted on, however it is matched; `own` where Cordon did it itself. Pure. */
export function screen(finding: Finding, envelope: Envelope, now: string, maxAgeHours: number, own = false): Screened {
  if (own) return skip('own-change');
  if (finding.snapshot) return skip('snapshot-finding');
  if (finding.status === 'archived' || finding.status === 'resolved' || finding.status === 'dismissed')
    return skip('archived-finding');
  if (finding.sample) return planOnly('sample-finding');
  if (envelope.replayed) return planOnly('replayed-event');
  const ageHours = (Date.parse(now) - Date.parse(envelope.time ?? finding.updatedAt)) / 3_600_000;
  // an age that cannot be told compares as neither: only a known, young one may act
  return ageHours <= maxAgeHours ? { act: 'enforce' } : planOnly('stale-event');
}
