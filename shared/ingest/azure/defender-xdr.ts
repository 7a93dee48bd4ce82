import * as z from 'zod';
import { type Finding, severities } from '../../model/finding.ts';
import { OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { Evidence, entityKey, targetsOf } from './defender-xdr-evidence.ts';
import { guidOf } from './entra-targets.ts';

const Message = z.object({ category: z.string(), tenantId: Text, time: Text, properties: z.unknown() });

/** The title of an alert whose record brings none, as records before 2024 do. */
export const untitled = 'An alert of Microsoft Defender XDR';

const severityOf = (text = ''): Finding['severity'] =>
  severities.find((caption) => caption.toLowerCase() === text.toLowerCase()) ?? 'Unknown';

const remedy = 'Send the record as the streaming API writes it to Event Hubs.';

/** Each entity is a finding of its own, so that versions of one never shadow another. */
function findingOf(evidence: Evidence, tenant: string, published: string | undefined): Reading {
  const { AlertId, Title, Severity, ServiceSource = 'Microsoft Defender XDR', EntityType, EvidenceRole } = evidence;
  const at = published ?? evidence.Timestamp;
  if (!at) return malformed('The record says no time.', remedy);
  const resources = targetsOf(evidence, tenant);
  const [{ name, account }] = resources;
  const { DetectionSource, Categories } = evidence;
  return found({
    id: `${AlertId}/${entityKey(evidence)}`.toLowerCase(),
    provider: 'defender-xdr',
    cloud: 'azure',
    type: `${ServiceSource}/${Title ?? untitled}`,
    title: Title ?? untitled,
    description: `${ServiceSource} names the ${EntityType} ${name} as ${EvidenceRole ?? 'evidence'}.`,
    severity: severityOf(Severity),
    severityOriginal: Severity ?? '',
    status: 'new',
    account,
    region: '',
    createdAt: evidence.Timestamp ?? at,
    updatedAt: at,
    count: 1,
    sample: /^\[test alert\]/i.test(Title?.trim() ?? ''),
    snapshot: false,
    resources: [...resources],
    link: {
      alertId: AlertId,
      entityType: EntityType,
      serviceSource: ServiceSource,
      ...(DetectionSource && { detectionSource: DetectionSource }),
      ...(Categories && { categories: Categories }),
    },
  });
}

const info = 'advancedhunting-alertinfo';
const evidence = 'advancedhunting-alertevidence';

/** Alerts of Microsoft Defender XDR, and of Purview and Entra ID Protection through it. */
export const defenderXdr: Source = {
  id: 'defender-xdr',
  title: 'Defender XDR alerts, and those of Purview through it',
  delivery:
    'Streaming API of Microsoft Defender XDR to Event Hubs, AdvancedHunting-AlertEvidence, set in its portal for the hub signals (CORDON_SIGNALS); ServiceSource tells the product (Endpoint, Identity, Office 365, Cloud Apps, Data Loss Prevention, Insider Risk)',
  identity: 'AlertId and the entity: each piece of evidence is a finding of its own',
  confirm: 'finding',
  sampleMarker: 'the title starts with [Test Alert]',
  forgeable: [
    'finding.resources.name',
    'finding.description',
    'event.properties.AccountName',
    'event.properties.FileName',
    'event.properties.EmailSubject',
    'event.properties.ProcessCommandLine',
    'event.properties.AdditionalFields',
  ],
  reference: 'https://learn.microsoft.com/defender-xdr/streaming-api-event-hub',

  envelopes: [`record/${evidence}`, `record/${info}`, 'record/advancedhunting-*'],

  read(event) {
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { category, tenantId, properties, time } = message.data;
    const kind = category.toLowerCase();
    if (kind === info)
      return ignored('What an alert is about comes in its AlertEvidence records; AlertInfo names none.');
    if (kind !== evidence) return ignored(`${quoted(category)} is telemetry, not an alert.`);
    const tenant = guidOf(tenantId);
    if (tenant === undefined) return malformed('tenantId: not the id of a tenant.', remedy);
    const read = Evidence.safeParse(properties);
    if (!read.success) return malformed(problemOf(read.error, 'properties'), remedy);
    if (read.data.ServiceSource?.toLowerCase() === 'microsoft defender for cloud')
      return ignored('An alert of Defender for Cloud comes by itself through continuous export, with more said.');
    return findingOf(read.data, tenant, OptionalInstant.safeParse(time).data);
  },
};
