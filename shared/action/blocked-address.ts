import * as z from 'zod';
import { overlap, rangeOf, sizeOf } from '../pattern/address-range.ts';

/** What is never blocked: private, local and shared ranges, and Azure's own address for DHCP, DNS and health probes. */
const reserved = [
  '168.63.129.16',
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/4',
  '::/127',
  'fc00::/7',
  'fe80::/10',
].flatMap((block) => rangeOf(block) ?? []);

/** The widest block that still names somebody: an IPv4 /8, an IPv6 /16. */
const widest = { IPv4: 2n ** 24n, IPv6: 2n ** 112n } as const;

const problemWith = (text: string): string | undefined => {
  const range = rangeOf(text);
  if (!range) return 'is no IP address or block';
  if (!range.aligned) return 'has host bits set';
  if (reserved.some((block) => overlap(range, block))) return 'touches private, local or platform addresses';
  return sizeOf(range) > widest[range.family] ? 'is too wide' : undefined;
};

/** An address or block of the internet that may be blocked. */
export const BlockedAddress = z.string().superRefine((text, context) => {
  const problem = problemWith(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `${text} ${problem}` });
});
