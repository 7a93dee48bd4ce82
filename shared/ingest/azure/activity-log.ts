import { SubscriptionId } from '../../model/identifiers.ts';
import { below, type Json, own } from '../../model/json.ts';
import { lowerKeys, problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { actorOf, actorTarget, hadSecondFactor } from './activity-log-actor.ts';
import { Entry, entryOfAlert, entryOfGrid, entryOfRecord } from './activity-log-entry.ts';
import { changedTargets } from './activity-log-targets.ts';
import { armOperation, armType, verbOf } from './arm-operation.ts';
import { subscriptionOf } from './arm-target.ts';

const remedy = 'Send the event as Event Grid, the Activity Log or its alert rules write it.';

/** What a record that is no change by anybody tells of, by its category. */
const otherCategories: Readonly<Record<string, string>> = {
  policy: 'what a policy did; subscribe to policy states for that',
  autoscale: 'what an autoscale rule did',
  recommendation: 'advice of Azure Advisor',
  alert: 'an alert of Azure Monitor',
  servicehealth: 'the health of Azure',
  resourcehealth: 'the health of a resource',
};

const succeeded = ['succeeded', 'success'];

/** What stands against a finding before anything else of the change is looked at. */
function leftOut({ operationname, status }: Entry): Reading | undefined {
  const operation = armOperation(operationname);
  if (operation === undefined)
    return malformed(`operationName: ${quoted(operationname)} is no operation of Azure Resource Manager.`, remedy);
  if (verbOf(operation) === 'read') return ignored(`${operation} changes nothing: it is a read.`);
  if (status === undefined) return malformed('status: missing.', remedy);
  return succeeded.includes(status.toLowerCase())
    ? undefined
    : ignored(`${operation} has not been done: its status is ${quoted(status)}.`);
}

/** The subscription of the resource; what stands above subscriptions is the tenant's. */
function ownerOf({ resourceid, subscriptionid, tenantid }: Entry): string | undefined {
  const owner = SubscriptionId.safeParse(subscriptionOf(resourceid) ?? subscriptionid ?? tenantid);
  return owner.data?.toLowerCase();
}

const trimmed = (id: string): string => id.replace(/\/+$/, '') || '/';

type Facts = { readonly id: string; readonly operation: string; readonly owner: string };

function findingOf(entry: Entry, { id, operation, owner }: Facts, called: boolean): Reading {
  const resource = trimmed(entry.resourceid);
  const actor = actorOf(entry);
  const targets = changedTargets(resource, owner, entry.request);
  const name = targets[0]?.name ?? resource;
  const who = actor?.userPrincipalName ?? actor?.appId ?? actor?.principalId ?? 'somebody whom the event does not name';
  return found({
    id,
    provider: 'activity-log',
    cloud: 'azure',
    type: operation,
    title: `${operation} on ${name}`,
    description: `${operation} on ${resource} was done by ${who}.`,
    severity: 'Unknown',
    severityOriginal: '',
    status: 'new',
    account: owner,
    region: '',
    createdAt: entry.time,
    updatedAt: entry.time,
    count: 1,
    sample: false,
    snapshot: false,
    actor,
    call: called
      ? { operation, service: operation.split('/')[0] ?? '', succeeded: true, mfa: hadSecondFactor(entry) }
      : undefined,
    resources: [...targets, ...(actor ? actorTarget(actor) : [])],
    link: {
      resourceId: resource,
      ...(entry.correlationid !== undefined && { correlationId: entry.correlationid }),
      ...(entry.eventid !== undefined && { eventId: entry.eventid }),
    },
  });
}

/** A change that somebody made, from any of the forms that tell who did. */
function readChange(raw: unknown): Reading {
  const entry = Entry.safeParse(raw);
  if (!entry.success) return malformed(problemOf(entry.error, ''), remedy);
  const left = leftOut(entry.data);
  if (left) return left;
  const { operationname, resourceid, correlationid, eventid } = entry.data;
  const operation = armOperation(operationname) ?? operationname;
  const owner = ownerOf(entry.data);
  if (owner === undefined) return malformed('The event names neither a subscription nor a tenant.', remedy);
  const change = correlationid ?? eventid;
  if (change === undefined) return malformed('correlationId: missing.', remedy);
  const id = `${change}/${operation}${trimmed(resourceid)}`.toLowerCase();
  return findingOf(entry.data, { id, operation, owner }, true);
}

/** Of these the type says that the call was refused or taken back. */
const undone = /^microsoft\.resources\.resource(?:write|delete|action)(failure|cancel)$/;

/** A resource notification has the whole resource and no caller (learn.microsoft.com/azure/event-grid/event-schema-resources). */
function readNotification(event: Json, verb: 'write' | 'delete'): Reading {
  const data = lowerKeys(own(event, 'data'));
  const resource = lowerKeys(own(data, 'resourceinfo'));
  const type = own(resource, 'type');
  const entry = Entry.safeParse({
    operationname: typeof type === 'string' ? `${armType(type)}/${verb}` : undefined,
    resourceid: own(resource, 'id') ?? own(event, 'subject'),
    time:
      own(lowerKeys(own(data, 'operationalinfo')), 'resourceeventtime') ??
      own(event, 'eventTime') ??
      own(event, 'time'),
    eventid: own(event, 'id'),
  });
  if (!entry.success) return malformed(problemOf(entry.error, ''), remedy);
  const operation = armOperation(entry.data.operationname);
  if (operation === undefined) return malformed('resourceInfo.type: no type of a resource.', remedy);
  const owner = ownerOf(entry.data);
  if (owner === undefined) return malformed('The event names no subscription.', remedy);
  const id = `${entry.data.time}/${operation}${trimmed(entry.data.resourceid)}`.toLowerCase();
  return findingOf(entry.data, { id, operation, owner }, false);
}

const notifications: ReadonlyMap<string, 'write' | 'delete'> = new Map([
  ['microsoft.resourcenotifications.resources.createdorupdated', 'write'],
  ['microsoft.resourcenotifications.resources.deleted', 'delete'],
]);

function readGrid(event: Json, type: string): Reading {
  const verb = notifications.get(type);
  if (verb) return readNotification(event, verb);
  const end = undone.exec(type)?.[1];
  if (end)
    return ignored(`Nothing was changed: the call ended in ${end === 'failure' ? 'a failure' : 'being cancelled'}.`);
  return readChange(entryOfGrid(event));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase().trim() : '');

/** Of what a record or an alert rule tells: its category, or the service that the alert names. */
function categoryOf(event: Json): string {
  const category = below(event, 'category');
  const service = textOf(below(event, 'data', 'essentials', 'monitoringservice'));
  return textOf(own(category, 'value') ?? category) || service.replace(/^activity log - /, '').replaceAll(' ', '');
}

/** Changes to Azure resources, whoever made them, in each form that is pushed. */
export const activityLog: Source = {
  id: 'activity-log',
  title: 'Changes to Azure resources (Activity Log)',
  delivery:
    'Event Grid system topic of a subscription or resource group (Microsoft.Resources.Resource…Success, Event Grid schema or CloudEvents); Azure Resource Notifications (without a caller); diagnostic setting to Event Hubs (category Administrative), made by the owner of the subscription for the hub signals (CORDON_SIGNALS, the command is in the README); alert rule with the common alert schema',
  identity:
    'correlationId, operation and resource id, without case: what every channel but resource notifications has; of these the time, operation and resource id',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.resources.name',
    'finding.resources.rule',
    'finding.link.correlationId',
    'event.properties.requestbody',
    'event.data.resourceInfo.tags',
  ],
  reference: 'https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions',

  envelopes: [
    ...['write', 'delete', 'action'].flatMap((verb) =>
      ['success', 'failure', 'cancel'].map((end) => `grid/microsoft.resources.resource${verb}${end}`),
    ),
    ...[...notifications.keys()].map((type) => `grid/${type}`),
    'record/administrative',
    ...Object.keys(otherCategories).map((category) => `record/${category}`),
    'monitor/activity log - administrative',
    ...['policy', 'autoscale', 'recommendation'].map((category) => `monitor/activity log - ${category}`),
    'monitor/servicehealth',
    'monitor/resource health',
  ],

  read(event) {
    const type = textOf(own(event, 'specversion') === undefined ? own(event, 'eventType') : own(event, 'type'));
    if (type.startsWith('microsoft.')) return readGrid(event, type);
    const told = own(otherCategories, categoryOf(event));
    if (typeof told === 'string') return ignored(`The Activity Log tells of ${told}.`);
    if (below(event, 'schemaid') !== undefined) return readChange(entryOfAlert(event));
    return readChange(entryOfRecord(event));
  },
};
