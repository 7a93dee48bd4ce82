import { type Address, parseAddress, parseBlock } from './address.ts';

/** An address or block as its first and last number; the two families never meet. */
export type AddressRange = {
  readonly family: 'IPv4' | 'IPv6';
  readonly first: bigint;
  readonly last: bigint;
  /** Host bits are zero, as clouds want them. */
  readonly aligned: boolean;
};

const familyOf = (address: Address) => (typeof address === 'number' ? 'IPv4' : 'IPv6');

/** The range that `203.0.113.7`, `203.0.113.0/24` or an IPv6 form of these spells; undefined for anything else. */
export function rangeOf(text: string): AddressRange | undefined {
  const [base = '', bits] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const first = BigInt(address);
  const single = family === 'IPv4' ? '32' : '128';
  if (bits === undefined || (bits === single && text === `${base}/${bits}`))
    return { family, first, last: first, aligned: true };
  const block = parseBlock(text);
  if (typeof block === 'string') return undefined;
  const start = BigInt(block.base);
  return { family, first: start, last: start + BigInt(block.size) - 1n, aligned: start === first };
}

export const overlap = (a: AddressRange, b: AddressRange): boolean =>
  a.family === b.family && a.first <= b.last && b.first <= a.last;

/** How many addresses there are in it. */
export const sizeOf = ({ first, last }: AddressRange): bigint => last - first + 1n;
