import type { Provider } from '../model/finding.ts';
import type { Place } from './clouds.ts';

/** Who keeps findings that can be compared with those that arrived. Security Hub keeps other products' too. */
export const keepers = { aws: ['guardduty', 'security-hub'], azure: ['defender'] } as const satisfies {
  readonly [C in Place['cloud']]: readonly Provider[];
};
export type Keeper = (typeof keepers)[Place['cloud']][number];

/** A finding that its keeper holds as active; provider and id are those that its events have. */
export type ActiveFinding = {
  readonly provider: Provider;
  readonly id: string;
  readonly type: string;
  /** When the provider first told of it. */
  readonly createdAt: string;
};

/** What a keeper was asked for, and how much of it was read. */
export type ActiveHeld = {
  readonly findings: readonly ActiveFinding[];
  /** False where it had more to tell than is read at once. */
  readonly all: boolean;
};

/** What the keepers of a place hold as active. */
export type ActiveFindings = {
  /** Those first told of at or after `from` and before `to`, samples left out. Throws what the keeper's refusal is. */
  within(
    place: Place,
    keeper: Keeper,
    time: { readonly from: string; readonly to: string },
    signal: AbortSignal,
  ): Promise<ActiveHeld>;
};
