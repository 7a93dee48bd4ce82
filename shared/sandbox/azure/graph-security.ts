import * as z from 'zod';
import { asJson, type JsonObject } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureOperation } from './operation.ts';

/** Keyed by the path below v1.0, in lower case: what Graph knows of risk, of directory changes and of alerts. */
const records = table<JsonObject>('azure.graph.security');

/** Collections and the permissions of which one is needed to read from them (learn.microsoft.com/graph/permissions-reference). */
const collections: Readonly<Record<string, readonly string[]>> = {
  'identityProtection/riskyUsers': ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'],
  'identityProtection/riskDetections': ['IdentityRiskEvent.Read.All'],
  'identityProtection/riskyServicePrincipals': [
    'IdentityRiskyServicePrincipal.Read.All',
    'IdentityRiskyServicePrincipal.ReadWrite.All',
  ],
  'identityProtection/servicePrincipalRiskDetections': ['IdentityRiskyServicePrincipal.Read.All'],
  'auditLogs/directoryAudits': ['AuditLog.Read.All'],
  'auditLogs/signIns': ['AuditLog.Read.All'],
  'security/alerts_v2': ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
};

const keyOf = (path: string): string => path.replace(/^\/v1\.0\//, '').toLowerCase();

/** Makes a record known to Graph: `path` as `identityProtection/riskyUsers/<id>`. */
export const addGraphRecord = (rows: Rows, path: string, record: unknown): void =>
  rows.put(records, keyOf(path), z.record(z.string(), z.unknown()).parse(asJson(record)) as JsonObject); // JSON by asJson

const read = ([collection, permissions]: readonly [string, readonly string[]]): AzureOperation => ({
  host: 'graph',
  method: 'GET',
  path: `/v1.0/${collection}/{id}`,
  operation: `graph:${collection}/read`,
  reads: true,
  needs: () => [{ anyOf: permissions }],
  does({ view, url, params }) {
    const record = view.get(records, keyOf(decodeURIComponent(url.pathname)));
    if (record)
      return {
        status: 200,
        body: { '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#${collection}/$entity`, ...record },
      };
    throw new AzureFault(404, 'ResourceNotFound', `Resource '${params['id'] ?? ''}' does not exist.`);
  },
});

/** Risk, directory audits, sign-ins and alerts: an estate begins with none, `addGraphRecord` makes one known. */
export const graphSecurity = azureNoun({
  name: 'graphSecurity',
  scope: 'tenant',
  estate: z.undefined(),
  seed: () => undefined,
  operations: Object.entries(collections).map(read),
});
