import type { Json } from '../model/json.ts';

/** What the store keeps, each kind a namespace of its own. */
export type Kind =
  | 'run'
  | 'journal'
  | 'containment'
  | 'lease'
  | 'budget'
  | 'approval'
  | 'switch'
  | 'finding'
  | 'hold'
  | 'recheck'
  | 'round'
  | 'outbox'
  | 'thread'
  | 'breaker'
  | 'paused'
  | 'bulk'
  | 'admission'
  | 'pace'
  | 'wake'
  | 'tally'
  | 'quarantined';

export type Draft = {
  readonly kind: Kind;
  /** At most 200 characters of `A-Z a-z 0-9 _ - . :`; longer or freer keys are digested by the caller. */
  readonly id: string;
  /** Under 16 KB as JSON; larger things go to the evidence store. */
  readonly body: Json;
  /** Listed together under this name. */
  readonly group?: string;
  /** ISO instant at which the sweep finds it. */
  readonly due?: string;
};
export type Stored = Draft & { readonly version: number };

/**
 * A store of small items with conditional single-item writes. A list may lag but never omits for ever.
 * A write carries a token of its writer, so that one whose answer was lost is recognised as done.
 */
export type Records = {
  /** False when an item of that kind and id exists and is not this very write. */
  create(draft: Draft): Promise<boolean>;
  read(kind: Kind, id: string): Promise<Stored | undefined>;
  /** False when the stored version is no longer `version`. */
  replace(draft: Draft, version: number): Promise<boolean>;
  /** By group, in the order of ids; the first `limit` of them. */
  list(kind: Kind, group: string, limit?: number): Promise<readonly Stored[]>;
  /** Items due at or before an instant, the earliest first. */
  listDue(kind: Kind, before: string, limit: number): Promise<readonly Stored[]>;
};
