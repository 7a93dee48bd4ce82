import { type Address, parseAddress } from './address.ts';

/** What a pattern compares: only leaves of an event, never its objects and arrays. */
export type Scalar = string | number | boolean | null;

/** One array as it stands in the event. */
export type Members = {
  /** The dotted path of the array, with a dot behind: what begins so lies in it. */
  readonly prefix: string;
  /** The element of the next outer array that holds it. */
  readonly within: Element | undefined;
  /** How many arrays are around its elements. */
  readonly depth: number;
  /** Its elements by position, as far as they were met. */
  readonly elements: Element[];
};

/** An object or array that is a member of an array. Two elements exclude each other when they share `array`. */
export type Element = { readonly array: Members; readonly id: number };

/** A scalar of the event on a path that some pattern uses. */
export type Leaf = {
  /** Number of its path. */
  readonly field: number;
  readonly value: Scalar;
  /** The innermost array element that holds it as part of an object or a nested array; a scalar member itself has none. */
  readonly within: Element | undefined;
  /** The next leaf on the same path. */
  next: Leaf | undefined;
  /** The value read as an IP address: undefined before the first look, null when it is none. */
  address: Address | null | undefined;
};

/** The address that a leaf spells, or null; read once. */
export function addressOf(leaf: Leaf): Address | null {
  if (leaf.address === undefined) {
    leaf.address = (typeof leaf.value === 'string' ? parseAddress(leaf.value) : undefined) ?? null;
  }
  return leaf.address;
}

/** A leaf before anything is known about it. */
export const leafOf = (field: number, value: Scalar, within: Element | undefined): Leaf => ({
  field,
  value,
  within,
  next: undefined,
  address: undefined,
});
