import { type Finding, severities } from '../../model/finding.ts';
import { SubscriptionId } from '../../model/identifiers.ts';
import { type Json, own } from '../../model/json.ts';
import { Alert, type Form, flat, formOf } from './defender-alert.ts';
import { actorOf, subscriptionIn, targetsOf } from './defender-targets.ts';
import { problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';

const isCloudEvent = (event: Json): boolean => own(event, 'specversion') !== undefined;

const payloadOf = (event: Json): unknown => (isCloudEvent(event) ? own(event, 'data') : event);

const leftAlone: Readonly<Record<Exclude<Form, 'export' | 'arm'>, string>> = {
  row: 'A SecurityAlert row of Log Analytics is polled, not pushed: use continuous export to Event Hubs.',
  graph: 'An alert of Microsoft Graph is polled and knows no Azure resource ids: use continuous export to Event Hubs.',
  'activity-log': 'The Activity Log repeats alerts without their entities: use continuous export to Event Hubs.',
  assessment: 'A recommendation, not an alert: it says what could be better, not what happens.',
};

const severityOf = (text = ''): Finding['severity'] =>
  severities.find((caption) => caption.toLowerCase() === text.toLowerCase()) ?? 'Unknown';

/** learn.microsoft.com/rest/api/defenderforcloud/alerts, AlertStatus; the export writes New for Active. */
const statuses: ReadonlyMap<string, Finding['status']> = new Map([
  ['new', 'new'],
  ['active', 'new'],
  ['inprogress', 'updated'],
  ['dismissed', 'dismissed'],
  ['resolved', 'resolved'],
]);

/** learn.microsoft.com/azure/defender-for-cloud/alert-validation, sample alerts. */
const isSample = ({ alerttype, alertdisplayname = '', description = '' }: Alert): boolean =>
  /^\[sample alert\]/i.test(alertdisplayname.trim()) ||
  /^simulated_/i.test(alerttype) ||
  /^this is a sample alert/i.test(description.trim());

type Link = {
  readonly alertId: string;
  readonly subscription: string;
  readonly location: string;
  readonly name: string;
};

const armForm =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/[^/]+)?\/providers\/Microsoft\.Security\/locations\/([^/]+)\/alerts\/([^/]+)$/i;

/** A part of a portal link, as `…/alertId/x/subscriptionId/y/resourceGroup/z/…/location/w`. */
const part = (uri: string, name: string): string | undefined =>
  new RegExp(`/${name}/([\\w.()-]+)(?:/|$)`, 'i').exec(uri)?.[1];

/** Where the alert can be read again: by its ARM id, or by one made of its portal link. */
function linkOf({ id = '', alerturi = '' }: Alert): Link | undefined {
  const parts = ['subscriptionId', 'resourceGroup', 'location', 'alertId'].map((name) => part(alerturi, name));
  const [subscription, group, location, name] = parts;
  const made = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/alerts/${name}`;
  const alertId = armForm.test(id) ? id : made;
  const [, ...found] = (parts.every(Boolean) || alertId === id ? armForm.exec(alertId) : undefined) ?? [];
  const [inSubscription, inLocation, ofName] = found;
  if (!inSubscription || !inLocation || !ofName) return undefined;
  return { alertId, subscription: inSubscription.toLowerCase(), location: inLocation, name: ofName };
}

const exportRemedy = 'Send the alert as continuous export or the alerts API writes it.';

const timesOf = (alert: Alert): readonly string[] =>
  [alert.timegenerated, alert.timegeneratedutc, alert.processingendtime, alert.processingendtimeutc]
    .filter((time) => time !== undefined)
    .sort();

/** The subscription of the resource, else of the alert; machines outside Azure have that of their workspace. */
const ownerOf = (alert: Alert): string | undefined =>
  [
    subscriptionIn(alert),
    linkOf(alert)?.subscription,
    alert.workspacesubscriptionid?.toLowerCase(),
    ...(alert.resourceidentifiers ?? []).map((one) => one.workspacesubscriptionid?.toLowerCase()),
  ].find(Boolean);

type Facts = {
  readonly id: string;
  readonly owner: string;
  readonly status: Finding['status'];
  readonly first: string;
  readonly last: string;
};

function findingOf(alert: Alert, { id, owner, status, first, last }: Facts): Reading {
  const link = linkOf(alert);
  return found({
    id: id.toLowerCase(),
    provider: 'defender',
    cloud: 'azure',
    type: alert.alerttype,
    title: alert.alertdisplayname ?? alert.alerttype,
    description: alert.description ?? '',
    severity: severityOf(alert.severity),
    severityOriginal: alert.severity ?? '',
    status,
    account: owner,
    region: link?.location ?? '',
    createdAt: first,
    updatedAt: last,
    lastSeenAt: alert.endtimeutc,
    count: 1,
    sample: isSample(alert),
    snapshot: String(alert.securityeventdataenrichment?.issnapshot ?? false).toLowerCase() === 'true',
    actor: actorOf(alert, owner),
    resources: [...targetsOf(alert, owner)],
    link: { systemAlertId: id, ...(link && { alertId: link.alertId, alertName: link.name, location: link.location }) },
  });
}

/** The alert as a finding, or what stands against it: each named, none guessed. */
function readAlert(alert: Alert): Reading {
  const { action } = alert.securityeventdataenrichment ?? {};
  if (action?.toLowerCase() === 'delete') return ignored('The export says that the alert was deleted.');
  const id = alert.systemalertid ?? alert.name;
  if (!id) return malformed('SystemAlertId: missing.', exportRemedy);
  const state = alert.status ?? alert.state ?? 'New';
  const status = statuses.get(state.toLowerCase());
  if (!status) return malformed(`Status: ${quoted(state)} is not known.`, 'Report it: the alert may be closed.');
  const owner = ownerOf(alert);
  if (!owner || !SubscriptionId.safeParse(owner).success)
    return malformed('The subscription cannot be told: the alert names no Azure resource.', exportRemedy);
  const times = timesOf(alert);
  const first = times[0] ?? alert.starttimeutc;
  const last = times.at(-1) ?? alert.endtimeutc ?? first;
  if (!first || !last) return malformed('TimeGenerated: missing.', exportRemedy);
  return findingOf(alert, { id, owner, status, first, last });
}

/** Security alerts of Microsoft Defender for Cloud, in each form that is pushed. */
export const defender: Source = {
  id: 'defender',
  title: 'Defender for Cloud security alerts',
  delivery:
    'Continuous export to Event Hubs (bare, PascalCase), workflow automation (ARM form), or the relay (CloudEvents with either as data)',
  identity: 'SystemAlertId, without case',
  confirm: 'finding',
  sampleMarker:
    'the title starts with [SAMPLE ALERT], the type with SIMULATED_, or the description says it is a sample',
  forgeable: [
    'finding.description',
    'finding.actor.userPrincipalName',
    'finding.resources.name',
    'event.Entities',
    'event.ExtendedProperties',
    'event.CompromisedEntity',
  ],
  reference: 'https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas',

  envelopes: [
    'bare/alert',
    'bare/sub-assessment',
    'arm/microsoft.security/locations/*',
    'arm/microsoft.security/assessments/*',
    'grid/*.defender.alert.v1',
    'grid/microsoft.security/*',
    'graph/microsoft.graph.security.alert',
    'record/security',
  ],

  read(event) {
    const payload = payloadOf(event);
    const form = formOf(payload);
    if (form === undefined) return malformed('data: not an alert of Defender for Cloud.', exportRemedy);
    if (form !== 'export' && form !== 'arm') return ignored(leftAlone[form]);
    const alert = Alert.safeParse(flat(payload));
    return alert.success ? readAlert(alert.data) : malformed(problemOf(alert.error, 'alert'), exportRemedy);
  },
};
