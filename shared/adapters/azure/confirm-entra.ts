import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { entra } from '../../ingest/azure/entra.ts';
import type { Finding } from '../../model/finding.ts';
import { asJson } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { compareAgain, deadline } from './confirm-again.ts';

/** Where Graph keeps each collection, and the diagnostic category whose records have the same members. */
const collections: ReadonlyMap<string, { readonly path: string; readonly category: string }> = new Map([
  ['riskyUsers', { path: '/identityProtection/riskyUsers', category: 'RiskyUsers' }],
  ['riskDetections', { path: '/identityProtection/riskDetections', category: 'UserRiskEvents' }],
  [
    'riskyServicePrincipals',
    { path: '/identityProtection/riskyServicePrincipals', category: 'RiskyServicePrincipals' },
  ],
  [
    'servicePrincipalRiskDetections',
    { path: '/identityProtection/servicePrincipalRiskDetections', category: 'ServicePrincipalRiskEvents' },
  ],
  ['directoryAudits', { path: '/auditLogs/directoryAudits', category: 'AuditLogs' }],
  ['signIns', { path: '/auditLogs/signIns', category: 'SignInLogs' }],
]);

const recordId = /^[\w-]{1,200}$/;

/** Reads the risk or the directory change where Microsoft Graph keeps it, and reads its answer as the source would. */
export async function confirmEntra(session: AzureSession, finding: Finding, target: Target): Promise<Confirmation> {
  const { collection = '', recordId: id = '' } = finding.link;
  const kept = collections.get(collection);
  if (!kept || !recordId.test(id) || finding.account.toLowerCase() !== session.tenant.toLowerCase()) return 'different';
  const found = await unlessAbsent(() => session.graph('GET', `${kept.path}/${id}`, deadline()));
  if (found === undefined) return 'unknown';
  const again = entra.read(asJson({ category: kept.category, tenantId: session.tenant, properties: found }));
  const same = compareAgain(again, finding, target);
  const [now] = again.kind === 'findings' ? again.findings : [];
  return same === 'same' && now?.type !== finding.type ? 'different' : same;
}
