import * as z from 'zod';
import { PlanBaseline } from '../../model/azure-logging.ts';
import { parseExtensionId } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import { putArm } from './arm-resource.ts';
import { azureAction } from './azure-action.ts';
import { isOn, type Pricing, planType, pricing, readPlan } from './defender-plan.ts';

const Value = z.strictObject({
  pricingTier: z.enum(['Free', 'Standard']),
  /** These two only where the baseline names them: what it leaves out is left to Azure. */
  subPlan: z.string().nullable().exactOptional(),
  extensions: z.record(z.string(), z.boolean()).exactOptional(),
});
type Value = z.infer<typeof Value>;

const right = (verb: string) => ({ allow: `${planType}/${verb}`, on: '{planId}' });

/** How this plan is to be, whatever the case of its name. */
function wantedFor({ planId, baseline }: { planId: string; baseline: Readonly<Record<string, PlanBaseline>> }) {
  const name = parseExtensionId(planId, planType)?.name.toLowerCase();
  return Object.entries(baseline).find(([plan]) => plan.toLowerCase() === name)?.[1] ?? {};
}

/** Of a plan, what the baseline has something to say of. */
function managed({ properties }: Pricing, wanted: PlanBaseline): Value {
  const { pricingTier, subPlan = null, extensions } = properties;
  const on = (name: string): boolean => extensions?.some((one) => one.name === name && isOn(one)) ?? false;
  return {
    pricingTier,
    ...(wanted.subPlan !== undefined && { subPlan }),
    ...(wanted.extensions && {
      extensions: Object.fromEntries(Object.keys(wanted.extensions).map((name) => [name, on(name)])),
    }),
  };
}

/** A plan as ARM takes it, with what is there already of its extensions: a PUT replaces the list. */
function bodyOf({ properties }: Pricing, { pricingTier, subPlan, extensions }: Value): JsonObject {
  if (pricingTier === 'Free') return { properties: { pricingTier } };
  const kept = (properties.extensions ?? []).filter(({ name }) => extensions?.[name] === undefined);
  const named = Object.entries(extensions ?? {}).map(([name, on]) => ({ name, isEnabled: on ? 'True' : 'False' }));
  const all = [...kept.map((one) => ({ name: one.name, isEnabled: one.isEnabled })), ...named];
  return { properties: { pricingTier, ...(subPlan && { subPlan }), ...(all.length > 0 && { extensions: all }) } };
}

/**
 * Turns a plan of Defender for Cloud on again (learn.microsoft.com/rest/api/defenderforcloud/pricings/update). A plan that is
 * off has forgotten its sub plan and its extensions, so these come from the settings; a plan that is on is left as it is.
 */
export const defenderRestorePlan = azureAction({
  id: 'azure.defender.restore-plan',
  title: 'Turn a plan of Defender for Cloud on again',
  target: 'azure.defender.plan',
  d3fend: 'D3-RC',
  input: z.strictObject({
    planId: z
      .string()
      .refine((id) => parseExtensionId(id, planType) !== undefined, { error: `must be the id of a ${planType}` })
      .describe('The plan, by its ARM id.'),
    baseline: z
      .record(z.string(), PlanBaseline)
      .default({})
      .describe('How plans are to be, by name; one that is not named comes back whole.'),
  }),
  value: Value,
  permissions: { read: [right('read')], write: [right('read'), right('write')] },
  settles: { seconds: 30 },
  cutsNothing: true,
  cautions: [
    'A plan costs what it costs from the moment it is on.',
    'What was done while it was off raised no alert, and raises none later.',
    'A plan that azure.logging.defenderPlans does not name comes back with the sub plan and the extensions that Azure chooses.',
  ],
  examples: [
    {
      planId:
        '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/providers/Microsoft.Security/pricings/VirtualMachines',
      baseline: { VirtualMachines: { subPlan: 'P2', extensions: { AgentlessVmScanning: true } } },
    },
  ],
}).does({
  async capture(azure, input, { signal }) {
    const found = await readPlan(azure, input.planId, signal);
    return found ? { [found.id]: managed(found, wantedFor(input)) } : {};
  },
  plan(input, seen) {
    const off = Object.keys(seen).filter((id) => seen[id]?.pricingTier === 'Free');
    return Object.fromEntries(off.map((id) => [id, { pricingTier: 'Standard' as const, ...wantedFor(input) }]));
  },
  async apply(azure, { resource, to }, step) {
    const now = to && (await readPlan(azure, resource, step.signal));
    if (now) await putArm(azure, pricing, resource, bodyOf(now, to), step);
  },
});
