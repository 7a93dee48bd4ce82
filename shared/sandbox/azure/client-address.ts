import { BlockList, isIPv6 } from 'node:net';
import type { AzureCall } from './operation.ts';

/** The header in which a test says where a call comes from; no provider knows it. */
export const addressHeader = 'x-sandbox-address';

/** Somebody on the Internet, who every caller is that says nothing else. */
const internet = '203.0.113.220';

/** The address that a call comes from. */
export const addressOf = ({ headers }: Pick<AzureCall, 'headers'>): string => headers[addressHeader] ?? internet;

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** Whether an address is in a block, or is the one that is written. */
export function inBlock(address: string, block: string): boolean {
  const [base = '', bits] = block.split('/');
  if (bits === undefined) return address === base;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), familyOf(base));
  return list.check(address, familyOf(address));
}
