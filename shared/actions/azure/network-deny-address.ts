import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { BlockedAddress } from '../../action/blocked-address.ts';
import { InvalidInput } from '../../model/error.ts';
import { armIdOf } from '../../model/identifiers.ts';
import { same, shortDigest } from '../../model/json.ts';
import { type AddressRange, overlap, rangeOf, sizeOf } from '../../pattern/address-range.ts';
import { azureAction } from './azure-action.ts';
import {
  captureRules,
  denyRule,
  freePriority,
  groupIn,
  isAbove,
  RuleValue,
  ranked,
  rulePermissions,
  rulesIn,
  writeOwnRule,
} from './security-rules.ts';

const Input = z.strictObject({
  networkSecurityGroupId: armIdOf('Microsoft.Network/networkSecurityGroups').describe('The group, by its ARM id.'),
  addresses: z.array(BlockedAddress).min(1).max(200).describe('Addresses and ranges to deny.'),
  direction: z.enum(['Inbound', 'Outbound']).describe('Which way the traffic goes.'),
});
type Input = z.infer<typeof Input>;

/** Service tags that hold no address that may be denied. */
const inner = ['virtualnetwork', 'azureloadbalancer'];

/** Whether a rule's prefix may have one of the addresses in it; what a tag holds nobody can tell here. */
const mayHold = (prefix: string, ranges: readonly AddressRange[]): boolean => {
  if (prefix.startsWith('/') || inner.includes(prefix.toLowerCase())) return false;
  const range = rangeOf(prefix);
  return range ? ranges.some((one) => overlap(range, one)) : true;
};

const peersOf = ({ direction, sources, destinations }: RuleValue): readonly string[] =>
  direction === 'Inbound' ? sources : destinations;

/** One rule of ours: Azure takes none with addresses of both families. */
type Denial = { readonly id: string; readonly rule: RuleValue; readonly ranges: readonly AddressRange[] };

/** One address is written without bits, so that it is the same however it came. */
const plainly = (text: string): string => {
  const range = rangeOf(text);
  return (range && sizeOf(range) === 1n ? text.replace(/\/\d+$/, '') : text).toLowerCase();
};

function denialsOf({ addresses, direction }: Input, group: string): readonly Denial[] {
  const spelt = [...new Set(addresses.map(plainly))];
  return (['IPv4', 'IPv6'] as const).flatMap((family): readonly Denial[] => {
    const listed = spelt.filter((address) => rangeOf(address)?.family === family).sort();
    if (listed.length === 0) return [];
    const peers = direction === 'Inbound' ? { sources: listed } : { destinations: listed };
    const name = `cordon-deny-${direction.toLowerCase()}-${shortDigest(listed)}`;
    return [
      {
        id: `${group}/securityRules/${name}`,
        rule: denyRule({ direction, ...peers }),
        ranges: listed.flatMap((address) => rangeOf(address) ?? []),
      },
    ];
  });
}

/** The rules of others that may let one of the addresses through. */
const openingsIn = (seen: State<RuleValue>, { rule: { direction }, ranges }: Denial) =>
  rulesIn(seen).filter(
    ([, rule]) =>
      rule.direction === direction &&
      rule.access === 'Allow' &&
      peersOf(rule).some((prefix) => mayHold(prefix, ranges)),
  );

/** Refuses where our rule would have no effect: no place is free above those that allow the addresses. */
function checkRoom(seen: State<RuleValue>, denial: Denial): void {
  const openings = openingsIn(seen, denial);
  const others = rulesIn(seen).flatMap(([id, { priority, direction }]) =>
    id === denial.id || priority === 'top' ? [] : [{ priority, direction }],
  );
  const priority = freePriority(others, denial.rule.direction);
  const overruled = openings.map(([, rule]) => rule);
  if (priority === undefined || !isAbove({ ...denial.rule, priority }, overruled))
    throw new InvalidInput({
      code: 'no-room-above',
      message: `${groupIn(seen)} has no free priority above ${openings.map(([id]) => id.split('/').at(-1)).join(', ')}`,
      remedy: 'Give the rules that allow these addresses a priority of 200 or more, or isolate the machine.',
    });
}

function wantedOf(input: Input, seen: State<RuleValue>): State<RuleValue> {
  const denials = denialsOf(input, groupIn(seen));
  for (const denial of denials) if (!same(seen[denial.id] ?? null, denial.rule)) checkRoom(seen, denial);
  return Object.fromEntries(denials.map(({ id, rule }) => [id, rule]));
}

/**
 * Denies addresses on a network security group, in a rule of our own above every rule that may allow them
 * (learn.microsoft.com/rest/api/virtualnetwork/security-rules). No rule of the customer is touched; without room above
 * them the step is refused.
 */
export const networkDenyAddress = azureAction({
  id: 'azure.network.deny-address',
  title: 'Deny addresses on a network security group',
  target: 'azure.network.security-group',
  ends: '24h',
  d3fend: 'D3-NTF',
  input: Input,
  value: RuleValue,
  permissions: rulePermissions,
  settles: { seconds: 5 },
  cautions: [
    'Connections that are already open stay open.',
    'An attacker comes back from another address; a shared address shuts others out too.',
    'Always-allow rules of Azure Virtual Network Manager are judged before any security group.',
  ],
  portable: { verb: 'block-address', with: { networkSecurityGroupId: '${target.id}', direction: 'Inbound' } },
  examples: [
    {
      networkSecurityGroupId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web',
      addresses: ['203.0.113.220', '198.51.100.0/24'],
      direction: 'Inbound',
    },
  ],
}).does({
  async capture(azure, input, step) {
    const seen = await captureRules(azure, input.networkSecurityGroupId, step);
    return denialsOf(input, groupIn(seen)).reduce((state, denial) => {
      const overruled = openingsIn(seen, denial).map(([, rule]) => rule);
      return ranked(state, denial.id, overruled);
    }, seen);
  },
  plan: (input, seen) => wantedOf(input, seen),
  apply: (azure, { resource, to }, step) => writeOwnRule(azure, resource, to, step),
});
