import { BlockList, isIP } from 'node:net';
import { InvalidInput } from '../../model/error.ts';

/** One address that a name stands for. */
export type Address = { readonly address: string; readonly family: 4 | 6 };

/** Not on the public Internet, or a cloud's own (IANA special-purpose registries; Azure's wire server). */
const closed: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within 2000::/3, the only part of IPv6 that is public: Teredo and its like, documentation, 6to4. */
const closed6: readonly (readonly [net: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const listOf = (nets: readonly (readonly [net: string, prefix: number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
};
const closed4List = listOf(closed, 'ipv4');
const closed6List = listOf(closed6, 'ipv6');
const open6List = listOf([['2000::', 3]], 'ipv6');
const loopbackList = listOf([['127.0.0.0', 8]], 'ipv4');

/** Whether an address may be anybody's on the public Internet. What is no address is not. */
export function isPublic({ address, family }: Address): boolean {
  if (isIP(address) !== family) return false;
  return family === 4
    ? !closed4List.check(address, 'ipv4')
    : open6List.check(address, 'ipv6') && !closed6List.check(address, 'ipv6');
}

/** Whether an address is this machine itself; for tests, which say so. */
export const isLoopback = ({ address, family }: Address): boolean =>
  family === 4 ? loopbackList.check(address, 'ipv4') : address === '::1';

const inner = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private|arpa|onion|test|invalid)$/;

const refuse = (problem: string) =>
  new InvalidInput({
    code: 'address-refused',
    message: `the address ${problem}`,
    remedy: 'Give an https:// address with a public host name.',
    retryable: true, // somebody may correct it yet
  });

/**
 * An address of the public Internet by what is written: https, a full host name that is no number in any disguise, no
 * name and password. Throws `InvalidInput` that quotes none of it, as an address can be a secret. What the name stands
 * for is checked when it is resolved.
 */
export function publicUrl(text: string): URL {
  if (!URL.canParse(text)) throw refuse('cannot be read');
  const url = new URL(text);
  const host = url.hostname.replace(/\.$/, '').toLowerCase();
  if (url.protocol !== 'https:') throw refuse('is not https');
  if (url.username !== '' || url.password !== '') throw refuse('holds a name or a password');
  if (host.startsWith('[') || isIP(host) !== 0) throw refuse('has a number for a host');
  if (!host.includes('.') || inner.test(host)) throw refuse('has a host name of an inner network');
  return url;
}
