import * as z from 'zod';
import { table } from '../rows.ts';
import { azureNoun } from './noun.ts';
import type { AzureCall, AzureOperation } from './operation.ts';

/** How Defender for Cloud is set up in a subscription: the plans that are on, and its exports by name. */
const Setup = z.strictObject({
  plans: z.array(z.string()).default([]),
  exports: z.record(z.string(), z.boolean()).default({}),
});

/** Keyed by subscription; without a row nothing is on. */
export const defenderSetups = table<z.output<typeof Setup>>('azure.defender.setups');

const list = (type: string, items: (setup: z.output<typeof Setup>) => readonly object[]): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `/subscriptions/{subscription}/providers/Microsoft.Security/${type}`,
  operation: `Microsoft.Security/${type}/read`,
  reads: true,
  needs: ({ params }) => [
    { action: `Microsoft.Security/${type}/read`, scope: `/subscriptions/${params['subscription'] ?? ''}` },
  ],
  does: ({ view, params }: AzureCall) => ({
    status: 200,
    body: { value: items(view.get(defenderSetups, params['subscription'] ?? '') ?? Setup.parse({})) },
  }),
});

/** Plans and continuous exports of Defender for Cloud (learn.microsoft.com/rest/api/defenderforcloud-composite). */
export const defenderPlans = azureNoun({
  name: 'defenderForCloud',
  scope: 'subscription',
  estate: Setup.optional(),
  seed(rows, setup, { subscription }) {
    if (setup) rows.put(defenderSetups, subscription, setup);
  },
  operations: [
    list('pricings', ({ plans }) => plans.map((name) => ({ name, properties: { pricingTier: 'Standard' } }))),
    list('automations', ({ exports }) =>
      Object.entries(exports).map(([name, isEnabled]) => ({ name, properties: { isEnabled } })),
    ),
  ],
});
