/** An IP address as a number: `number` for IPv4, `bigint` for IPv6, so that the two families never compare as equal. */
export type Address = number | bigint;

/** The `size` addresses from `base` on; the base is a multiple of the size. */
export type Block = { readonly size: Address; readonly base: Address };

const zero = 48;

/** A run of digits up to 255, or -1. */
function octet(text: string, from: number, to: number): number {
  let value = from < to ? 0 : -1;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 255 ? -1 : value;
}

/** Four decimal numbers up to 255; leading zeros stay decimal. Longer than 15 characters is text, as in Event Ruler. */
function parseV4(text: string): number | undefined {
  if (text.length > 15) return undefined;
  let address = 0;
  let from = 0;
  for (let part = 0; part < 4; part++) {
    const dot = part < 3 ? text.indexOf('.', from) : text.length;
    const value = octet(text, from, dot);
    if (value < 0) return undefined;
    address = address * 256 + value;
    from = dot + 1;
  }
  return address;
}

const groupsOf = (half: string): readonly string[] => (half === '' ? [] : half.split(':'));

/** Eight groups of hexadecimal digits, one run of zero groups written as `::`; no zone, no dotted tail. */
function parseV6(text: string): Address | undefined {
  if (!/^[0-9a-fA-F:]+$/.test(text)) return undefined;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  let address = 0n;
  for (const group of [...before, ...Array<string>(missing).fill('0'), ...after]) {
    const value = group === '' ? Number.NaN : Number.parseInt(group, 16);
    if (!(value <= 0xffff)) return undefined;
    address = (address << 16n) | BigInt(value);
  }
  return address >> 32n === 0xffffn ? Number(address & 0xffffffffn) : address; // ::ffff:a01:203 is 10.1.2.3
}

/** The address that a text spells, or undefined when it is not one (a host name, a port, a zone, a block). */
export const parseAddress = (text: string): Address | undefined => (text.includes(':') ? parseV6(text) : parseV4(text));

const sizeOf = (address: Address, bits: number): Address =>
  typeof address === 'number' ? 2 ** (32 - bits) : 1n << BigInt(128 - bits);

/** The first address of the block of this size that holds the address; the size is of the same family. */
export const baseOf = (address: Address, size: Address): Address | undefined => {
  if (typeof address === 'number') return typeof size === 'number' ? address - (address % size) : undefined;
  return typeof size === 'bigint' ? address - (address % size) : undefined;
};

/** A CIDR block, host bits ignored, or in words what is wrong with it. Single addresses (/32, /128) are no blocks. */
export function parseBlock(text: string): Block | string {
  const [base = '', mask, more] = text.split('/');
  if (mask === undefined || more !== undefined) return 'a block is written address/bits';
  const address = parseAddress(base);
  if (address === undefined) return `"${base}" is not an IP address`;
  const most = typeof address === 'number' ? 31 : 127;
  const bits = /^\d{1,3}$/.test(mask) ? Number(mask) : -1;
  if (bits < 0 || bits > most) return `the bits of this block must be a whole number from 0 to ${most}`;
  const size = sizeOf(address, bits);
  return { size, base: baseOf(address, size) ?? address };
}
