import { isIPv4 } from 'node:net';
import * as z from 'zod';
import { type JsonObject, own } from '../../model/json.ts';
import type { World } from '../world.ts';
import {
  armResource,
  list,
  onWire,
  putResource,
  resourceIdOf,
  resourceOf,
  resourcesBelow,
  seedResource,
} from './arm.ts';
import { AzureFault } from './fault.ts';
import { stillRunning } from './long-running.ts';
import { type AzureNoun, azureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureOperation } from './operation.ts';
import { idIn } from './plain-resources.ts';
import { type ResourceRow, resources } from './rows.ts';

const Server = z.strictObject({
  resourceGroup: z.string(),
  name: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()).default({}),
  publicNetworkAccess: z.enum(['Enabled', 'Disabled']).default('Enabled'),
  /** First and last address that may connect; both 0.0.0.0 for whatever runs in Azure. */
  firewallRules: z.record(z.string(), z.strictObject({ start: z.ipv4(), end: z.ipv4() })).default({}),
});

/** Flexible servers say it one level deeper. */
const accessOf = ({ properties }: ResourceRow): string =>
  String(own(properties, 'publicNetworkAccess') ?? own(own(properties, 'network'), 'publicNetworkAccess'));

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const rangeIn = (properties: unknown): readonly [start: string, end: string] => [
  String(own(properties, 'startIpAddress')),
  String(own(properties, 'endIpAddress')),
];

function accept(body: JsonObject, name: string): JsonObject {
  const [start, end] = rangeIn(own(body, 'properties'));
  if (!isIPv4(start) || !isIPv4(end) || numberOf(start) > numberOf(end))
    throw new AzureFault(
      400,
      'InvalidParameterValue',
      'The start and end IP address are not a range of IPv4 addresses.',
    );
  if (!/^[^<>*%&:\\/?]{1,128}$/.test(name) || name.endsWith('.'))
    throw new AzureFault(400, 'InvalidParameterValue', `The firewall rule name '${name}' is not valid.`);
  return { properties: { startIpAddress: start, endIpAddress: end } };
}

/** The rules of one type of server; those of flexible servers are written in the background. */
function ruleOperations(type: string, longRunning: boolean): readonly AzureOperation[] {
  const ruleType = `${type}/firewallRules`;
  const path = `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}/firewallRules`;
  const serverOf = (call: AzureCall) => resourceOf(call, resourceIdOf(call).replace(/\/firewallRules(\/[^/]+)?$/i, ''));
  const done = (call: AzureCall, { location }: ResourceRow, answer: AzureAnswer): AzureAnswer =>
    longRunning ? stillRunning(call, ruleType, location, { ...answer, status: 202 }) : answer;
  return [
    {
      host: 'arm',
      method: 'GET',
      path,
      operation: `${ruleType}/read`,
      reads: true,
      does: (call) => list(call, resourcesBelow(call, serverOf(call).id, ruleType).map(onWire)),
    },
    {
      host: 'arm',
      method: 'GET',
      path: `${path}/{rule}`,
      operation: `${ruleType}/read`,
      reads: true,
      does: (call) => ({ status: 200, body: onWire(resourceOf(call, resourceIdOf(call))) }),
    },
    {
      host: 'arm',
      method: 'PUT',
      path: `${path}/{rule}`,
      operation: `${ruleType}/write`,
      reads: false,
      does(call) {
        const server = serverOf({ ...call, view: call.world.rows });
        const body = accept(call.body, call.params['rule'] ?? '');
        const rule = putResource(call, resourceIdOf(call), ruleType, body);
        return done(call, server, { status: 200, body: onWire(rule) });
      },
    },
    {
      host: 'arm',
      method: 'DELETE',
      path: `${path}/{rule}`,
      operation: `${ruleType}/delete`,
      reads: false,
      does(call) {
        const server = serverOf({ ...call, view: call.world.rows });
        const key = resourceIdOf(call).toLowerCase();
        if (!call.world.rows.get(resources, key)) return { status: 204 };
        call.world.rows.delete(resources, key);
        return done(call, server, { status: 200 });
      },
    },
  ];
}

/** Servers of one kind of database with their firewall rules (learn.microsoft.com/rest/api/sql/firewall-rules). */
const servers = (name: string, type: string, flexible: boolean): AzureNoun =>
  azureNoun({
    name,
    scope: 'subscription',
    estate: z.array(Server).default([]),
    seed(rows, listed, { subscription }) {
      for (const { resourceGroup, name: server, location, tags, publicNetworkAccess, firewallRules } of listed) {
        const id = idIn(subscription, resourceGroup, type, server);
        const access = { publicNetworkAccess };
        seedResource(rows, { id, type, location, tags, properties: flexible ? { network: access } : access });
        for (const [rule, { start, end }] of Object.entries(firewallRules))
          seedResource(rows, {
            id: `${id}/firewallRules/${rule}`,
            type: `${type}/firewallRules`,
            location: '',
            tags: {},
            properties: { startIpAddress: start, endIpAddress: end },
          });
      }
    },
    operations: [...armResource(type).filter(({ method }) => method === 'GET'), ...ruleOperations(type, flexible)],
  });

export const sqlServers = servers('sqlServers', 'Microsoft.Sql/servers', false);
export const postgresServers = servers('postgresServers', 'Microsoft.DBforPostgreSQL/flexibleServers', true);
export const mysqlServers = servers('mysqlServers', 'Microsoft.DBforMySQL/flexibleServers', true);

/** Whether a connection from an address gets as far as the sign-in: what rules of single databases say is not modelled. */
export function reachDatabase(
  { rows }: Pick<World, 'rows'>,
  { from, serverId }: { readonly from: string; readonly serverId: string },
): 'connected' | 'refused' {
  const server = resourceOf({ view: rows }, serverId);
  if (accessOf(server) === 'Disabled') return 'refused';
  const rules = resourcesBelow({ view: rows }, server.id, `${server.type}/firewallRules`);
  const admits = rules.some(({ properties }) => {
    const [start, end] = rangeIn(properties).map(numberOf);
    return start !== undefined && end !== undefined && start <= numberOf(from) && numberOf(from) <= end;
  });
  return admits ? 'connected' : 'refused';
}
