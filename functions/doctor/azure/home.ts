import * as z from 'zod';
import { readArm } from '../../../shared/actions/azure/arm-resource.ts';
import type { AzureSession } from '../../../shared/actions/azure/azure-action.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { linesOf } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { type AlertRules, alertFaults, alertRights } from './alert-rules.ts';
import { type Look, said, seen } from './asking.ts';
import { type Delivery, faultOf, gridVersion } from './event-subscriptions.ts';
import { type AzureHome, type HubParts, nameOf, partsOfHome, redeploy } from './home-parts.ts';

const lines = linesOf('home');
const { ok, missing } = lines;
const grant =
  'Grant Reader on the resource group of this stage to its home identity, as functions/azure/deploy/app.bicep does.';

/** One look at the home, as its own identity sees it. */
type Seeing = { readonly azure: AzureSession; readonly home: AzureHome; readonly patience: Patience };

const hub = {
  apiVersion: '2024-01-01',
  shape: z.object({ properties: z.object({ status: z.string().nullish() }).nullish() }),
};
const hubRights = ['namespaces', 'namespaces/eventhubs', 'namespaces/eventhubs/consumergroups'].map(
  (one) => `Microsoft.EventHub/${one}/read`,
);

/** Of namespace, hub and consumer group the first that events do not come by; it holds the others. */
async function hubFault(
  { azure, patience }: Seeing,
  { namespace, hub: own, reader }: HubParts,
): Promise<string | undefined> {
  const chain = [
    { id: namespace, called: `Event Hubs namespace ${nameOf(namespace)}` },
    { id: own, called: `hub ${nameOf(own)} of ${nameOf(namespace)}` },
    { id: reader, called: `consumer group ${nameOf(reader)} of hub ${nameOf(own)}` },
  ];
  for (const { id, called } of chain) {
    const there = await readArm(azure, hub, id, patience());
    if (!there) return `${called} is not there`;
    if (/Disabled$/.test(there.properties?.status ?? '')) return `${called} is switched off`;
  }
  return undefined;
}

async function hubLines(seeing: Seeing): Promise<readonly Examined[]> {
  const { home } = seeing;
  const { hub: own, signals } = partsOfHome(home);
  const found: Examined[] = [];
  for (const one of home.signals ? [own, signals] : [own]) {
    const fault = await hubFault(seeing, one);
    found.push(
      fault
        ? missing(`${fault}: its events do not come`, redeploy)
        : ok(`hub ${nameOf(one.hub)} is there, with the consumer group that this app reads by`),
    );
  }
  return found;
}

function deliveriesOf(home: AzureHome): readonly Delivery[] {
  const { topic } = partsOfHome(home);
  const to = (kind: 'malware' | 'forwarded', name: string): Delivery => ({
    ...{ topic: topic(kind), subscription: 'cordon' },
    leadsTo: `${home.app}/functions/${name}`,
  });
  return [to('malware', 'on-event-grid'), ...(home.forwarded ? [to('forwarded', 'on-forwarded')] : [])];
}

async function topicLines({ azure, home, patience }: Seeing): Promise<readonly Examined[]> {
  const deliveries = deliveriesOf(home);
  const wrong: Examined[] = [];
  for (const delivery of deliveries) {
    const fault = await faultOf(azure, delivery, patience);
    if (fault) wrong.push(missing(`${fault}: its events do not come`, redeploy));
  }
  const relay = partsOfHome(home).topic('alerts');
  const anything = { apiVersion: gridVersion, shape: z.unknown() };
  if (home.relay && (await readArm(azure, anything, relay, patience())) === undefined)
    wrong.push(missing(`topic ${nameOf(relay)} is not there: alerts are not relayed`, redeploy));
  if (wrong.length > 0) return wrong;
  return [ok(`events of ${deliveries.map(({ topic }) => nameOf(topic)).join(' and ')} are delivered to this app`)];
}

async function deadLetterLines({ azure, home, patience }: Seeing): Promise<readonly Examined[]> {
  const id = partsOfHome(home).deadLetters;
  const container = nameOf(id);
  if (await readArm(azure, { apiVersion: '2023-05-01', shape: z.object({}) }, id, patience()))
    return [ok(`container ${container} takes what cannot be delivered`)];
  return [missing(`container ${container} is not there: events that cannot be delivered are lost`, redeploy)];
}

/** What watch.bicep asks the logs. */
const queries = [
  ...['rounds-missing', 'poison', 'inbox-waits', 'never-taken', 'function-failed', 'hub-lag', 'not-contained'],
  ...['records-failed', 'out-of-order', 'nobody-told', 'state-deleted'],
];

/** The rules of watch.bicep. */
function rulesOf({ stage, signals, forwarded }: AzureHome): AlertRules {
  const named = (names: readonly string[]) => names.map((name) => `cordon-${stage}-${name}`);
  return {
    scheduledQueryRules: named(queries),
    metricAlerts: named([
      ...['hub-standstill', ...(signals ? ['signals-standstill'] : [])],
      ...['malware-dead-letters', ...(forwarded ? ['forwarded-dead-letters'] : [])],
    ]),
    activityLogAlerts: named(['home-cut-off']),
  };
}

async function alertLines({ azure, home, patience }: Seeing): Promise<readonly Examined[]> {
  const rules = rulesOf(home);
  const faults = await alertFaults(azure, partsOfHome(home).group, rules, patience);
  if (faults.length > 0) return faults.map((fault) => missing(`${fault}: nobody is told of it`, redeploy));
  return [ok(`${Object.values(rules).flat().length} alert rules are on`)];
}

/** Its receivers stand in lists by their kind; one of mail or text messages may have left (learn.microsoft.com/rest/api/monitor/action-groups/get). */
const ActionGroup = {
  apiVersion: '2023-01-01',
  shape: z.object({ properties: z.looseObject({ enabled: z.boolean().default(true) }) }),
};
const Receivers = z.array(z.object({ status: z.string().nullish() }));

async function peopleLines({ azure, home, patience }: Seeing): Promise<readonly Examined[]> {
  const { people } = partsOfHome(home);
  const name = `action group ${nameOf(people)}`;
  const found = await readArm(azure, ActionGroup, people, patience());
  if (!found) return [missing(`${name} is not there: nobody is told of alarms`, redeploy)];
  if (!found.properties.enabled) return [missing(`${name} is switched off: nobody is told of alarms`, redeploy)];
  const all = Object.entries(found.properties).flatMap(([key, list]) =>
    key.endsWith('Receivers') ? Receivers.parse(list ?? []) : [],
  );
  const reached = all.filter(({ status }) => status !== 'Disabled');
  if (reached.length > 0) return [ok(`alarms reach ${reached.length} of ${all.length} receivers of ${nameOf(people)}`)];
  const remedy = 'Deploy this stage again with CORDON_ALERT_EMAILS, or have those who left subscribe again.';
  return [missing(`${name} has no receiver: nobody is told of alarms`, remedy)];
}

/**
 * What stands around the functions, as app.bicep and topic-events.bicep make it: hubs, topics and where their events go,
 * dead letters, alarms and who hears them. What lies in queues is not looked at: alarms tell of it.
 */
export async function examineAzureHome(
  home: AzureHome,
  open: (subscription: string, patience: Patience) => Promise<AzureSession>,
  patience: Patience,
): Promise<readonly Examined[]> {
  const [, , subscription = ''] = home.app.split('/');
  let azure: AzureSession;
  try {
    azure = await open(subscription, patience);
  } catch (thrown) {
    return [missing(`the home identity cannot look: ${said(thrown)}`, redeploy)];
  }
  const seeing = { azure, home, patience };
  const topics = ['Microsoft.EventGrid/topics/read', 'Microsoft.EventGrid/topics/eventSubscriptions/read'];
  const containers = ['Microsoft.Storage/storageAccounts/blobServices/containers/read'];
  const looks: readonly Look[] = [
    { what: 'The hubs', rights: hubRights, see: () => hubLines(seeing) },
    { what: 'Where topics lead', rights: topics, see: () => topicLines(seeing) },
    { what: 'The place of dead letters', rights: containers, see: () => deadLetterLines(seeing) },
    { what: 'The alert rules', rights: alertRights, see: () => alertLines(seeing) },
    {
      what: 'Who is told of alarms',
      rights: ['Microsoft.Insights/actionGroups/read'],
      see: () => peopleLines(seeing),
    },
  ];
  const all: Examined[] = [];
  for (const look of looks) all.push(...(await seen(look, lines, grant)));
  return all;
}
