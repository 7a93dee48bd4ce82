import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import { createSerializer, type OperationSpec, ServiceClient } from '@azure/core-client';
import * as z from 'zod';
import type { AzureClientOptions, AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { sentinel } from '../../ingest/azure/sentinel.ts';
import { IncidentId } from '../../ingest/azure/sentinel-incident.ts';
import type { Finding } from '../../model/finding.ts';
import { asJson } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { compareAgain, deadline } from './confirm-again.ts';

/** Of the incidents API (learn.microsoft.com/rest/api/securityinsights/incidents). */
const apiVersion = '2024-03-01';
const host = 'https://management.azure.com';

const listEntities = (incidentId: string): OperationSpec => ({
  httpMethod: 'POST',
  baseUrl: host,
  path: `${incidentId}/entities`,
  queryParameters: [
    {
      parameterPath: 'apiVersion',
      mapper: {
        serializedName: 'api-version',
        required: true,
        isConstant: true,
        defaultValue: apiVersion,
        type: { name: 'String' },
      },
    },
  ],
  responses: {
    200: { bodyMapper: { type: { name: 'Dictionary', value: { type: { name: 'any' } } } } },
    default: {},
  },
  serializer: createSerializer(),
});

/** What no client for any resource does: the entities of an incident are read by a POST. */
class IncidentsClient extends ServiceClient {
  constructor(credential: TokenCredential, _subscription: string, options: AzureClientOptions) {
    super({ ...options, credential, credentialScopes: `${host}/.default`, endpoint: host });
  }

  entitiesOf(incidentId: string, abortSignal: AbortSignal): Promise<unknown> {
    return this.sendOperationRequest({ options: { abortSignal } }, listEntities(incidentId));
  }
}

const Listed = z.object({ entities: z.array(z.unknown()) });

/** An incident as the API shows it. */
const Shown = z.object({ id: z.string(), properties: z.record(z.string(), z.unknown()) });

/** Reads the incident and its entities where Sentinel keeps them, and reads both as the source would. */
export async function confirmIncident(session: AzureSession, finding: Finding, target: Target): Promise<Confirmation> {
  const { incidentId = '', incidentNumber } = finding.link;
  if (!IncidentId.safeParse(incidentId).success || incidentId.toLowerCase() !== finding.id) return 'different';
  const { resources } = session.client(ResourceManagementClient);
  const [found, listed] = await Promise.all([
    unlessAbsent(() => resources.getById(incidentId.replace(/^\//, ''), apiVersion, { abortSignal: deadline() })),
    unlessAbsent(() => session.client(IncidentsClient).entitiesOf(incidentId, deadline())),
  ]);
  const shown = Shown.safeParse(found);
  const { data: related } = Listed.safeParse(listed);
  if (!shown.success || !related) return 'unknown';
  const properties = { ...shown.data.properties, relatedEntities: related.entities };
  const object = { id: shown.data.id, properties };
  const again = sentinel.read(asJson({ objectSchemaType: 'Incident', object }));
  const [now] = again.kind === 'findings' ? again.findings : [];
  const renamed = now && (now.title !== finding.title || now.link['incidentNumber'] !== incidentNumber);
  return renamed ? 'different' : compareAgain(again, finding, target);
}
