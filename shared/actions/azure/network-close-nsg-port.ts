import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { InvalidInput } from '../../model/error.ts';
import { armIdOf } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import {
  captureRules,
  denyRule,
  flipRule,
  freePriority,
  groupIn,
  isAbove,
  isJustInTime,
  RuleValue,
  ranked,
  rulePermissions,
  rulesIn,
  writeOwnRule,
} from './security-rules.ts';

const isAll = (values: readonly string[]): boolean => values.includes('*');

/** Ports are compared as numbers: `20-25` has 22 in it, `1000` has not. */
const hasPort = ({ ports }: RuleValue, port: number): boolean =>
  ports.some((range) => {
    const [from = '', to = from] = range.split('-');
    return range === '*' || (Number(from) <= port && port <= Number(to));
  });

/** Lets anybody at all in on the port; a rule for a protocol without ports does not. */
const opens = (rule: RuleValue, port: number): boolean =>
  rule.access === 'Allow' && ['*', 'tcp', 'udp'].includes(rule.protocol.toLowerCase()) && hasPort(rule, port);

/** Keeps everybody out on the port. */
const shuts = (rule: RuleValue, port: number): boolean =>
  rule.access === 'Deny' &&
  rule.protocol === '*' &&
  hasPort(rule, port) &&
  [rule.sources, rule.sourcePorts, rule.destinations].every(isAll);

const oursIn = (seen: State<RuleValue>, port: number): string => `${groupIn(seen)}/securityRules/cordon-deny-${port}`;

/** The rules of others that let anybody in on the port; what Defender granted for a while is left to it. */
const openingsIn = (seen: State<RuleValue>, port: number) =>
  rulesIn(seen).filter(
    ([id, rule]) => rule.direction === 'Inbound' && opens(rule, port) && id !== oursIn(seen, port) && !isJustInTime(id),
  );

/** A Deny above every Allow that has the port; where the top is taken, those Allows that stand above it become Denies. */
function closing(port: number, seen: State<RuleValue>): State<RuleValue> {
  const ours = oursIn(seen, port);
  const openings = openingsIn(seen, port);
  const overruled = openings.map(([, rule]) => rule);
  const inbound = rulesIn(seen).filter(([, { direction }]) => direction === 'Inbound');
  if (inbound.some(([, rule]) => shuts(rule, port) && isAbove(rule, overruled))) return {};
  const others = inbound.flatMap(([id, { priority, direction }]) =>
    id === ours || priority === 'top' ? [] : [{ priority, direction }],
  );
  const priority = freePriority(others, 'Inbound');
  if (priority === undefined)
    throw new InvalidInput({
      code: 'no-free-priority',
      message: `${groupIn(seen)} has no priority left for a rule of ours`,
      remedy: 'Delete a rule that is no longer needed.',
    });
  const above = openings.filter(([, rule]) => rule.priority !== 'top' && rule.priority < priority);
  return {
    [ours]: denyRule({ direction: 'Inbound', ports: [`${port}`] }),
    ...Object.fromEntries(above.map(([id, rule]) => [id, { ...rule, access: 'Deny' as const }])),
  };
}

/**
 * Denies one inbound port from everywhere (learn.microsoft.com/azure/virtual-network/network-security-groups-overview).
 * A rule of our own stands above every rule that allows the port, so that none of the customer's is touched; only where
 * the top priorities are taken by such rules do these become Deny, each as a line of its own in the plan.
 */
export const networkCloseNsgPort = azureAction({
  id: 'azure.network.close-nsg-port',
  title: 'Close an inbound port on a network security group',
  target: 'azure.network.security-group',
  d3fend: 'D3-ITF',
  input: z.strictObject({
    networkSecurityGroupId: armIdOf('Microsoft.Network/networkSecurityGroups').describe('The group, by its ARM id.'),
    port: z.int().min(1).max(65_535).describe('The port to close.'),
  }),
  value: RuleValue,
  permissions: rulePermissions,
  settles: { seconds: 5 },
  cautions: [
    'Connections that are already open stay open.',
    'A rule that had to become Deny denies all of its ports, not only this one; the plan shows it.',
    'Just-in-time access that Defender for Cloud has granted stays until it expires.',
    'Always-allow rules of Azure Virtual Network Manager are judged before any security group.',
  ],
  portable: { verb: 'close-port', with: { networkSecurityGroupId: '${target.id}' } },
  examples: [
    {
      networkSecurityGroupId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web',
      port: 22,
    },
  ],
}).does({
  async capture(azure, { networkSecurityGroupId, port }, step) {
    const seen = await captureRules(azure, networkSecurityGroupId, step);
    const overruled = openingsIn(seen, port).map(([, rule]) => rule);
    return ranked(seen, oursIn(seen, port), overruled);
  },
  plan: ({ port }, seen) => closing(port, seen),
  async apply(azure, { resource, to }, step) {
    if (/\/securityRules\/cordon-deny-\d+$/i.test(resource)) await writeOwnRule(azure, resource, to, step);
    else if (to) await flipRule(azure, resource, to.access, step);
  },
});
