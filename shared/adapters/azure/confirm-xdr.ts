import * as z from 'zod';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { untitled } from '../../ingest/azure/defender-xdr.ts';
import { Text } from '../../ingest/shape.ts';
import { type Finding, severities } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { deadline } from './confirm-again.ts';

/** The ids by which each kind of evidence names its thing (learn.microsoft.com/graph/api/resources/security-alertevidence). */
const Evidence = z.object({
  resourceId: Text,
  ipAddress: Text,
  appId: Text,
  userAccount: z.object({ azureAdUserId: Text, userPrincipalName: Text }).nullish(),
  vmMetadata: z.object({ resourceId: Text }).nullish(),
});

/** learn.microsoft.com/graph/api/resources/security-alert */
const Alert = z.object({
  id: z.string(),
  tenantId: Text,
  title: Text,
  status: Text,
  severity: Text,
  evidence: z.array(Evidence).nullish(),
});
type Alert = z.infer<typeof Alert>;

/** Everything that the alert names, in lower case. */
const namedIn = ({ evidence }: Alert): ReadonlySet<string | undefined> =>
  new Set(
    (evidence ?? []).flatMap(({ resourceId, ipAddress, appId, userAccount, vmMetadata }) =>
      [
        resourceId,
        ipAddress,
        appId,
        userAccount?.azureAdUserId,
        userAccount?.userPrincipalName,
        vmMetadata?.resourceId,
      ].flatMap((id) => id?.toLowerCase() ?? []),
    ),
  );

const rankOf = (severity = ''): number =>
  severities.findIndex((caption) => caption.toLowerCase() === severity.toLowerCase());

const alertId = /^[\w-]{1,200}$/;

function compare(alert: Alert, finding: Finding, target: Target, tenant: string): Confirmation {
  const same =
    alert.id.toLowerCase() === finding.link['alertId']?.toLowerCase() &&
    (alert.tenantId ?? tenant).toLowerCase() === tenant.toLowerCase() &&
    [alert.title, untitled].includes(finding.title) &&
    rankOf(alert.severity) >= rankOf(finding.severity) &&
    (alert.status ?? '').toLowerCase() !== 'resolved' &&
    namedIn(alert).has(target.id.toLowerCase());
  return same ? 'same' : 'different';
}

/** Reads the alert where Microsoft Defender XDR keeps it: still open, of this tenant, and about the target. */
export async function confirmXdrAlert(session: AzureSession, finding: Finding, target: Target): Promise<Confirmation> {
  const { alertId: id = '' } = finding.link;
  if (!alertId.test(id)) return 'different';
  const found = await unlessAbsent(() => session.graph('GET', `/security/alerts_v2/${id}`, deadline()));
  const alert = Alert.safeParse(found);
  return alert.success ? compare(alert.data, finding, target, session.tenant) : 'unknown';
}
