import type { Examined } from '../model/examined.ts';

/** Examines the deployment that it is part of, with the identities that it works with; changes nothing. */
export type Examiner = {
  /** What there is to examine, in order: `settings`, `AWS account 111122223333`. */
  parts(): Promise<readonly string[]>;
  /** One part, as far as the time allows; undefined where there is none of that name. */
  examine(part: string, signal: AbortSignal): Promise<readonly Examined[] | undefined>;
};
