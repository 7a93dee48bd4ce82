import type { AzureSession } from '../../actions/azure/azure-action.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target, TargetType } from '../../model/target.ts';

/** Reads the facts of one type of target; undefined where it does not exist. */
export type Inspect = (session: AzureSession, target: Target) => Promise<JsonObject | undefined>;

/** Loaded only when a target of the type comes up. */
const inspectors: { readonly [T in TargetType]?: () => Promise<Inspect> } = {
  'azure.aks.workload': () => import('./inspect-aks.ts').then(({ inspectWorkload }) => inspectWorkload),
  'azure.compute.virtual-machine': () =>
    import('./inspect-compute.ts').then(({ inspectVirtualMachine }) => inspectVirtualMachine),
  'azure.network.security-group': () =>
    import('./inspect-network.ts').then(({ inspectSecurityGroup }) => inspectSecurityGroup),
  'azure.storage.account': () =>
    import('./inspect-storage.ts').then(({ inspectStorageAccount }) => inspectStorageAccount),
  'azure.storage.blob': () => import('./inspect-storage.ts').then(({ inspectBlob }) => inspectBlob),
  'azure.sql.server': () => import('./inspect-data.ts').then(({ inspectDatabase }) => inspectDatabase),
  'azure.postgres.server': () => import('./inspect-data.ts').then(({ inspectDatabase }) => inspectDatabase),
  'azure.mysql.server': () => import('./inspect-data.ts').then(({ inspectDatabase }) => inspectDatabase),
  'azure.web.site': () => import('./inspect-data.ts').then(({ inspectSite }) => inspectSite),
  'azure.key-vault.vault': () => import('./inspect-data.ts').then(({ inspectVault }) => inspectVault),
  'azure.defender.plan': () => import('./inspect-logging.ts').then(({ inspectPlan }) => inspectPlan),
  'azure.monitor.diagnostic-setting': () =>
    import('./inspect-logging.ts').then(({ inspectDiagnosticSetting }) => inspectDiagnosticSetting),
  'azure.entra.user': () => import('./inspect-entra.ts').then(({ inspectUser }) => inspectUser),
  'azure.entra.service-principal': () =>
    import('./inspect-entra.ts').then(({ inspectServicePrincipal }) => inspectServicePrincipal),
  'azure.role-assignment': () =>
    import('./inspect-authorization.ts').then(({ inspectRoleAssignment }) => inspectRoleAssignment),
};

/** The target's own facts as read now; none for a type that has none to read. */
export async function inspectAzure(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const inspect = await inspectors[target.type]?.();
  return inspect ? inspect(session, target) : {};
}
