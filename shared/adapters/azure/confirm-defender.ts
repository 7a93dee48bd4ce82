import { ResourceManagementClient } from '@azure/arm-resources';
import { BlobClient } from '@azure/storage-blob';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { Alert, flat } from '../../ingest/azure/defender-alert.ts';
import { subscriptionIn, targetsOf } from '../../ingest/azure/defender-targets.ts';
import type { Finding } from '../../model/finding.ts';
import { comparable } from '../../model/identifiers.ts';
import { asJson } from '../../model/json.ts';
import type { Confirmation } from '../../ports/clouds.ts';

/** Of the alerts API (learn.microsoft.com/rest/api/defenderforcloud/alerts). */
const apiVersion = '2022-01-01';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** An alert of one subscription and nothing else: the SDK sends the id as it is, so `..` or a query would lead it elsewhere. */
const alertPath =
  /^\/subscriptions\/[\w-]+(\/resourceGroups\/(?!\.+\/)[\w.()-]+)?\/providers\/Microsoft\.Security\/locations\/\w+\/alerts\/(?!\.+$)[\w.-]+$/i;

/** Somebody has already dealt with such an alert. */
const closed = ['resolved', 'dismissed'];

/** What a forged event would have to get right: id, type, subscription and the resource that is acted on. */
function compare(finding: Finding, alert: Alert): Confirmation {
  const known = new Set(targetsOf(alert, finding.account).map(({ id }) => comparable(id)));
  const affected = finding.resources.filter(({ role }) => role === 'affected');
  const same =
    (alert.systemalertid ?? alert.name)?.toLowerCase() === finding.id &&
    alert.alerttype === finding.type &&
    (subscriptionIn(alert) ?? finding.account).toLowerCase() === finding.account.toLowerCase() &&
    affected.every(({ id }) => known.has(comparable(id))) &&
    !closed.includes((alert.status ?? '').toLowerCase());
  return same ? 'same' : 'different';
}

/** Reads the alert where Defender for Cloud keeps it. */
export async function confirmAlert(session: AzureSession, finding: Finding): Promise<Confirmation> {
  const { alertId } = finding.link;
  if (alertId === undefined) return 'unknown';
  const home = `/subscriptions/${finding.account}/`.toLowerCase();
  if (!alertId.toLowerCase().startsWith(home) || !alertPath.test(alertId)) return 'different';
  const { resources } = session.client(ResourceManagementClient);
  const found = await unlessAbsent(() =>
    resources.getById(alertId.replace(/^\//, ''), apiVersion, { abortSignal: deadline() }),
  );
  if (!found) return 'unknown';
  const { id, name, type, properties } = found;
  const alert = Alert.safeParse(flat(asJson({ id, name, type, properties })));
  return alert.success ? compare(finding, alert.data) : 'unknown';
}

const bare = (eTag: string): string => eTag.replaceAll('"', '');

/** A scan result is kept nowhere: what can be read again is whether the blob is still the one that was scanned. */
export async function confirmScan(session: AzureSession, { resources }: Finding): Promise<Confirmation> {
  const blob = resources.find((one) => one.type === 'azure.storage.blob' && one.role === 'affected');
  if (blob?.type !== 'azure.storage.blob' || blob.eTag === undefined) return 'unknown';
  const found = await unlessAbsent(() => session.open(BlobClient, blob.url).getProperties({ abortSignal: deadline() }));
  if (!found?.etag) return 'unknown';
  return bare(found.etag) === bare(blob.eTag) ? 'same' : 'different';
}
