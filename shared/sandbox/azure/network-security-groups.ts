import * as z from 'zod';
import { asJson, type JsonObject, own } from '../../model/json.ts';
import { armResource, checkEtag, onWire, putResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { stillRunning } from './long-running.ts';
import type { View } from '../rows.ts';
import { azureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureOperation } from './operation.ts';
import { etagOf, type ResourceRow, resources } from './rows.ts';

const type = 'Microsoft.Network/networkSecurityGroups';
const ruleType = `${type}/securityRules`;

/** A security rule as ARM keeps it (learn.microsoft.com/rest/api/virtualnetwork/security-rules). */
export const RuleProperties = z.looseObject({
  priority: z.int(),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  protocol: z.string().default('*'),
  sourceAddressPrefix: z.string().optional(),
  sourceAddressPrefixes: z.array(z.string()).optional(),
  destinationAddressPrefix: z.string().optional(),
  destinationAddressPrefixes: z.array(z.string()).optional(),
  sourcePortRange: z.string().optional(),
  destinationPortRange: z.string().optional(),
  destinationPortRanges: z.array(z.string()).optional(),
});
export type RuleProperties = z.infer<typeof RuleProperties>;
const Rule = z.looseObject({ name: z.string(), properties: RuleProperties });
type Rule = z.infer<typeof Rule>;

/** The rules of a group, in no order. */
export const rulesOf = ({ properties }: ResourceRow): readonly Rule[] =>
  z.array(Rule).parse(properties['securityRules'] ?? []);

function checkRules(rules: readonly Rule[]): void {
  const taken = new Map<string, string>();
  for (const { name, properties } of rules) {
    const { priority, direction } = properties;
    if (priority < 100 || priority > 4_096)
      throw new AzureFault(
        400,
        'SecurityRuleInvalidPriority',
        `Security rule ${name} has invalid Priority. Value provided: ${priority} Allowed range 100-4096.`,
      );
    const slot = `${direction} ${priority}`;
    const other = taken.get(slot);
    if (other !== undefined)
      throw new AzureFault(
        400,
        'SecurityRuleConflict',
        `Security rule ${name} conflicts with rule ${other}. Rules cannot have the same Priority and Direction.`,
      );
    taken.set(slot, name);
  }
}

const ruleOnWire = (group: ResourceRow, { name, properties }: Rule): JsonObject => ({
  name,
  id: `${group.id}/securityRules/${name}`,
  etag: etagOf(group),
  type: ruleType,
  properties: { ...(asJson(properties) as JsonObject), provisioningState: 'Succeeded' }, // an object as parsed
});

const refersTo = (value: unknown, id: string): boolean =>
  String(own(own(value, 'networkSecurityGroup'), 'id') ?? '').toLowerCase() === id.toLowerCase();

/** The interfaces and subnets that a group stands on. */
function usersOf(view: View, { id }: ResourceRow): { interfaces: string[]; subnets: string[] } {
  const interfaces: string[] = [];
  const subnets: string[] = [];
  for (const [, row] of view.all(resources)) {
    if (row.type === type) continue;
    if (refersTo(row.properties, id)) interfaces.push(row.id);
    for (const subnet of [own(row.properties, 'subnets') ?? []].flat())
      if (refersTo(own(subnet, 'properties'), id)) subnets.push(String(own(subnet, 'id')));
  }
  return { interfaces, subnets };
}

const references = (ids: readonly string[]): JsonObject[] => ids.map((id) => ({ id }));

function showGroup(row: ResourceRow, { view }: Pick<AzureCall, 'view'>): JsonObject {
  const { interfaces, subnets } = usersOf(view, row);
  return {
    ...onWire(row),
    properties: {
      ...row.properties,
      securityRules: rulesOf(row).map((rule) => ruleOnWire(row, rule)),
      ...(interfaces.length > 0 && { networkInterfaces: references(interfaces) }),
      ...(subnets.length > 0 && { subnets: references(subnets) }),
      provisioningState: 'Succeeded',
    },
  };
}

function refuseInUse(row: ResourceRow, { world }: AzureCall): void {
  const { interfaces, subnets } = usersOf(world.rows, row);
  const users = [...interfaces, ...subnets];
  if (users.length > 0)
    throw new AzureFault(
      400,
      'InUseNetworkSecurityGroupCannotBeDeleted',
      `Network security group ${row.id} cannot be deleted because it is in use by the following resources: ${users.join(', ')}. In order to delete the Network security group, remove the association with the resource(s).`,
    );
}

function accept(body: JsonObject): JsonObject {
  const {
    networkInterfaces: _,
    subnets: __,
    ...properties
  } = z.looseObject({ securityRules: z.array(Rule).default([]) }).parse(body['properties'] ?? {});
  checkRules(properties.securityRules);
  return { ...body, properties: asJson(properties) };
}

const groupIdOf = (call: AzureCall): string => resourceIdOf(call).split(/\/securityRules/i)[0] ?? '';

function writeRules(call: AzureCall, group: ResourceRow, rules: readonly Rule[]): ResourceRow {
  checkRules(rules);
  const { name: _, ...body } = onWire(group);
  const unconditional: AzureCall = { ...call, headers: {} };
  return putResource(unconditional, group.id, type, {
    ...body,
    properties: { ...group.properties, securityRules: asJson(rules) },
  });
}

const running = (call: AzureCall, { location }: ResourceRow, answer: AzureAnswer): AzureAnswer =>
  stillRunning(call, ruleType, location, answer);

const path = `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{group}/securityRules`;

const ruleOperations: readonly AzureOperation[] = [
  {
    host: 'arm',
    method: 'GET',
    path,
    operation: `${ruleType}/read`,
    reads: true,
    does(call) {
      const group = resourceOf(call, groupIdOf(call));
      return { status: 200, body: { value: rulesOf(group).map((rule) => ruleOnWire(group, rule)) } };
    },
  },
  {
    host: 'arm',
    method: 'GET',
    path: `${path}/{name}`,
    operation: `${ruleType}/read`,
    reads: true,
    does(call) {
      const group = resourceOf(call, groupIdOf(call));
      const rule = rulesOf(group).find(({ name }) => name.toLowerCase() === call.params['name']?.toLowerCase());
      if (!rule) throw new AzureFault(404, 'NotFound', `Resource ${resourceIdOf(call)} not found.`);
      return { status: 200, body: ruleOnWire(group, rule) };
    },
  },
  {
    host: 'arm',
    method: 'PUT',
    path: `${path}/{name}`,
    operation: `${ruleType}/write`,
    reads: false,
    does(call) {
      const group = resourceOf({ view: call.world.rows }, groupIdOf(call));
      checkEtag(call, group);
      const name = call.params['name'] ?? '';
      const rule = Rule.parse({ name, properties: call.body['properties'] ?? {} });
      const others = rulesOf(group).filter((one) => one.name.toLowerCase() !== name.toLowerCase());
      const written = writeRules(call, group, [...others, rule]);
      const status = others.length === rulesOf(group).length ? 201 : 200;
      return running(call, group, { status, body: ruleOnWire(written, rule) });
    },
  },
  {
    host: 'arm',
    method: 'DELETE',
    path: `${path}/{name}`,
    operation: `${ruleType}/delete`,
    reads: false,
    does(call) {
      const group = resourceOf({ view: call.world.rows }, groupIdOf(call));
      const others = rulesOf(group).filter(({ name }) => name.toLowerCase() !== call.params['name']?.toLowerCase());
      if (others.length === rulesOf(group).length) return { status: 204 };
      writeRules(call, group, others);
      return running(call, group, { status: 202 });
    },
  },
];

const Estate = z.array(
  z.strictObject({
    resourceGroup: z.string(),
    name: z.string(),
    location: z.string(),
    tags: z.record(z.string(), z.string()).default({}),
    rules: z.record(z.string(), RuleProperties).default({}),
  }),
);

/** Network security groups and their rules. */
export const networkSecurityGroups = azureNoun({
  name: 'networkSecurityGroups',
  scope: 'subscription',
  estate: Estate.default([]),
  seed(rows, list, { subscription }) {
    for (const { resourceGroup, name, location, tags, rules } of list) {
      const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
      const securityRules = asJson(Object.entries(rules).map(([rule, properties]) => ({ name: rule, properties })));
      seedResource(rows, { id, type, location, tags, properties: { securityRules } });
    }
  },
  operations: [
    ...armResource(type, { accept, show: showGroup, release: refuseInUse, longRunning: true }),
    ...ruleOperations,
  ],
});
