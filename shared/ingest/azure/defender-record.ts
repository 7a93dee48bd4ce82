import * as z from 'zod';
import { isObject, own } from '../../model/json.ts';
import { subscriptionOf } from './arm-target.ts';
import { Alert, caseless, word } from './defender-alert.ts';
import { typeOfTitle } from './defender-titles.ts';
import { lowerKeys, OptionalInstant, problemOf, quoted } from '../shape.ts';
import { ignored, malformed, type Unread } from '../source.ts';

/** Text, also where it stands as `{ value, localizedValue }`. */
const Word = z
  .preprocess((value) => (isObject(value) ? own(value, 'value') : value), z.string().min(1))
  .optional()
  .catch(undefined);

/** What the Activity Log says of the alert, beside members that differ from one kind of alert to the next. */
const Properties = caseless({
  alerttype: Word,
  eventname: Word,
  severity: Word,
  compromisedentity: Word,
  resourcetype: Word,
  attackedresourcetype: Word,
});

/**
 * A record of the category Security, as the Activity Log's API writes it, as a diagnostic setting sends it to Event Hubs,
 * or as the context of a common alert (learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema).
 */
const Entry = z.object({
  resourceid: Word,
  eventdataid: Word,
  operationid: Word,
  correlationid: Word,
  subscriptionid: Word,
  resourcegroupname: Word,
  eventname: Word,
  description: Word,
  resultdescription: Word,
  eventtimestamp: OptionalInstant,
  time: OptionalInstant,
  properties: Properties,
});
type Entry = z.infer<typeof Entry>;

const remedy = 'Send the record as the Activity Log writes it, or use continuous export to Event Hubs.';

/** One record with its members on one level; the form of Event Hubs may keep them one level deeper. */
function entryOf(record: unknown): unknown {
  const outer = lowerKeys(record);
  const properties = lowerKeys(own(outer, 'properties'));
  const inner = lowerKeys(own(properties, 'eventproperties'));
  if (!isObject(outer) || !isObject(properties) || !isObject(inner)) return outer;
  return { ...outer, properties: { ...properties, ...inner } };
}

/** The record inside a common alert, with what only the envelope says of its place. */
export function recordIn(common: unknown): unknown {
  const data = lowerKeys(own(lowerKeys(common), 'data'));
  const essentials = lowerKeys(own(data, 'essentials'));
  const context = lowerKeys(own(data, 'alertcontext'));
  const targets = own(essentials, 'alerttargetids');
  const place = {
    resourceid: Array.isArray(targets) ? targets[0] : undefined,
    resourcegroupname: own(essentials, 'resourcegroupname'),
  };
  return isObject(context) ? { ...place, ...context } : place;
}

const alertPath =
  /^\/subscriptions\/[^/]+(?:\/resourceGroups\/([^/]+))?\/providers\/Microsoft\.Security\/locations\/[^/]+\/alerts\/([^/]+)$/i;
const alertName = /^\d{15,20}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Kinds of resources as alerts call them; of these a name and the group of the alert make an id. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['virtual machine', 'Microsoft.Compute/virtualMachines'],
  ['kubernetes service', 'Microsoft.ContainerService/managedClusters'],
  ['storage', 'Microsoft.Storage/storageAccounts'],
  ['storage account', 'Microsoft.Storage/storageAccounts'],
  ['azure storage', 'Microsoft.Storage/storageAccounts'],
  ['key vault', 'Microsoft.KeyVault/vaults'],
  ['app service', 'Microsoft.Web/sites'],
]);

const resourceName = /^(?!\.+$)[\w.()-]{1,90}$/;

/** What was attacked, as an id: the record tells its name and kind only. A wrong one is found out when the alert is read again. */
function attacked(entry: Entry, type: string, group: string | undefined): string | undefined {
  const { resourceid = '', subscriptionid, properties } = entry;
  const { compromisedentity: name = '', resourcetype, attackedresourcetype } = properties;
  if (subscriptionOf(name) !== undefined) return name;
  const subscription = subscriptionOf(resourceid) ?? subscriptionid?.toLowerCase();
  const kind = (resourcetype ?? attackedresourcetype ?? '').toLowerCase();
  if (subscription && (kind === 'subscription' || /^(SIMULATED_)?ARM_/i.test(type)))
    return `/subscriptions/${subscription}`;
  const resource = kinds.get(kind);
  if (resource && subscription && group && resourceName.test(name))
    return `/subscriptions/${subscription}/resourceGroups/${group.toLowerCase()}/providers/${resource}/${name}`;
  return resourceid !== '' && !alertPath.test(resourceid) ? resourceid : undefined;
}

/** The title and what follows it: the name of the event, else the first sentence of its description. */
function textsOf(entry: Entry): { readonly title: string; readonly description: string } {
  const { properties, description = entry.resultdescription ?? '' } = entry;
  const title = entry.eventname ?? properties.eventname ?? description.split('. ')[0] ?? '';
  return {
    title,
    description: description.startsWith(`${title}. `) ? description.slice(title.length + 2) : description,
  };
}

/** The id of the alert: the last part of its path, or what every id in the record is. */
function idOf({ resourceid = '', eventdataid, operationid, correlationid }: Entry): string | undefined {
  const name = alertPath.exec(resourceid)?.[2]?.toLowerCase();
  return name ?? [eventdataid, operationid, correlationid].find((one) => one !== undefined && alertName.test(one));
}

function alertFrom(entry: Entry): Alert | Unread {
  const { title, description } = textsOf(entry);
  const type = entry.properties.alerttype ?? typeOfTitle(title);
  if (!type)
    return ignored(
      `The Activity Log does not name the type of an alert, and none is known by the title ${quoted(title)}: use continuous export to Event Hubs.`,
    );
  const id = idOf(entry);
  if (!id)
    return malformed('The record does not say which alert it is of: neither resourceId nor eventDataId.', remedy);
  const { resourceid = '', resourcegroupname } = entry;
  const group = alertPath.exec(resourceid)?.[1] ?? resourcegroupname;
  const alert = Alert.safeParse({
    id: alertPath.test(resourceid) ? resourceid.toLowerCase() : undefined,
    name: id,
    systemalertid: id,
    alerttype: type,
    alertdisplayname: title,
    description,
    severity: entry.properties.severity,
    status: 'Active',
    // of the first thing that was seen, which no version of the export is older than
    timegenerated: entry.eventtimestamp ?? entry.time,
    azureresourceid: attacked(entry, type, group),
    workspacesubscriptionid: entry.subscriptionid,
    compromisedentity: entry.properties.compromisedentity,
  });
  return alert.success ? alert.data : malformed(problemOf(alert.error, 'record'), remedy);
}

/**
 * The alert that a record of the Activity Log tells of, as far as it does: without entities, and of a type that only its
 * title tells. Its time is when the first thing was seen, so that every version that the export brings is newer.
 */
export function alertOfRecord(record: unknown): Alert | Unread {
  const lower = entryOf(record);
  const operation = word(own(lower, 'operationname'));
  if (!operation.startsWith('microsoft.security/locations/alerts/'))
    return ignored('A record of the category Security that tells of no alert.');
  if (operation !== 'microsoft.security/locations/alerts/activate/action')
    return ignored('An alert was moved: continuous export brings its new state.');
  const entry = Entry.safeParse(lower);
  return entry.success ? alertFrom(entry.data) : malformed(problemOf(entry.error, 'record'), remedy);
}
