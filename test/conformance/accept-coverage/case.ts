import type { Severity } from '../../../shared/model/finding.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { defenderEvent } from './defender-events.ts';
import { guardDutyEvent } from './guardduty-events.ts';

/** Whose types they are, as the page's sections say it. */
export const catalogues = { guardduty: 'Amazon GuardDuty', defender: 'Microsoft Defender for Cloud' } as const;
export type Catalogue = keyof typeof catalogues;

/** One alert: a type, how severe it is rated, and the kind of resource it is about. */
export type Case = {
  readonly from: Catalogue;
  /** The vendor's id; where none is published, the title. */
  readonly type: string;
  /** Whether the vendor publishes an id. */
  readonly identified: boolean;
  readonly severity: Severity;
  readonly about: string;
};

/** The alert as its provider sends it, about a resource that Northwind has. */
export const eventOf = (one: Case): JsonObject => (one.from === 'guardduty' ? guardDutyEvent(one) : defenderEvent(one));

/** Kinds of resource by the types that are about them; the first line that fits counts. */
export type Families = readonly (readonly [types: RegExp, kinds: readonly string[]])[];

/** The kinds of resource that a type is about; the usual one first. */
export function kindsOf(families: Families, type: string): readonly string[] {
  const found = families.find(([types]) => types.test(type));
  if (found) return found[1];
  throw new Error(`${type}: no family says what it is about`);
}
