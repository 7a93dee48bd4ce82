import type { Measured } from '../ports/metrics.ts';
import type { Reconciled } from '../run/reconcile.ts';
import { measure } from './metrics.ts';

/** What is measured of the accounts that were compared, for each cloud that has one among them. */
export const reconcileMetrics = (looked: readonly Reconciled[]): readonly Measured[] =>
  [...Map.groupBy(looked, ({ cloud }) => cloud)].flatMap(([cloud, of]) => [
    measure(
      'FindingsMissed',
      of.reduce((sum, { missed }) => sum + missed.length, 0),
      { cloud },
    ),
    measure('ReconciliationFailed', of.filter(({ problems }) => problems.length > 0).length, { cloud }),
  ]);
