import { type Finding, severities } from '../../model/finding.ts';
import { SubscriptionId } from '../../model/identifiers.ts';
import { type Json, own } from '../../model/json.ts';
import { Alert, type Form, flat, formOf } from './defender-alert.ts';
import { actorOf } from './defender-principals.ts';
import { alertOfRecord, recordIn } from './defender-record.ts';
import { foreignIn, subscriptionIn, targetsOf } from './defender-targets.ts';
import { problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';

const payloadOf = (event: Json): unknown => (own(event, 'specversion') === undefined ? event : own(event, 'data'));

const severityOf = (text: string): Finding['severity'] =>
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

const isTrue = (value: unknown): boolean => String(value ?? false).toLowerCase() === 'true';

type Facts = {
  readonly id: string;
  readonly owner: string;
  readonly status: Finding['status'];
  readonly first: string;
  readonly last: string;
};

function findingOf(alert: Alert, { id, owner, status, first, last }: Facts): Reading {
  const link = linkOf(alert);
  const severity = alert.severity ?? alert.reportedseverity ?? '';
  return found({
    id: id.toLowerCase(),
    provider: 'defender',
    cloud: 'azure',
    type: alert.alerttype,
    title: alert.alertdisplayname ?? alert.alerttype,
    description: alert.description ?? '',
    severity: severityOf(severity),
    severityOriginal: severity,
    status,
    account: owner,
    region: link?.location ?? '',
    createdAt: first,
    updatedAt: last,
    lastSeenAt: alert.endtimeutc,
    count: 1,
    sample: isSample(alert),
    snapshot: isTrue(alert.securityeventdataenrichment?.issnapshot),
    actor: actorOf(alert, owner),
    resources: [...targetsOf(alert, owner)],
    link: { systemAlertId: id, ...(link && { alertId: link.alertId, alertName: link.name, location: link.location }) },
  });
}

/** Why an alert is left alone although it can be read. */
function leftFor(alert: Alert): string | undefined {
  const { action } = alert.securityeventdataenrichment ?? {};
  if (action?.toLowerCase() === 'delete') return 'The export says that the alert was deleted.';
  if (isTrue(alert.isincident))
    return 'An incident of Defender for Cloud gathers alerts, each of which comes by itself.';
  const foreign = foreignIn(alert);
  if (foreign === undefined) return undefined;
  return `The alert is about ${quoted(foreign)}, outside Azure, where Cordon cannot read it again: send what that cloud itself finds.`;
}

/** The alert as a finding, or what stands against it: each named, none guessed. */
function readAlert(alert: Alert): Reading {
  const left = leftFor(alert);
  if (left !== undefined) return ignored(left);
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

function readWhole(payload: unknown): Reading {
  const alert = Alert.safeParse(flat(payload));
  return alert.success ? readAlert(alert.data) : malformed(problemOf(alert.error, 'alert'), exportRemedy);
}

function readRecord(record: unknown): Reading {
  const alert = alertOfRecord(record);
  return 'kind' in alert ? alert : readAlert(alert);
}

const readers: Readonly<Record<Form, (payload: unknown) => Reading>> = {
  export: readWhole,
  arm: readWhole,
  record: readRecord,
  common: (payload) => readRecord(recordIn(payload)),
  row: () =>
    ignored('A SecurityAlert row of Log Analytics is polled, not pushed: use continuous export to Event Hubs.'),
  graph: () =>
    ignored(
      'An alert of Microsoft Graph is polled and knows no Azure resource ids: use continuous export to Event Hubs.',
    ),
};

/** Security alerts of Microsoft Defender for Cloud, in each form that is pushed. */
export const defender: Source = {
  id: 'defender',
  title: 'Defender for Cloud security alerts',
  delivery:
    'Continuous export to Event Hubs (bare, PascalCase), workflow automation (ARM form), or the relay (CloudEvents with either as data); as a fallback the Activity Log: records of the category Security through Event Hubs, or the common alert schema through an action group',
  identity:
    'SystemAlertId, without case; what the Activity Log repeats is the oldest version of it, without entities, and its type is told by its title',
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
    'event.properties',
  ],
  reference: 'https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas',

  envelopes: [
    'bare/alert',
    'arm/microsoft.security/locations/*',
    'grid/*.defender.alert.v1',
    'grid/microsoft.security/*',
    'graph/microsoft.graph.security.alert',
    'record/security',
    'monitor/activity log - security',
  ],

  read(event) {
    const payload = payloadOf(event);
    const form = formOf(payload);
    if (form === undefined) return malformed('data: not an alert of Defender for Cloud.', exportRemedy);
    return readers[form](payload);
  },
};
