import { BlockList, isIPv6 } from 'node:net';
import type { World } from '../world.ts';
import { type AclEntry, type InterfaceRow, networkAcls } from './ec2-rows.ts';

/** What wants to cross the border of a subnet. */
export type Crossing = { readonly egress: boolean; readonly protocol: 'tcp' | 'udp'; readonly port: number };

const numbers = { tcp: '6', udp: '17' } as const;
/** The port that a client is spoken to on; which one of the ephemeral ones makes no difference here. */
const ephemeral = 50_000;

/** Whether an address lies in a block. */
export function inBlock(address: string, value: string): boolean {
  const [start = '', bits = ''] = value.split('/');
  if (isIPv6(address) !== isIPv6(start)) return false;
  const blocks = new BlockList();
  blocks.addSubnet(start, Number(bits), isIPv6(start) ? 'ipv6' : 'ipv4');
  return blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const concerns = ({ protocol, cidr, ports, ...entry }: AclEntry, crossing: Crossing, address: string): boolean =>
  entry.egress === crossing.egress &&
  (protocol === '-1' || protocol === numbers[crossing.protocol]) &&
  (!ports || (ports[0] <= crossing.port && crossing.port <= ports[1])) &&
  inBlock(address, cidr);

const lets = (entries: readonly AclEntry[], crossing: Crossing, address: string): boolean =>
  entries.filter((entry) => concerns(entry, crossing, address)).sort((a, b) => a.number - b.number)[0]?.action ===
  'allow';

/**
 * Whether a network ACL lets a connection with an address live: it keeps no state, so that the answers have to pass as
 * well (docs.aws.amazon.com/vpc, "Control subnet traffic with network access control lists").
 */
export function passesAcl({ rows }: World, { subnetId }: InterfaceRow, crossing: Crossing, address: string): boolean {
  const acl = rows.all(networkAcls).find(([, { subnets }]) => subnets.includes(subnetId))?.[1];
  if (!acl) return true;
  const back = { ...crossing, egress: !crossing.egress, port: ephemeral };
  return lets(acl.entries, crossing, address) && lets(acl.entries, back, address);
}
