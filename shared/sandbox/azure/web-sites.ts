import * as z from 'zod';
import { asJson, isObject, type JsonObject, own } from '../../model/json.ts';
import type { World } from '../world.ts';
import { armResource, resourceIdOf, resourceOf, seedResource } from './arm.ts';
import { inBlock } from './client-address.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation, Need } from './operation.ts';
import { idIn } from './plain-resources.ts';
import { type ResourceRow, resources } from './rows.ts';

const type = 'Microsoft.Web/sites';
const joinSubnet = 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action';

/** One rule of access (learn.microsoft.com/azure/app-service/overview-access-restrictions). */
const Restriction = z.looseObject({
  name: z.string().optional(),
  priority: z.int().optional(),
  action: z.enum(['Allow', 'Deny']).default('Allow'),
  tag: z.string().optional(),
  ipAddress: z.string().optional(),
  vnetSubnetResourceId: z.string().optional(),
});
const Action = z.enum(['Allow', 'Deny']);
/** The settings of a site that say who may call it and its deployment site (SCM). */
const Config = z.looseObject({
  ipSecurityRestrictions: z.array(Restriction).default([]),
  ipSecurityRestrictionsDefaultAction: Action.nullish(),
  scmIpSecurityRestrictions: z.array(Restriction).default([]),
  scmIpSecurityRestrictionsDefaultAction: Action.nullish(),
  scmIpSecurityRestrictionsUseMain: z.boolean().default(false),
});
type Config = z.infer<typeof Config>;

const Site = z.strictObject({
  resourceGroup: z.string(),
  name: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()).default({}),
  kind: z.string().default('app'),
  ...Config.shape,
});

const configOf = ({ properties }: ResourceRow): Config => Config.parse(own(properties, 'siteConfig') ?? {});

const last = { ipAddress: 'Any', priority: 2_147_483_647 };
type Ends = {
  readonly restrictions: Config['ipSecurityRestrictions'];
  readonly otherwise: Config['ipSecurityRestrictionsDefaultAction'];
};

/** What becomes of those whom no rule names: as the site says, else whoever makes rules means the others to stay out. */
const restOf = ({ restrictions, otherwise }: Ends): 'Allow' | 'Deny' =>
  otherwise ?? (restrictions.length > 0 ? 'Deny' : 'Allow');

/** The service shows a rule for the rest behind those of the customer. */
const shown = (ends: Ends): JsonObject[] =>
  [...ends.restrictions, { ...last, action: restOf(ends), name: `${restOf(ends)} all` }].map(
    (rule) => asJson(rule) as JsonObject, // an object as parsed
  );

const mainOf = (config: Config): Ends => ({
  restrictions: config.ipSecurityRestrictions,
  otherwise: config.ipSecurityRestrictionsDefaultAction,
});
const scmOf = (config: Config): Ends =>
  config.scmIpSecurityRestrictionsUseMain
    ? mainOf(config)
    : { restrictions: config.scmIpSecurityRestrictions, otherwise: config.scmIpSecurityRestrictionsDefaultAction };

const show = (site: ResourceRow): JsonObject => {
  const config = configOf(site);
  return {
    id: `${site.id}/config/web`,
    name: site.name,
    type: `${type}/config`,
    location: site.location,
    properties: {
      ...(asJson(config) as JsonObject), // an object as parsed
      ipSecurityRestrictions: shown(mainOf(config)),
      scmIpSecurityRestrictions: shown({
        restrictions: config.scmIpSecurityRestrictions,
        otherwise: config.scmIpSecurityRestrictionsDefaultAction,
      }),
    },
  };
};

const siteOf = (call: AzureCall): ResourceRow => resourceOf(call, resourceIdOf(call).replace(/\/config\/web$/i, ''));

/** The rule for the rest is the service's own: sent back, it is not stored. */
const ownRules = (rules: Config['ipSecurityRestrictions']) =>
  rules.filter(({ priority }) => priority !== last.priority);

const path = `/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/${type}/{name}/config/web`;

const rulesIn = (body: JsonObject): unknown[] =>
  ['ipSecurityRestrictions', 'scmIpSecurityRestrictions'].flatMap((name) => own(own(body, 'properties'), name) ?? []);

/** Whoever writes a rule for a subnet must be allowed to join it (learn.microsoft.com/azure/app-service/app-service-ip-restrictions, "Permissions"). */
function needsOf(call: AzureCall): readonly Need[] {
  const subnets = rulesIn(call.body).flatMap((rule) => Restriction.safeParse(rule).data?.vnetSubnetResourceId ?? []);
  return [
    { action: `${type}/config/write`, scope: resourceIdOf(call) },
    ...subnets.map((scope): Need => ({ action: joinSubnet, scope })),
  ];
}

const configuration: readonly AzureOperation[] = [
  {
    host: 'arm',
    method: 'GET',
    path,
    operation: `${type}/config/read`,
    reads: true,
    does: (call) => ({ status: 200, body: show(siteOf(call)) }),
  },
  {
    host: 'arm',
    method: 'PATCH',
    path,
    operation: `${type}/config/write`,
    reads: false,
    needs: needsOf,
    does(call) {
      const site = siteOf({ ...call, view: call.world.rows });
      const changed = own(call.body, 'properties');
      const patched = Config.safeParse({ ...configOf(site), ...(isObject(changed) ? changed : {}) });
      if (!patched.success) throw new AzureFault(400, 'BadRequest', 'The access restrictions are not valid.');
      const merged = patched.data;
      const siteConfig = {
        ...merged,
        ipSecurityRestrictions: ownRules(merged.ipSecurityRestrictions),
        scmIpSecurityRestrictions: ownRules(merged.scmIpSecurityRestrictions),
      };
      const next = { ...site, properties: { ...site.properties, siteConfig: asJson(siteConfig) } };
      call.world.rows.put(resources, site.id.toLowerCase(), { ...next, revision: site.revision + 1 });
      return { status: 200, body: show(next) };
    },
  },
];

/** Web apps and function apps, and who may call them. */
export const webSites = azureNoun({
  name: 'webSites',
  scope: 'subscription',
  estate: z.array(Site).default([]),
  seed(rows, listed, { subscription }) {
    for (const { resourceGroup, name, location, tags, kind, ...siteConfig } of listed)
      seedResource(rows, {
        id: idIn(subscription, resourceGroup, type, name),
        type,
        location,
        tags,
        extra: { kind },
        properties: { defaultHostName: `${name}.azurewebsites.net`, siteConfig: asJson(siteConfig) },
      });
  },
  operations: [...armResource(type).filter(({ method }) => method === 'GET'), ...configuration],
});

/** What a site, or its deployment site, answers to somebody at an address (learn.microsoft.com/azure/app-service/app-service-ip-restrictions). */
export function visitSite(
  { rows }: Pick<World, 'rows'>,
  { from, siteId, scm = false }: { readonly from: string; readonly siteId: string; readonly scm?: boolean },
): 200 | 403 {
  const config = configOf(resourceOf({ view: rows }, siteId));
  const ends = scm ? scmOf(config) : mainOf(config);
  const inOrder = ends.restrictions.toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  const rule = inOrder.find(({ tag, ipAddress }) => tag !== 'ServiceTag' && ipAddress && inBlock(from, ipAddress));
  return (rule?.action ?? restOf(ends)) === 'Allow' ? 200 : 403;
}
