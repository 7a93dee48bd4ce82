import type { Catalogue } from '../action/catalogue.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Clouds } from '../ports/clouds.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Records } from '../ports/records.ts';

/** What the run reaches the outside through. */
export type RunDeps = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly clouds: Clouds;
  readonly actions: Catalogue;
  readonly settings: Settings;
};
