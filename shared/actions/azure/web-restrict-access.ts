import * as z from 'zod';
import { armIdOf } from '../../model/identifiers.ts';
import { Json, type JsonObject } from '../../model/json.ts';
import { patchArm, readArm } from './arm-resource.ts';
import { azureAction } from './azure-action.ts';

/** One rule as the service writes it; what it says beside its order is sent back as it came. */
const Rule = z.record(z.string(), Json);
const Action = z.enum(['Allow', 'Deny']);

/** Who may call a site, and what becomes of those whom no rule names. */
const Ends = z.strictObject({ otherwise: Action, rules: z.array(Rule) });
/** Of the site itself and of its deployment site (SCM), which may go by the rules of the site. */
const Value = z.strictObject({ main: Ends, scm: z.union([Ends, z.literal('as main')]) });
type Value = z.infer<typeof Value>;

const Config = z.object({
  properties: z.object({
    ipSecurityRestrictions: z.array(Rule).nullish(),
    ipSecurityRestrictionsDefaultAction: Action.nullish().catch(undefined),
    scmIpSecurityRestrictions: z.array(Rule).nullish(),
    scmIpSecurityRestrictionsDefaultAction: Action.nullish().catch(undefined),
    scmIpSecurityRestrictionsUseMain: z.boolean().nullish(),
  }),
});
const config = { apiVersion: '2024-04-01', shape: Config };

/** The service shows what becomes of the rest as a rule behind all others; it is said by the default action as well. */
const lastPriority = 2_147_483_647;
const isLast = ({ priority }: JsonObject): boolean => priority === lastPriority;

function endsOf(listed: readonly JsonObject[], otherwise: z.infer<typeof Action> | null | undefined) {
  const rules = listed.filter((rule) => !isLast(rule));
  const shown = listed.find(isLast)?.['action'];
  const implied = rules.length > 0 ? 'Deny' : 'Allow';
  return { otherwise: otherwise ?? Action.safeParse(shown).data ?? implied, rules };
}

function valueIn({ properties: said }: z.output<typeof Config>): Value {
  const main = endsOf(said.ipSecurityRestrictions ?? [], said.ipSecurityRestrictionsDefaultAction);
  const scm = endsOf(said.scmIpSecurityRestrictions ?? [], said.scmIpSecurityRestrictionsDefaultAction);
  return { main, scm: said.scmIpSecurityRestrictionsUseMain === true ? 'as main' : scm };
}

const propertiesOf = ({ main, scm }: Value): JsonObject => ({
  ipSecurityRestrictions: main.rules,
  ipSecurityRestrictionsDefaultAction: main.otherwise,
  scmIpSecurityRestrictionsUseMain: scm === 'as main',
  ...(scm !== 'as main' && {
    scmIpSecurityRestrictions: scm.rules,
    scmIpSecurityRestrictionsDefaultAction: scm.otherwise,
  }),
});

const Input = z.strictObject({
  siteId: armIdOf('Microsoft.Web/sites').describe('The web app or function app, by its ARM id.'),
  allow: z
    .array(z.object({ cidr: z.cidrv4(), port: z.int().optional() }))
    .max(20)
    .default([])
    .describe('Addresses that may still call it, on every port, as those of responders.'),
});

/** Nobody but those who are allowed, in their order. */
function shut({ allow }: z.infer<typeof Input>, runId: string): z.infer<typeof Ends> {
  const rules = allow.map(({ cidr }, at) => ({
    name: `cordon-${at + 1}`,
    description: `Cordon run ${runId}`,
    action: 'Allow',
    priority: 100 + at,
    ipAddress: cidr,
  }));
  return { otherwise: 'Deny', rules };
}

const admits = ({ main, scm }: Value): readonly string[] =>
  [main, ...(scm === 'as main' ? [] : [scm])].flatMap(({ otherwise, rules }) => [
    ...(otherwise === 'Allow' ? ['everybody'] : []),
    ...rules.flatMap(({ action, ipAddress }) => (action === 'Deny' ? [] : [String(ipAddress ?? 'a subnet')])),
  ]);

/** Lets in nobody whom we would not. */
const isShut = (seen: Value, { allow }: z.infer<typeof Input>): boolean =>
  admits(seen).every((one) => allow.some(({ cidr }) => cidr === one));

const onConfig = (verb: string) => ({ allow: `Microsoft.Web/sites/config/${verb}`, on: '{siteId}' });

/**
 * Lets nobody call a web app, nor the site that it is deployed by, but for the addresses given
 * (learn.microsoft.com/azure/app-service/overview-access-restrictions). Both lists are one change, because each write of the
 * configuration restarts the app. A site that never said what becomes of the rest is captured as what that means, and a
 * release says so explicitly.
 */
export const webRestrictAccess = azureAction({
  id: 'azure.web.restrict-access',
  title: 'Stop a web app from being called',
  target: 'azure.web.site',
  d3fend: 'D3-NTF',
  input: Input,
  value: Value,
  permissions: {
    read: [onConfig('read')],
    write: [
      onConfig('write'),
      // to bring back a rule for a subnet that the site had
      {
        allow: 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
        on: '/subscriptions/{subscription}',
      },
    ],
  },
  settles: { seconds: 15 },
  cautions: [
    'Everybody is shut out, customers too, and the app restarts; what it does by itself goes on.',
    'Calls that come through a private endpoint are not judged by these rules.',
    'Its managed identity, its deployment slots and its FTP are left as they are.',
  ],
  portable: { verb: 'restrict-service', with: { siteId: '${target.id}' } },
  examples: [
    {
      siteId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-web/providers/Microsoft.Web/sites/northwind-shop',
      allow: [{ cidr: '192.0.2.0/24' }],
    },
  ],
}).does({
  async capture(azure, { siteId }, { signal }) {
    const found = await readArm(azure, config, `${siteId}/config/web`, signal);
    return found ? { [`${siteId}/config/web`]: valueIn(found) } : {};
  },
  plan: (input, seen, { runId }) =>
    Object.fromEntries(
      Object.entries(seen).flatMap(([id, now]) => {
        if (!now || isShut(now, input)) return [];
        const ends = shut(input, runId);
        return [[id, { main: ends, scm: now.scm === 'as main' ? now.scm : ends }] as const];
      }),
    ),
  async apply(azure, { resource, to }, step) {
    if (to) await patchArm(azure, config, resource, { properties: propertiesOf(to) }, step);
  },
});
