import { type Finding, severities } from '../../model/finding.ts';
import { own } from '../../model/json.ts';
import { problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Source, together } from '../source.ts';
import { type Incident, Message } from './sentinel-incident.ts';
import { type Part, partsOf } from './sentinel-targets.ts';

const severityOf = (text = ''): Finding['severity'] =>
  severities.find((caption) => caption.toLowerCase() === text.toLowerCase()) ?? 'Unknown';

/** learn.microsoft.com/rest/api/securityinsights/incidents, IncidentStatus and IncidentClassification. */
function statusOf({ status, classification = '' }: Incident['properties']): Finding['status'] | undefined {
  const state = status.toLowerCase();
  if (state === 'closed') return /^(benign|false)positive$/i.test(classification) ? 'dismissed' : 'resolved';
  return state === 'new' ? 'new' : state === 'active' ? 'updated' : undefined;
}

/** Alerts of analytics rules have the ids of workspace and rule for a type; their name says what they are. */
const ofRule = /^[0-9a-f-]{36}_[0-9a-f-]{36}$/i;

type Alerts = readonly NonNullable<NonNullable<Incident['properties']['alerts']>[number]['properties']>[];
const alertsOf = ({ alerts }: Incident['properties']): Alerts =>
  (alerts ?? []).flatMap(({ properties }) => properties ?? []);

/** `<product>/<alert type>` where all its alerts are of one kind, the rule's name in place of its id; else `Incident/<title>`. */
function typeOf(properties: Incident['properties']): string {
  const kinds = alertsOf(properties).map(({ productName = 'Microsoft Sentinel', alertType = '', alertDisplayName }) => {
    const name = ofRule.test(alertType) || alertType === '' ? (alertDisplayName ?? properties.title) : alertType;
    return `${productName}/${name}`;
  });
  const [only, ...more] = new Set(kinds);
  return only !== undefined && more.length === 0 ? only : `Incident/${properties.title}`;
}

const ofDefender = /^(azure security center|microsoft defender for cloud)$/i;

/** Alerts of Defender for Cloud come by themselves, with more said: here they are only noted. */
const defenderAlerts = (properties: Incident['properties']): string =>
  alertsOf(properties)
    .flatMap(({ productName = '', systemAlertId }) => (ofDefender.test(productName) ? (systemAlertId ?? []) : []))
    .join(' ');

type Facts = { readonly status: Finding['status']; readonly at: string };

function findingOf({ id, properties }: Incident, { account, actor, resources }: Part, { status, at }: Facts) {
  const { title, description = '', severity, incidentNumber, incidentUrl, createdTimeUtc } = properties;
  const alerts = defenderAlerts(properties);
  return found({
    id: id.toLowerCase(),
    provider: 'sentinel',
    cloud: 'azure',
    type: typeOf(properties),
    title,
    description,
    severity: severityOf(severity),
    severityOriginal: severity ?? '',
    status,
    account,
    region: '',
    createdAt: createdTimeUtc ?? at,
    updatedAt: at,
    lastSeenAt: properties.lastActivityTimeUtc,
    count: 1,
    sample: false,
    snapshot: false,
    actor,
    resources: [...resources],
    link: {
      incidentId: id,
      incidentNumber: String(incidentNumber),
      ...(incidentUrl && { incidentUrl }),
      ...(alerts && { defenderAlerts: alerts }),
    },
  });
}

const remedy = 'Send the whole body of the incident trigger, as @{triggerBody()} in the playbook.';

/** Incidents of Microsoft Sentinel, as an automation rule hands them to a playbook. */
export const sentinel: Source = {
  id: 'sentinel',
  title: 'Microsoft Sentinel incidents',
  delivery:
    'Automation rule, playbook with the incident trigger, and in it an HTTP action that sends the whole body of the trigger',
  identity: 'the resource id of the incident, without case; one finding for each subscription whose resources it names',
  confirm: 'finding',
  sampleMarker: 'none',
  forgeable: [
    'finding.title',
    'finding.type',
    'finding.description',
    'finding.resources.name',
    'event.object.properties.relatedEntities',
    'event.object.properties.alerts',
  ],
  reference: 'https://learn.microsoft.com/azure/sentinel/playbook-triggers-actions',

  envelopes: ['sentinel/incident', 'sentinel/alert', 'sentinel/entity'],

  read(event) {
    const kind = own(event, 'objectSchemaType');
    if (typeof kind === 'string' && kind.toLowerCase() !== 'incident')
      return ignored(`A trigger of kind ${quoted(kind)}: run the playbook on the incident, which names every entity.`);
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { object: incident } = message.data;
    const { properties } = incident;
    const status = statusOf(properties);
    if (!status) return malformed(`status: ${quoted(properties.status)} is not known.`, 'Report it: it may be closed.');
    const at = properties.lastModifiedTimeUtc ?? properties.createdTimeUtc;
    if (!at) return malformed('object.properties.lastModifiedTimeUtc: missing.', remedy);
    return together(partsOf(incident).map((part) => findingOf(incident, part, { status, at })));
  },
};
