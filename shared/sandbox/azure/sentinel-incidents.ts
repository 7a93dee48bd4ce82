import * as z from 'zod';
import { asJson, type JsonObject } from '../../model/json.ts';
import { type Rows, type View, table } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

const type = 'Microsoft.SecurityInsights/incidents';
const path =
  '/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/{workspace}/providers/Microsoft.SecurityInsights/incidents/{incident}';

const Incident = z.looseObject({
  id: z.string(),
  name: z.string(),
  properties: z.looseObject({ title: z.string(), incidentNumber: z.int(), status: z.string() }),
});

type IncidentRow = { readonly incident: JsonObject; readonly entities: readonly JsonObject[] };

/** Keyed by the ARM id in lower case. */
const incidents = table<IncidentRow>('azure.sentinel.incidents');

/** Makes an incident known to Sentinel: `{ id, name, properties }` as its API writes it, and the entities beside it. */
export function addIncident(rows: Rows, incident: unknown, entities: readonly unknown[]): void {
  const known = Incident.parse(incident);
  const row = asJson({ incident: { type, ...known }, entities }) as IncidentRow; // made of just these
  rows.put(incidents, known.id.toLowerCase(), row);
}

function incidentAt(view: View, id: string): IncidentRow {
  const row = view.get(incidents, id.toLowerCase());
  if (row) return row;
  throw new AzureFault(404, 'NotFound', `The incident '${id}' was not found.`);
}

const operations: readonly AzureOperation[] = [
  {
    host: 'arm',
    method: 'GET',
    path,
    operation: `${type}/read`,
    reads: true,
    does: ({ view, url }) => ({ status: 200, body: incidentAt(view, decodeURIComponent(url.pathname)).incident }),
  },
  /** learn.microsoft.com/rest/api/securityinsights/incidents/list-entities: a POST that reads. */
  {
    host: 'arm',
    method: 'POST',
    path: `${path}/entities`,
    operation: `${type}/entities/action`,
    reads: true,
    needs: ({ url }) => [
      { action: `${type}/entities/action`, scope: decodeURIComponent(url.pathname).replace(/\/entities$/i, '') },
    ],
    does({ view, url }) {
      const { entities } = incidentAt(view, decodeURIComponent(url.pathname).replace(/\/entities$/i, ''));
      return { status: 200, body: { entities, metaData: [] } };
    },
  },
];

/** Incidents of Microsoft Sentinel: an estate begins with none, `addIncident` makes one known. */
export const sentinelIncidents = azureNoun({
  name: 'sentinelIncidents',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations,
});
