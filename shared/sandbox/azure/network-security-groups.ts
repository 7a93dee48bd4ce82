import * as z from 'zod';
import { asJson, type JsonObject } from '../../model/json.ts';
import { armResource, onWire, putResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';
import type { ResourceRow } from './rows.ts';

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
  etag: `W/"sandbox-${group.revision}"`,
  type: ruleType,
  properties: { ...(asJson(properties) as JsonObject), provisioningState: 'Succeeded' }, // an object as parsed
});

const showGroup = (row: ResourceRow): JsonObject => ({
  ...onWire(row),
  properties: {
    ...row.properties,
    securityRules: rulesOf(row).map((rule) => ruleOnWire(row, rule)),
    provisioningState: 'Succeeded',
  },
});

function accept(body: JsonObject): JsonObject {
  const properties = z.looseObject({ securityRules: z.array(Rule).default([]) }).parse(body['properties'] ?? {});
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
      const name = call.params['name'] ?? '';
      const rule = Rule.parse({ name, properties: call.body['properties'] ?? {} });
      const others = rulesOf(group).filter((one) => one.name.toLowerCase() !== name.toLowerCase());
      const written = writeRules(call, group, [...others, rule]);
      return { status: others.length === rulesOf(group).length ? 201 : 200, body: ruleOnWire(written, rule) };
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
      return { status: 200 };
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
  operations: [...armResource(type, { accept, show: showGroup }), ...ruleOperations],
});
