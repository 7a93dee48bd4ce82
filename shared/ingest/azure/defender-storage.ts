import * as z from 'zod';
import { SubscriptionId } from '../../model/identifiers.ts';
import { type Json, own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { armTarget, subscriptionOf } from './arm-target.ts';
import { type BlobName, blobAt, blobUrl, isStorageAccount } from './blob-url.ts';
import { Instant, OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';

const eventType = 'Microsoft.Security.MalwareScanningResult';

/** The envelope in either schema: Event Grid (`topic`, `eventTime`) or CloudEvents 1.0 (`source`, `time`). */
const Message = z.object({
  id: z.string().min(1),
  subject: Text,
  topic: Text,
  source: Text,
  eventTime: OptionalInstant,
  time: OptionalInstant,
  data: z.object({
    correlationId: Text,
    blobUri: z.string(),
    eTag: Text,
    scanFinishedTimeUtc: Instant.optional(),
    scanResultDetails: z.object({ malwareNamesFound: z.array(z.string()).nullish(), sha256: Text }).nullish(),
  }),
});
type Message = z.infer<typeof Message>;

const subjectForm = /storageAccounts\/([^/]+)(?:\/blobServices\/default)?\/containers\/([^/]+)\/blobs\/(.+)$/is;

/** The blob that `blobUri` names, where the subject names no other. */
function blobOf({ subject, data }: Message): BlobName | undefined {
  const [, account, container, name] = subjectForm.exec(subject ?? '') ?? [];
  const blob = blobAt(data.blobUri, name);
  const same = !account || (account.toLowerCase() === blob?.account && container === blob.container);
  return same ? blob : undefined;
}

type Home = { readonly subscription: string; readonly from: 'storage-account' | 'topic'; readonly accountId?: string };

/** The storage account's own id where the envelope has it; otherwise the topic, which may stand in another subscription. */
function homeOf({ subject = '', topic, source }: Message, account: string): Home | undefined {
  const inSubject = /^\/subscriptions\/.*?\/storageAccounts\/[^/]+/i.exec(subject)?.[0];
  for (const id of [inSubject, source, topic]) {
    const subscription = subscriptionOf(id ?? '');
    if (id && isStorageAccount(id, account) && SubscriptionId.safeParse(subscription).success && subscription)
      return { subscription, from: 'storage-account', accountId: id };
  }
  const subscription = subscriptionOf(topic ?? source ?? '');
  return SubscriptionId.safeParse(subscription).success && subscription ? { subscription, from: 'topic' } : undefined;
}

function resourcesOf({ data }: Message, blob: BlobName, { subscription, accountId }: Home): readonly Target[] {
  const url = blobUrl(blob);
  const place = { account: subscription, region: '' };
  const affected: Target = {
    type: 'azure.storage.blob',
    id: url,
    name: blob.blob,
    ...place,
    role: 'affected',
    url,
    storageAccount: blob.account,
    container: blob.container,
    blob: blob.blob,
    eTag: data.eTag,
    sha256: data.scanResultDetails?.sha256,
  };
  return accountId ? [affected, armTarget(accountId, 'related', subscription)] : [affected];
}

function findingOf(message: Message, at: string): Reading {
  const blob = blobOf(message);
  if (!blob)
    return malformed(
      `data.blobUri and subject do not name one blob: ${quoted(message.data.blobUri)}.`,
      'Send the event as Defender for Storage publishes it, without a query in the URI.',
    );
  const home = homeOf(message, blob.account);
  if (!home)
    return malformed(
      'The subscription cannot be told: neither topic, source nor subject is the id of a resource in one.',
      'Keep topic (Event Grid schema) or source (CloudEvents) as Event Grid sets it.',
    );
  const names = message.data.scanResultDetails?.malwareNamesFound ?? [];
  return found({
    id: (message.data.correlationId ?? message.id).toLowerCase(),
    provider: 'defender-storage',
    cloud: 'azure',
    type: `${eventType}/Malicious`,
    title: 'Malware found in a blob',
    description: `Defender for Storage found ${names.join(', ') || 'malware'} in ${blobUrl(blob)}.`,
    severity: 'High',
    severityOriginal: 'Malicious',
    status: 'new',
    account: home.subscription,
    region: '',
    createdAt: at,
    updatedAt: at,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [...resourcesOf(message, blob, home)],
    link: { eventId: message.id, subscriptionFrom: home.from, storageAccount: blob.account },
  });
}

const remedy = 'Send the event as Event Grid delivers it, in Event Grid schema or as CloudEvents 1.0.';

/** Why a blob was not scanned, where the event says so: nothing is known then of what it holds. */
function why(event: Json): string {
  const reason = own(own(own(event, 'data'), 'scanResultDetails'), 'notScannedReason');
  return typeof reason === 'string' ? ` (${quoted(reason)})` : '';
}

/** Malware scan results of Microsoft Defender for Storage, from the customer's Event Grid topic. */
export const defenderStorage: Source = {
  id: 'defender-storage',
  title: 'Defender for Storage malware scan results',
  delivery: `Event Grid custom topic named in the storage account's Defender settings, ${eventType}`,
  identity: 'data.correlationId, one for each scan of a blob',
  confirm: 'state',
  sampleMarker: 'none: a test file (EICAR) is reported as malware',
  forgeable: ['finding.description', 'finding.resources.name', 'finding.resources.blob', 'finding.resources.url'],
  reference: 'https://learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan',

  envelopes: [`grid/${eventType.toLowerCase()}`],

  read(event) {
    const verdict = own(own(event, 'data'), 'scanResultType');
    if (typeof verdict !== 'string') return malformed('data.scanResultType: not a text.', remedy);
    if (verdict.toLowerCase() !== 'malicious')
      return ignored(`The scan ended with ${quoted(verdict)}${why(event)}, not Malicious.`);
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { data, eventTime, time } = message.data;
    const at = data.scanFinishedTimeUtc ?? eventTime ?? time;
    return at ? findingOf(message.data, at) : malformed('The event says no time.', remedy);
  },
};
