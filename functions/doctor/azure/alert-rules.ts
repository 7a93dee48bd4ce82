import * as z from 'zod';
import { listArm } from '../../../shared/actions/azure/arm-resource.ts';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import { unlessAbsent } from '../../../shared/actions/azure/fault.ts';
import type { Patience } from '../patience.ts';

/** The kinds of alert rules of Azure Monitor, each with its API version. */
const versions = {
  scheduledQueryRules: '2022-06-15',
  metricAlerts: '2018-03-01',
  activityLogAlerts: '2020-10-01',
} as const;

/** Names of alert rules by their kind. */
export type AlertRules = { readonly [K in keyof typeof versions]?: readonly string[] };

const kindsOf = (rules: AlertRules) => (Object.keys(versions) as (keyof typeof versions)[]).filter((one) => rules[one]); // its own keys

/** The rights that looking at alert rules takes. */
export const alertRights = Object.keys(versions).map((kind) => `Microsoft.Insights/${kind}/read`);

const shape = z.object({ name: z.string(), properties: z.object({ enabled: z.boolean().default(true) }) });

/** What is wrong with the alert rules of a resource group, a sentence each. */
export async function alertFaults(
  azure: AzureSession,
  group: string,
  wanted: AlertRules,
  patience: Patience,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const kind of kindsOf(wanted)) {
    const path = `${group}/providers/Microsoft.Insights/${kind}`;
    const rules = await unlessAbsent(() => listArm(azure, { apiVersion: versions[kind], shape }, path, patience()));
    const on = new Map((rules ?? []).map(({ name, properties }) => [name.toLowerCase(), properties.enabled]));
    for (const name of wanted[kind] ?? []) {
      const state = on.get(name.toLowerCase());
      if (state !== true) faults.push(`alert rule ${name} ${state === undefined ? 'is not there' : 'is switched off'}`);
    }
  }
  return faults;
}
