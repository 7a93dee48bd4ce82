import type { Json } from '../model/json.ts';
import { type Address, baseOf } from './address.ts';
import { compile, type File, type Matcher, type Plan } from './compile.ts';
import { begin, gather, holds } from './judge.ts';
import { addressOf, type Leaf } from './leaf.ts';
import type { Pattern } from './parse.ts';
import { beginning } from './prefixes.ts';

type Offer = (plans: readonly Plan[] | undefined) => void;

function lookUpAddress({ addresses, blocks }: File, address: Address, offer: Offer): void {
  offer(addresses.get(address));
  for (const { size, plans } of blocks) offer(plans.get(baseOf(address, size) ?? Number.NaN));
}

function lookUp(file: File, leaf: Leaf, offer: Offer): void {
  const { exact, addresses, prefixes, blocks, present } = file;
  offer(exact.get(leaf.value));
  const address = addresses.size + blocks.length > 0 ? addressOf(leaf) : null;
  if (address !== null) lookUpAddress(file, address, offer);
  if (prefixes.length > 0 && typeof leaf.value === 'string') beginning(prefixes, leaf.value, offer);
  offer(present);
}

/**
 * The ids of the patterns that match an event, in the order of the entries, each once. Throws `InvalidInput` with code
 * `event-too-complex` when the arrays of the event cannot be searched within reason (see `consistent`).
 */
export function matching<T>(matcher: Matcher<T>, event: Json): T[] {
  const run = begin(matcher, event);
  const matched: number[] = [];
  const offer: Offer = (plans) => {
    if (plans === undefined) return;
    for (const plan of plans) {
      if (plan.run === run.number) continue;
      plan.run = run.number;
      if (holds(plan, run)) matched.push(plan.entry);
    }
  };
  for (const leaf of gather(matcher.filed, matcher.filedSlots, run)) {
    const file = matcher.files[leaf.field];
    if (file !== undefined) lookUp(file, leaf, offer);
  }
  offer(matcher.always);
  const ids: T[] = [];
  let last = -1;
  for (const entry of matched.sort((a, b) => a - b)) {
    if (entry !== last) ids.push(matcher.ids[entry] as T); // entries are positions in ids
    last = entry;
  }
  return ids;
}

/** Whether one pattern matches. To ask many events or many patterns, compile once. */
export const matches = (pattern: Pattern, event: Json): boolean =>
  matching(compile([{ id: true, pattern }]), event).length > 0;
