import * as z from 'zod';
import { parseArmId, SubscriptionId } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
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

type Blob = { readonly host: string; readonly account: string; readonly container: string; readonly blob: string };

const uri =
  /^https:\/\/(([a-z0-9]{3,24})(?:\.z\d\d)?\.blob\.(?:core\.windows\.net|storage\.azure\.net|core\.usgovcloudapi\.net|core\.chinacloudapi\.cn))\/([^/?#]+)\/(.+)$/s;
const subjectForm = /storageAccounts\/([^/]+)(?:\/blobServices\/default)?\/containers\/([^/]+)\/blobs\/(.+)$/is;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare percent sign: it was not encoded
  }
}

/**
 * The blob that `blobUri` names. The URI comes with blanks unescaped, so a `%20` in it may be either; the subject tells
 * which. Where the two name different blobs, or the name would lead a URL elsewhere, there is no blob.
 */
function blobOf({ subject, data }: Message): Blob | undefined {
  const [, host, account, container, raw] = uri.exec(data.blobUri) ?? [];
  if (!host || !account || !container || !raw) return undefined;
  const [, subjectAccount, subjectContainer, subjectBlob] = subjectForm.exec(subject ?? '') ?? [];
  if (subjectAccount && (subjectAccount.toLowerCase() !== account || subjectContainer !== container)) return undefined;
  const readings = /[?#]/.test(raw) ? [] : [decoded(raw)];
  const blob = subjectBlob ? [raw, ...readings].find((name) => name === subjectBlob) : readings[0];
  if (!blob?.isWellFormed() || blob.split('/').some((part) => part === '.' || part === '..')) return undefined;
  return { host, account, container, blob };
}

const urlOf = ({ host, container, blob }: Blob): string =>
  `https://${host}/${container}/${blob.split('/').map(encodeURIComponent).join('/')}`;

type Home = { readonly subscription: string; readonly from: 'storage-account' | 'topic'; readonly accountId?: string };

/** The storage account's own id where the envelope has it; otherwise the topic, which may stand in another subscription. */
function homeOf({ subject = '', topic, source }: Message, account: string): Home | undefined {
  const inSubject = /^\/subscriptions\/.*?\/storageAccounts\/[^/]+/i.exec(subject)?.[0];
  for (const id of [inSubject, source, topic]) {
    const arm = parseArmId(id ?? '');
    if (arm?.type.toLowerCase() !== 'microsoft.storage/storageaccounts' || arm.name.toLowerCase() !== account) continue;
    if (id && SubscriptionId.safeParse(arm.subscription).success)
      return { subscription: arm.subscription.toLowerCase(), from: 'storage-account', accountId: id };
  }
  const subscription = /^\/subscriptions\/([^/]+)\//i.exec(topic ?? source ?? '')?.[1];
  return SubscriptionId.safeParse(subscription).success && subscription
    ? { subscription: subscription.toLowerCase(), from: 'topic' }
    : undefined;
}

function resourcesOf({ data }: Message, blob: Blob, { subscription, accountId }: Home): readonly Target[] {
  const url = urlOf(blob);
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
  const resourceGroup = parseArmId(accountId ?? '')?.resourceGroup;
  if (!accountId || !resourceGroup) return [affected];
  return [
    affected,
    { type: 'azure.storage.account', id: accountId, name: blob.account, ...place, role: 'related', resourceGroup },
  ];
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
    description: `Defender for Storage found ${names.join(', ') || 'malware'} in ${urlOf(blob)}.`,
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
    if (verdict.toLowerCase() !== 'malicious') return ignored(`The scan ended with ${quoted(verdict)}, not Malicious.`);
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { data, eventTime, time } = message.data;
    const at = data.scanFinishedTimeUtc ?? eventTime ?? time;
    return at ? findingOf(message.data, at) : malformed('The event says no time.', remedy);
  },
};
