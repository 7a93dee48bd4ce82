import type { Provider } from '../model/finding.ts';
import type { Place } from './clouds.ts';

/** A finding that its provider holds as active; its id is the one that its events have. */
export type ActiveFinding = {
  readonly provider: Provider;
  readonly id: string;
  readonly type: string;
  /** When the provider first told of it. */
  readonly createdAt: string;
};

/** What the providers of a place hold as active. */
export type ActiveFindings = {
  /** Those first told of at or after an instant, samples left out. Throws what the provider's refusal is. */
  since(place: Place, instant: string, signal: AbortSignal): Promise<readonly ActiveFinding[]>;
};
