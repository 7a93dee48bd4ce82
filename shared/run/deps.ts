import type { Catalogue } from '../action/catalogue.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Clouds } from '../ports/clouds.ts';
import type { Evidence } from '../ports/evidence.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Publisher } from '../ports/publisher.ts';
import type { Records } from '../ports/records.ts';
import type { Signer } from '../ports/signer.ts';
import type { Starter } from '../ports/starter.ts';

/** What the run reaches the outside through. */
export type RunDeps = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly clouds: Clouds;
  readonly actions: Catalogue;
  readonly settings: Settings;
  /** Starts the runs that were held back when others make room; without it the sweep does. */
  readonly starter?: Starter;
  readonly signer: Signer;
  readonly notifier: Notifier;
  /** Where programs hear how runs end; nowhere when left out. */
  readonly publishers?: readonly Publisher[];
};
