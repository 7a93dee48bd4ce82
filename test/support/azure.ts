import { azureCode } from '../../shared/actions/azure/fault.ts';
import { asJson } from '../../shared/model/json.ts';
import { rulesOf } from '../../shared/sandbox/azure/network-security-groups.ts';
import { principals, type ResourceRow, resources } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { subscription, tenant } from './company.ts';

/** The id of a resource of Northwind's production subscription. */
export const azureId = (group: string, type: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`;

export const vmId = azureId('rg-web', 'Microsoft.Compute/virtualMachines', 'vm-web-01');
export const networkSecurityGroupId = azureId('rg-web', 'Microsoft.Network/networkSecurityGroups', 'nsg-web');
export const nicId = azureId('rg-web', 'Microsoft.Network/networkInterfaces', 'nic-web-01');
export const quarantineGroupId = azureId(
  'rg-web',
  'Microsoft.Network/networkSecurityGroups',
  'cordon-quarantine-westeurope',
);
export const storageAccountId = azureId('rg-data', 'Microsoft.Storage/storageAccounts', 'northwindexports');
export const blobUrl = 'https://northwinduploads.blob.core.windows.net/incoming/2026/11/Invoice%204711.docm';
export const blobTag = '0x8DE2A1B2C3D4E5F';

/** A resource as it stands, whoever asks. */
export function resourceAt({ rows }: Pick<Sandbox, 'rows'>, id: string): ResourceRow {
  const row = rows.get(resources, id.toLowerCase());
  if (!row) throw new Error(`the estate has no ${id}`);
  return row;
}

/** Changes a resource behind Cordon's back. */
export const rewrite = (
  sandbox: Pick<Sandbox, 'rows'>,
  id: string,
  change: (row: ResourceRow) => Partial<ResourceRow>,
): void => {
  const row = resourceAt(sandbox, id);
  sandbox.rows.put(resources, id.toLowerCase(), { ...row, ...change(row), revision: row.revision + 1 });
};

type Rules = ReturnType<typeof rulesOf>;

/** Changes the rules of a security group behind Cordon's back. */
export const rewriteRules = (sandbox: Pick<Sandbox, 'rows'>, id: string, change: (rules: Rules) => Rules): void =>
  rewrite(sandbox, id, (row) => ({
    properties: { ...row.properties, securityRules: asJson(change(rulesOf(row))) },
  }));

/** What a blob's URL answers: to a principal of the tenant, or to a stranger. */
export async function fetchBlob(
  sandbox: Sandbox,
  url: string,
  principal?: string,
): Promise<{ readonly status: number; readonly code: string; readonly text: string }> {
  const token =
    principal === undefined ? undefined : await sandbox.credential(principal).getToken('https://storage.azure.com');
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token.token}` } : {};
  const {
    status,
    headers: back,
    body,
  } = await sandbox.handle({ method: 'GET', url: new URL(url), headers, body: new Uint8Array() });
  return { status, code: back['x-ms-error-code'] ?? '', text: Buffer.from(body).toString() };
}

/** A principal who may do everything, as the tests of the simulated Azure itself need one. */
export function allowAll(
  { rows }: Pick<Sandbox, 'rows'>,
  changed: { readonly notActions?: readonly string[] } = {},
): string {
  const id = '0a1b2c3d-0000-4000-8000-00000000ffff';
  const role = { actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [], ...changed };
  const graph = ['User.ReadWrite.All'];
  rows.put(principals, id, { id, name: 'operator', tenant, graph, assignments: [{ scope: '/', role }] });
  return id;
}

/** Options that lead an Azure SDK client into the sandbox; nothing is tried twice. */
export const intoSandbox = ({ httpClient }: Pick<Sandbox, 'httpClient'>) => ({
  httpClient,
  retryOptions: { maxRetries: 0, maxTries: 1 },
});

/** What a call was refused with; undefined when it was not. */
export const refusedWith = (call: PromiseLike<unknown>): Promise<string | undefined> =>
  Promise.resolve(call).then(
    () => undefined,
    (thrown: unknown) => azureCode(thrown),
  );

/** Polls a long-running operation without pausing. */
export const atOnce = { updateIntervalInMs: 1 };

/** Puts firewall rules into a database server behind Cordon's back. */
export function intoRules(
  { rows }: Pick<Sandbox, 'rows'>,
  serverId: string,
  rules: Readonly<Record<string, readonly [start: string, end: string]>>,
): void {
  const { type } = resourceAt({ rows }, serverId);
  for (const [name, [startIpAddress, endIpAddress]] of Object.entries(rules)) {
    const id = `${serverId}/firewallRules/${name}`;
    const properties = { startIpAddress, endIpAddress };
    const row = { id, name, type: `${type}/firewallRules`, location: '', tags: {}, extra: {}, properties, revision: 2 };
    rows.put(resources, id.toLowerCase(), row);
  }
}
