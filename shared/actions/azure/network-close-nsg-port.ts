import { NetworkManagementClient, type SecurityRule } from '@azure/arm-network';
import * as z from 'zod';
import { armIdOf, parseArmId } from '../../model/identifiers.ts';
import { azureAction } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

/** The fields Cordon manages of an NSG rule (learn.microsoft.com/rest/api/virtualnetwork/security-rules). */
const Rule = z.strictObject({
  priority: z.int().min(100).max(4_096),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  sources: z.array(z.string()),
  ports: z.array(z.string()),
});

const groupId = armIdOf('Microsoft.Network/networkSecurityGroups');

const listOf = (one: string | undefined, many: string[] | undefined): string[] => [
  ...(one ? [one] : []),
  ...(many ?? []),
];

const seenRule = (rule: SecurityRule): z.infer<typeof Rule> =>
  Rule.parse({
    priority: rule.priority,
    direction: rule.direction,
    access: rule.access,
    sources: listOf(rule.sourceAddressPrefix, rule.sourceAddressPrefixes),
    ports: listOf(rule.destinationPortRange, rule.destinationPortRanges),
  });

/**
 * Denies one inbound port from everywhere, above every rule of the customer, none of which is touched.
 * The priority is the first free one from 100 on; a rule that stands at 100 already keeps its place.
 */
export const networkCloseNsgPort = azureAction({
  id: 'azure.network.close-nsg-port',
  title: 'Close an inbound port on a network security group',
  target: 'azure.network.security-group',
  d3fend: 'D3-ITF',
  input: z.strictObject({ networkSecurityGroupId: groupId, port: z.int().min(1).max(65_535) }),
  value: Rule,
  permissions: {
    read: [{ allow: 'Microsoft.Network/networkSecurityGroups/read', on: '{networkSecurityGroupId}' }],
    write: ['write', 'delete'].map((verb) => ({
      allow: `Microsoft.Network/networkSecurityGroups/securityRules/${verb}`,
      on: '{networkSecurityGroupId}',
    })),
  },
  settles: { seconds: 5 },
  cautions: ['Connections that are already open stay open.'],
  examples: [
    {
      networkSecurityGroupId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/nsg-web',
      port: 22,
    },
  ],
}).does({
  async capture(azure, { networkSecurityGroupId }, { signal: abortSignal }) {
    const { resourceGroup = '', name = '' } = parseArmId(networkSecurityGroupId) ?? {};
    const { networkSecurityGroups } = azure.client(NetworkManagementClient);
    const group = await unlessAbsent(() => networkSecurityGroups.get(resourceGroup, name, { abortSignal }));
    if (!group) return {};
    const rules = (group.securityRules ?? []).map(
      (rule) => [`${group.id}/securityRules/${rule.name}`, seenRule(rule)] as const,
    );
    return { [`${group.id}`]: null, ...Object.fromEntries(rules) };
  },
  plan({ networkSecurityGroupId, port }, seen) {
    const [group = networkSecurityGroupId] = Object.keys(seen).filter((id) => !id.includes('/securityRules/'));
    const ours = `${group}/securityRules/cordon-deny-${port}`;
    const inbound = Object.entries(seen).flatMap(([id, rule]) =>
      rule?.direction === 'Inbound' && id !== ours ? [rule.priority] : [],
    );
    let priority = 100;
    while (inbound.includes(priority)) priority += 1;
    const wanted = { priority, direction: 'Inbound', access: 'Deny', sources: ['*'], ports: [`${port}`] } as const;
    const present = seen[ours];
    const stands = present?.access === 'Deny' && present.sources.includes('*') && present.ports.includes(`${port}`);
    return { [ours]: stands ? present : { ...wanted, sources: [...wanted.sources], ports: [...wanted.ports] } };
  },
  async apply(azure, { resource, to }, { signal: abortSignal }) {
    const { resourceGroup = '', names: [group = '', rule = ''] = [] } = parseArmId(resource) ?? {};
    const { securityRules } = azure.client(NetworkManagementClient);
    if (to === null) return void (await securityRules.delete(resourceGroup, group, rule, { abortSignal }));
    await securityRules.createOrUpdate(
      resourceGroup,
      group,
      rule,
      {
        priority: to.priority,
        direction: to.direction,
        access: to.access,
        protocol: '*',
        sourcePortRange: '*',
        destinationAddressPrefix: '*',
        description: 'Made by Cordon; release its run to take it back.',
        ...(to.sources.length === 1
          ? { sourceAddressPrefix: to.sources[0] ?? '*' }
          : { sourceAddressPrefixes: to.sources }),
        ...(to.ports.length === 1 ? { destinationPortRange: to.ports[0] ?? '*' } : { destinationPortRanges: to.ports }),
      },
      { abortSignal },
    );
  },
});
