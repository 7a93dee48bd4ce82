import * as z from 'zod';
import { asJson, type JsonObject, own } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';
import { list } from './arm.ts';
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

/** An alert as it stands, whoever asks. */
export const alertAt = (rows: Rows, id: string): JsonObject | undefined => rows.get(alerts, keyOf(id));

/** The alert that an operation on it is about: its path without the verb. */
const alertIn = (url: URL): string => decodeURIComponent(url.pathname).replace(/\/[^/]+$/, '');

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

const listed: AzureOperation = {
  host: 'arm',
  method: 'GET',
  path: '/subscriptions/{subscription}/providers/Microsoft.Security/alerts',
  operation: 'Microsoft.Security/alerts/read',
  reads: true,
  needs: ({ params }) => [
    { action: 'Microsoft.Security/alerts/read', scope: `/subscriptions/${params['subscription']}` },
  ],
  does(call) {
    const prefix = `/subscriptions/${call.params['subscription']}/`.toLowerCase();
    const all = call.view.all(alerts).flatMap(([key, alert]) => (key.startsWith(prefix) ? [alert] : []));
    return list(call, all);
  },
};

/** Where each operation moves an alert. Defender takes any state to any other, and there is no condition on it. */
const moves = { activate: 'Active', inProgress: 'InProgress', resolve: 'Resolved', dismiss: 'Dismissed' } as const;

const move =
  (scope: string) =>
  ([verb, status]: readonly [string, string]): AzureOperation => ({
    host: 'arm',
    method: 'POST',
    path: `${scope}/providers/Microsoft.Security/locations/{location}/alerts/{name}/${verb}`,
    operation: `Microsoft.Security/locations/alerts/${verb}/action`,
    reads: false,
    needs: ({ url }) => [{ action: `Microsoft.Security/locations/alerts/${verb}/action`, scope: alertIn(url) }],
    does({ world, url }) {
      const id = alertIn(url);
      const alert = world.rows.get(alerts, keyOf(id));
      if (!alert) throw new AzureFault(404, 'ResourceNotFound', `The alert '${id}' could not be found.`);
      const properties = { ...(own(alert, 'properties') as JsonObject), status }; // an alert as parsed has them
      world.rows.put(alerts, keyOf(id), { ...alert, properties });
      return { status: 204 };
    },
  });

const scopes = ['/subscriptions/{subscription}', '/subscriptions/{subscription}/resourceGroups/{resourceGroup}'];

/** Security alerts of Defender for Cloud: an estate begins with none, `addAlert` makes one known. */
export const defenderAlerts = azureNoun({
  name: 'defenderAlerts',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: [listed, ...scopes.flatMap((scope) => [read(scope), ...Object.entries(moves).map(move(scope))])],
});
