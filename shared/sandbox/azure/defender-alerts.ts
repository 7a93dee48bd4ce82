import * as z from 'zod';
import { asJson, type JsonObject } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

const type = 'Microsoft.Security/Locations/alerts';

/** As the alerts API shows one (learn.microsoft.com/rest/api/defenderforcloud/alerts). */
const Alert = z.looseObject({
  id: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/(resourceGroups\/[^/]+\/)?providers\/Microsoft\.Security\/locations\/[^/]+\/alerts\/[^/]+$/i,
    ),
  name: z.string(),
  properties: z.looseObject({ alertType: z.string(), systemAlertId: z.string() }),
});

/** Keyed by subscription, location and name in lower case: an alert of a resource group is one of the subscription too. */
const alerts = table<JsonObject>('azure.defender.alerts');

const keyOf = (id: string): string => id.toLowerCase().replace(/\/resourcegroups\/[^/]+/, '');

/** Makes an alert known to Defender for Cloud: `{ id, name, properties }` as the alerts API writes it. */
export function addAlert(rows: Rows, alert: unknown): void {
  const known = Alert.parse(alert);
  rows.put(alerts, keyOf(known.id), { type, ...(asJson(known) as JsonObject) }); // an object as parsed
}

const read = (scope: string): AzureOperation => ({
  host: 'arm',
  method: 'GET',
  path: `${scope}/providers/Microsoft.Security/locations/{location}/alerts/{name}`,
  operation: 'Microsoft.Security/locations/alerts/read',
  reads: true,
  does({ view, url }) {
    const id = decodeURIComponent(url.pathname);
    const alert = view.get(alerts, keyOf(id));
    if (alert) return { status: 200, body: alert };
    throw new AzureFault(404, 'ResourceNotFound', `The alert '${id}' could not be found.`);
  },
});

/** Security alerts of Defender for Cloud: an estate begins with none, `addAlert` makes one known. */
export const defenderAlerts = azureNoun({
  name: 'defenderAlerts',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: [
    read('/subscriptions/{subscription}'),
    read('/subscriptions/{subscription}/resourceGroups/{resourceGroup}'),
  ],
});
