import type { Fleet } from '../config/guards.ts';
import { isObject, type JsonObject, own } from '../model/json.ts';
import { matches } from '../pattern/match.ts';
import { parsePattern } from '../pattern/parse.ts';

/** Instances that do the same work: an Auto Scaling group, a scale set, or what the settings call a fleet. */
export type FleetOf = { readonly id: string; readonly size: number };
/** A fleet and how many others of it are contained. */
export type FleetUse = FleetOf & { readonly contained: number };

/** The fleets that a target is of: the one the inspector read as `target.fleet`, and those of the settings. */
export function fleetsOf(fleets: readonly Fleet[], seen: JsonObject): readonly FleetOf[] {
  const read = own(seen['target'], 'fleet');
  const known = isObject(read) ? [{ id: String(read['id']), size: Number(read['size']) }] : [];
  const named = fleets.filter(({ when }) => matches(parsePattern(when), seen));
  return [...known, ...named.map(({ name, size }) => ({ id: `settings:${name}`, size }))];
}

/** Whether one more would be too many: beyond the share, of which one target is always allowed. */
export const overShare = ({ size, contained }: FleetUse, share: number): boolean =>
  contained + 1 > Math.max(1, Math.floor(size * share));
