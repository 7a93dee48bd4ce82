import * as z from 'zod';
import type { AzureSession } from './azure-action.ts';
import { readArm } from './arm-resource.ts';

/** `Microsoft.Security/pricings`: what the plans of Defender for Cloud are to ARM. */
export const planType = 'Microsoft.Security/pricings';

const Extension = z.looseObject({ name: z.string(), isEnabled: z.stringFormat('flag', /^(true|false)$/i) });

/** A plan as ARM shows it (learn.microsoft.com/rest/api/defenderforcloud/pricings/get). */
export const Pricing = z.looseObject({
  id: z.string(),
  properties: z.looseObject({
    pricingTier: z.enum(['Free', 'Standard']),
    subPlan: z.string().nullish(),
    extensions: z.array(Extension).nullish(),
  }),
});
export type Pricing = z.infer<typeof Pricing>;

export const pricing = { apiVersion: '2024-01-01', shape: Pricing } as const;

/** The plan by its id; undefined where its scope is gone. */
export const readPlan = (azure: AzureSession, id: string, signal: AbortSignal): Promise<Pricing | undefined> =>
  readArm(azure, pricing, id, signal);

/** Whether an extension is on: Azure writes `True` and `False`. */
export const isOn = ({ isEnabled }: z.infer<typeof Extension>): boolean => isEnabled.toLowerCase() === 'true';
