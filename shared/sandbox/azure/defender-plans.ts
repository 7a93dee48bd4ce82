import * as z from 'zod';
import type { JsonObject } from '../../model/json.ts';
import { table, type View } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';

/** The plans there are, each with its sub plans: the first is what a plan gets that names none. */
const plansOnOffer: Readonly<Record<string, readonly string[]>> = {
  VirtualMachines: ['P2', 'P1'],
  SqlServers: [],
  AppServices: [],
  StorageAccounts: ['DefenderForStorageV2', 'PerStorageAccount', 'PerTransaction'],
  SqlServerVirtualMachines: [],
  KeyVaults: ['PerKeyVault', 'PerTransaction'],
  Arm: ['PerSubscription', 'PerApiCall'],
  OpenSourceRelationalDatabases: [],
  CosmosDbs: [],
  Containers: [],
  CloudPosture: [],
  Api: ['P1', 'P2', 'P3', 'P4', 'P5'],
  AI: [],
};

/** A plan that is on: its sub plan, and which extensions are on. */
const Plan = z.strictObject({
  subPlan: z.string().optional(),
  extensions: z.record(z.string(), z.boolean()).default({}),
});
type Plan = z.output<typeof Plan>;

/** How Defender for Cloud is set up in a subscription: the plans that are on, and its exports by name. */
const Setup = z.strictObject({
  plans: z.record(z.string(), Plan).default({}),
  exports: z.record(z.string(), z.boolean()).default({}),
});
type Setup = z.output<typeof Setup>;

/** Keyed by subscription; without a row nothing is on. */
export const defenderSetups = table<Setup>('azure.defender.setups');

const setupOf = (view: View, subscription: string): Setup => view.get(defenderSetups, subscription) ?? Setup.parse({});

/** Whether a plan looks at its resources: while it is off, nothing that is done to them raises an alert. */
export const raisesAlerts = (view: View, subscription: string, plan: string): boolean =>
  setupOf(view, subscription).plans[plan] !== undefined;

const subscriptionIn = ({ params }: AzureCall): string => (params['subscription'] ?? '').toLowerCase();
const scopeOf = (call: AzureCall): string => `/subscriptions/${subscriptionIn(call)}`;
const needing = (action: string) => (call: AzureCall) => [{ action, scope: scopeOf(call) }];

const list = (type: string, items: (setup: Setup, call: AzureCall) => readonly object[]): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `/subscriptions/{subscription}/providers/Microsoft.Security/${type}`,
  operation: `Microsoft.Security/${type}/read`,
  reads: true,
  needs: needing(`Microsoft.Security/${type}/read`),
  does: (call) => ({
    status: 200,
    body: { value: items(setupOf(call.view, subscriptionIn(call)), call) },
  }),
});

/** A plan on the wire; one that is off has forgotten its sub plan and its extensions. */
function onWire(call: AzureCall, name: string, plan: Plan | undefined): JsonObject {
  const extensions = Object.entries(plan?.extensions ?? {}).map(([extension, on]) => ({
    name: extension,
    isEnabled: on ? 'True' : 'False',
  }));
  return {
    id: `${scopeOf(call)}/providers/Microsoft.Security/pricings/${name}`,
    name,
    type: 'Microsoft.Security/pricings',
    properties: {
      pricingTier: plan ? 'Standard' : 'Free',
      freeTrialRemainingTime: 'PT0S',
      ...(plan?.subPlan !== undefined && { subPlan: plan.subPlan }),
      ...(extensions.length > 0 && { extensions }),
    },
  };
}

/** The name of the plan that a path means, as it is spelt. */
function planIn({ params }: AzureCall): string {
  const name = Object.keys(plansOnOffer).find((one) => one.toLowerCase() === params['plan']?.toLowerCase());
  if (name !== undefined) return name;
  throw new AzureFault(404, 'ResourceNotFound', `There is no pricing '${params['plan'] ?? ''}'.`);
}

const Put = z.looseObject({
  properties: z.looseObject({
    pricingTier: z.enum(['Free', 'Standard']),
    subPlan: z.string().nullish(),
    extensions: z.array(z.looseObject({ name: z.string(), isEnabled: z.string() })).default([]),
  }),
});

/** What a PUT makes of a plan (learn.microsoft.com/rest/api/defenderforcloud/pricings/update). */
function accepted(name: string, body: JsonObject): Plan | undefined {
  const { pricingTier, subPlan, extensions } = Put.parse(body).properties;
  if (pricingTier === 'Free') return undefined;
  const offered = plansOnOffer[name] ?? [];
  if (subPlan && !offered.includes(subPlan))
    throw new AzureFault(400, 'InvalidInputJson', `The sub plan '${subPlan}' is not offered under '${name}'.`);
  const chosen = subPlan ?? offered[0];
  return {
    ...(chosen !== undefined && { subPlan: chosen }),
    extensions: Object.fromEntries(extensions.map((one) => [one.name, one.isEnabled.toLowerCase() === 'true'])),
  };
}

const path = '/subscriptions/{subscription}/providers/Microsoft.Security/pricings/{plan}';

const read: AzureOperation = {
  host: 'arm',
  method: 'GET',
  path,
  operation: 'Microsoft.Security/pricings/read',
  reads: true,
  does(call) {
    const name = planIn(call);
    const { plans } = setupOf(call.view, subscriptionIn(call));
    return { status: 200, body: onWire(call, name, plans[name]) };
  },
};

const write: AzureOperation = {
  host: 'arm',
  method: 'PUT',
  path,
  operation: 'Microsoft.Security/pricings/write',
  reads: false,
  does(call) {
    const { rows } = call.world;
    const name = planIn(call);
    const plan = accepted(name, call.body);
    const subscription = subscriptionIn(call);
    const { plans, exports } = setupOf(rows, subscription);
    const { [name]: _, ...others } = plans;
    rows.put(defenderSetups, subscription, { plans: { ...others, ...(plan && { [name]: plan }) }, exports });
    return { status: 200, body: onWire(call, name, plan) };
  },
};

/** Plans and continuous exports of Defender for Cloud (learn.microsoft.com/rest/api/defenderforcloud-composite). */
export const defenderPlans = azureNoun({
  name: 'defenderForCloud',
  scope: 'subscription',
  estate: Setup.optional(),
  seed(rows, setup, { subscription }) {
    if (setup) rows.put(defenderSetups, subscription, setup);
  },
  operations: [
    list('pricings', ({ plans }, call) => Object.keys(plansOnOffer).map((name) => onWire(call, name, plans[name]))),
    read,
    write,
    list('automations', ({ exports }) =>
      Object.entries(exports).map(([name, isEnabled]) => ({ name, properties: { isEnabled } })),
    ),
  ],
});
