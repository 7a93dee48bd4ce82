import type { Measured } from '../ports/metrics.ts';
import { endOf, type Failures } from '../run/account.ts';
import type { Received, Taken } from '../run/receive.ts';
import { measure } from './metrics.ts';

/** What was handled before: a run that an earlier delivery opened, or a version that is known. */
const isDuplicate = (one: Received): boolean =>
  one.kind === 'opened' ? !one.fresh : one.kind === 'skipped' && one.reason === 'known-version';

const countBy = (words: readonly string[]): readonly (readonly [string, number])[] =>
  [...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length] as const);

/** What is measured of the events of one invocation; nothing where it had none. */
export function eventMetrics(
  taken: readonly Taken[],
  { failed, deadLettered, oldestAgeSeconds }: Failures & { readonly oldestAgeSeconds: number | null },
): readonly Measured[] {
  const all = taken.flatMap(({ became }) => became);
  const states = taken.map(endOf);
  const findings = taken.map(
    ({ became }) => new Set(became.flatMap((one) => ('finding' in one ? [one.finding] : []))).size,
  );
  const started = all.flatMap((one) => (one.kind === 'opened' && one.fresh ? [one.playbook] : []));
  const skipped = all.flatMap((one) => (one.kind === 'skipped' ? [one.reason] : []));
  const counts = [
    measure('EventsReceived', taken.length),
    measure('EventsIgnored', states.filter((state) => state === 'ignored').length),
    measure('EventsQuarantined', states.filter((state) => state === 'quarantined').length),
    measure('EventsFailed', failed),
    measure('EventsDeadLettered', deadLettered),
    measure(
      'FindingsReceived',
      findings.reduce((sum, count) => sum + count, 0),
    ),
    measure('DuplicatesSuppressed', all.filter(isDuplicate).length),
    ...countBy(started).map(([playbook, count]) => measure('RunsStarted', count, { playbook })),
    ...countBy(skipped).map(([reason, count]) => measure('Skipped', count, { reason })),
  ].filter(({ value }) => value > 0);
  return oldestAgeSeconds === null ? counts : [...counts, measure('OldestEventAgeSeconds', oldestAgeSeconds)];
}
