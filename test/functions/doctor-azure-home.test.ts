import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { wireRequests } from '../../functions/azure/wire.ts';
import { examineAzureHome } from '../../functions/doctor/azure/home.ts';
import { type AzureHome, nameOf } from '../../functions/doctor/azure/home-parts.ts';
import { examineSubscription } from '../../functions/doctor/azure/subscription.ts';
import { patienceWithin } from '../../functions/doctor/patience.ts';
import { sandboxClouds } from '../../functions/local/wire.ts';
import { azureSessions } from '../../shared/adapters/azure/sessions.ts';
import type { Examined } from '../../shared/model/examined.ts';
import type { JsonObject } from '../../shared/model/json.ts';
import { seedResource } from '../../shared/sandbox/azure/arm.ts';
import { defenderSetups } from '../../shared/sandbox/azure/defender-plans.ts';
import { principals, resources } from '../../shared/sandbox/azure/rows.ts';
import { appWith, memberAt, readBicep, settingsOf } from '../support/azure-app.ts';
import { deployedBy } from '../support/azure-home.ts';
import {
  company,
  identities,
  northwindSandbox,
  northwindSettings,
  readerPrincipal,
  subscription,
} from '../support/company.ts';
import { identityEndpoint } from '../support/identity-endpoint.ts';

const stage = 'production';
const group = `/subscriptions/${subscription}/resourceGroups/rg-cordon`;
const sources = `/subscriptions/${subscription}/resourceGroups/cordon-${stage}-sources`;

const fromAws = { issuer: 'https://issuer.example', roles: 'arn:aws:iam::999988887777:role/cordon-production' };
const whole = deployedBy({ signals: true, relay: true, fromAws });
const home: AzureHome = { app: whole.app, stage, signals: true, relay: true, forwarded: true };

/** The roles of the reader, as they are generated. */
const { roles } = z
  .object({
    roles: z.array(
      z.object({
        ...{ holder: z.string(), actions: z.array(z.string()), notActions: z.array(z.string()) },
        ...{ dataActions: z.array(z.string()), notDataActions: z.array(z.string()) },
      }),
    ),
  })
  .parse(JSON.parse(readBicep('rights.generated.json')));
const homePrincipal = '0a1b2c3d-0000-4000-8000-00000000c0aa';
const none = { notActions: [], dataActions: [], notDataActions: [] };

/** The company after a deployment, with the rights that the templates give and no others, or without one of them. */
function deployed(without?: string, { made } = whole) {
  const sandbox = northwindSandbox();
  const { rows } = sandbox;
  for (const { id, type, body } of made) {
    const properties = memberAt(body, 'properties') ?? {};
    seedResource(rows, { id, type, location: 'westeurope', tags: {}, properties: properties as JsonObject }); // a body's own
  }
  rows.put(defenderSetups, subscription, { plans: { VirtualMachines: { extensions: {} } }, exports: {} });
  const notActions = without === undefined ? [] : [without];
  const reading = { scope: group, role: { ...none, actions: ['*/read'], notActions } };
  const row = { id: homePrincipal, name: 'cordon-production-home', tenant: '', graph: [], assignments: [reading] };
  rows.put(principals, homePrincipal, row);
  const reader = rows.get(principals, readerPrincipal);
  if (!reader) throw new Error('the estate has no such principal');
  const assignments = roles
    .filter(({ holder }) => holder === 'reader')
    .map((role) => ({ scope: `/subscriptions/${subscription}`, role: { ...role, notActions } }));
  rows.put(principals, readerPrincipal, { ...reader, assignments });
  return sandbox;
}
type Sandbox = ReturnType<typeof deployed>;

const settings = northwindSettings({ stage });
function examined(sandbox: Sandbox, one = home): Promise<readonly Examined[]> {
  const { httpClient } = sandbox;
  const open = azureSessions({ settings, httpClient, credentials: { reader: sandbox.credential(homePrincipal) } });
  const place = { cloud: 'azure', region: '', rights: 'reader', runId: 'doctor' } as const;
  const asHome = (account: string) => open({ ...place, account, signal: AbortSignal.timeout(10_000) });
  return examineAzureHome(one, asHome, patienceWithin());
}
async function sourcesOf(sandbox: Sandbox): Promise<readonly Examined[]> {
  const clouds = sandboxClouds(sandbox, settings, { ...identities, azure: { reader: readerPrincipal } });
  const needed = { read: [], write: [] };
  return examineSubscription({ clouds, settings, subscription, needed, patience: patienceWithin(), home });
}
const all = async (sandbox: Sandbox) => [...(await examined(sandbox)), ...(await sourcesOf(sandbox))];
const lacking = (lines: readonly Examined[]) =>
  lines.filter(({ what, mark }) => mark !== 'ok' && !/writer/.test(what)).map(({ mark, what }) => `${mark}: ${what}`);

const suffix = nameOf(home.app).slice(`cordon-${stage}-`.length);
const hubs = (name: string) => `${group}/providers/Microsoft.EventHub/namespaces/${name}`;
const topic = (kind: string) => `${group}/providers/Microsoft.EventGrid/topics/cordon-${stage}-${kind}-${suffix}`;
const insights = (where: string, rest: string) => `${where}/providers/Microsoft.Insights/${rest}`;
const systemTopic = (kind: string) => `${sources}/providers/Microsoft.EventGrid/systemTopics/cordon-${stage}-${kind}`;
const automation = `${sources}/providers/Microsoft.Security/automations/cordon-${stage}`;
const people = insights(group, `actionGroups/cordon-${stage}`);
const own = `cordon-${stage}-${suffix}`;

describe('the home in Azure', () => {
  it('is found whole, and what comes from a subscription, with the rights of the templates', async () => {
    const sandbox = deployed();
    expect((await examined(sandbox)).map(({ mark, what }) => `${mark}: ${what}`)).toEqual([
      'ok: hub defender is there, with the consumer group that this app reads by',
      'ok: hub signals is there, with the consumer group that this app reads by',
      `ok: events of ${nameOf(topic('malware'))} and ${nameOf(topic('forwarded'))} are delivered to this app`,
      'ok: container cordon-dead-letters takes what cannot be delivered',
      'ok: 16 alert rules are on',
      'ok: alarms reach 1 of 1 receivers of cordon-production',
    ]);
    const found = await sourcesOf(sandbox);
    expect(lacking(found)).toEqual([]);
    expect(found.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'continuous export cordon-production leads to the hub of this deployment',
        '2 system topics deliver to this deployment',
        '3 alert rules are on',
      ]),
    );
    expect(sandbox.recorder.calls.filter(({ mutating }) => mutating)).toEqual([]);
  });

  it('is found whole where nothing is asked for besides', async () => {
    const few = deployedBy({});
    const asked = { ...home, app: few.app, signals: false, relay: false, forwarded: false };
    const lines = await examined(deployed(undefined, few), asked);
    expect(lacking(lines)).toEqual([]);
    expect(lines.map(({ what }) => what)).toContain('14 alert rules are on');
  });

  it.each([
    [hubs(own), `Event Hubs namespace ${own} is not there`],
    [`${hubs(own)}/eventhubs/defender`, `hub defender of ${own} is not there`],
    [`${hubs(own)}/eventhubs/defender/consumergroups/cordon`, 'consumer group cordon of hub defender is not there'],
    [`${hubs(`cordon-${stage}-signals-${suffix}`)}/eventhubs/signals`, 'hub signals of cordon-production-signals-'],
    [topic('malware'), `topic ${nameOf(topic('malware'))} is not there`],
    [`${topic('malware')}/eventSubscriptions/cordon`, 'event subscription cordon of topic cordon-production-malware-'],
    [
      `${topic('forwarded')}/eventSubscriptions/cordon`,
      'event subscription cordon of topic cordon-production-forwarded-',
    ],
    [topic('alerts'), `topic ${nameOf(topic('alerts'))} is not there: alerts are not relayed`],
    [
      `${group}/providers/Microsoft.Storage/storageAccounts/cordondead${suffix}/blobServices/default/containers/cordon-dead-letters`,
      'container cordon-dead-letters is not there',
    ],
    [people, 'action group cordon-production is not there'],
    [automation, 'continuous export cordon-production is not there'],
    [systemTopic('changes'), 'there is no system topic of Microsoft.Resources.Subscriptions'],
    [
      `${systemTopic('policies')}/eventSubscriptions/cordon-${stage}`,
      'event subscription cordon-production of topic cordon-production-policies is not there',
    ],
  ])('lacks %s, which is named and nothing else', async (id, said) => {
    const sandbox = deployed();
    expect(sandbox.rows.get(resources, id.toLowerCase())).not.toBe(undefined);
    sandbox.rows.delete(resources, id.toLowerCase());
    expect(lacking(await all(sandbox))).toEqual([expect.stringContaining(`missing: ${said}`)]);
  });

  const rules = whole.made.filter(({ type }) =>
    /Microsoft.Insights\/(scheduledQuery|metricAl|activityLogAl)/.test(type),
  );
  it.each(rules.map(({ name, id }) => [name, id]))('lacks alert rule %s, or has it off', async (name, id) => {
    const sandbox = deployed();
    const row = sandbox.rows.get(resources, id.toLowerCase());
    if (!row) throw new Error('it is not deployed');
    sandbox.rows.put(resources, id.toLowerCase(), { ...row, properties: { ...row.properties, enabled: false } });
    expect(lacking(await all(sandbox))).toEqual([`missing: alert rule ${name} is switched off: nobody is told of it`]);
    sandbox.rows.delete(resources, id.toLowerCase());
    expect(lacking(await all(sandbox))).toEqual([`missing: alert rule ${name} is not there: nobody is told of it`]);
  });

  const elsewhere = { properties: { resourceId: '/subscriptions/x/sites/other/functions/on-event-grid' } };
  it.each<[string, string, JsonObject, string]>([
    [
      'a hub that takes nothing',
      `${hubs(own)}/eventhubs/defender`,
      { status: 'SendDisabled' },
      `hub defender of ${own} is switched off`,
    ],
    [
      'a topic of another app',
      `${topic('malware')}/eventSubscriptions/cordon`,
      { destination: elsewhere },
      `event subscription cordon of topic ${nameOf(topic('malware'))} leads somewhere else`,
    ],
    [
      'a system topic of another app',
      `${systemTopic('changes')}/eventSubscriptions/cordon-${stage}`,
      { destination: elsewhere },
      'event subscription cordon-production of topic cordon-production-changes leads somewhere else',
    ],
    ['an export that is off', automation, { isEnabled: false }, 'continuous export cordon-production is switched off'],
    [
      'an export to another hub',
      automation,
      { actions: [{ actionType: 'EventHub', eventHubResourceId: `${hubs('other')}/eventhubs/x` }] },
      'continuous export cordon-production leads elsewhere',
    ],
    ['alarms that are off', people, { enabled: false }, 'action group cordon-production is switched off'],
    ['alarms that nobody hears', people, { emailReceivers: [] }, 'action group cordon-production has no receiver'],
    [
      'alarms that everybody has left',
      people,
      { emailReceivers: [{ name: 'person-0', status: 'Disabled' }] },
      'action group cordon-production has no receiver',
    ],
  ])('has %s, which is named and nothing else', async (_, id, changed, said) => {
    const sandbox = deployed();
    const row = sandbox.rows.get(resources, id.toLowerCase());
    if (!row) throw new Error('it is not deployed');
    sandbox.rows.put(resources, id.toLowerCase(), { ...row, properties: { ...row.properties, ...changed } });
    expect(lacking(await all(sandbox))).toEqual([expect.stringContaining(`missing: ${said}`)]);
  });

  it.each([
    'Microsoft.EventHub/namespaces/read',
    'Microsoft.EventHub/namespaces/eventhubs/read',
    'Microsoft.EventHub/namespaces/eventhubs/consumergroups/read',
    'Microsoft.EventGrid/topics/read',
    'Microsoft.EventGrid/topics/eventSubscriptions/read',
    'Microsoft.Storage/storageAccounts/blobServices/containers/read',
    'Microsoft.Insights/scheduledQueryRules/read',
    'Microsoft.Insights/actionGroups/read',
  ])('says what cannot be seen without %s, and sees the rest', async (right) => {
    const lines = await examined(deployed(right));
    expect(lines.filter(({ mark }) => mark !== 'ok')).toMatchObject([
      { mark: 'warning', right, remedy: expect.stringContaining('Grant Reader on the resource group') },
    ]);
  });

  it.each([
    'Microsoft.Security/automations/read',
    'Microsoft.EventGrid/systemTopics/read',
    'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
    'Microsoft.Insights/metricAlerts/read',
    'Microsoft.Insights/activityLogAlerts/read',
  ])('says of a subscription what cannot be seen without %s, and sees the rest', async (right) => {
    const lines = await sourcesOf(deployed(right));
    expect(lines.filter(({ right: lacks }) => lacks)).toMatchObject([{ mark: 'warning', right }]);
  });

  it('says that the home identity cannot look where there is none', async () => {
    const none = async () => {
      throw new Error('no identity');
    };
    expect(await examineAzureHome(home, none, patienceWithin())).toMatchObject([
      { mark: 'missing', what: 'the home identity cannot look: no identity' },
    ]);
  });
});

describe('a deployed app', () => {
  /** What answers people, with the settings of the template; `CORDON_AZURE_APP` is an id that Azure alone knows. */
  async function answering(more: Readonly<Record<string, string>>) {
    const { deps } = company({ stage });
    const template = Object.entries(settingsOf(appWith({ relay: true, signals: true, fromAws })));
    const environment = Object.fromEntries(template.map(([name, value]) => [name, String(value)]));
    const told = { ...deps, playbooks: [], relays: true };
    const { examiner } = await wireRequests({ ...environment, ...more }, told);
    if (!examiner) throw new Error('it examines nothing');
    return examiner;
  }

  it('examines its home by the id that the template tells it, and says what it cannot see without a token', async () => {
    const endpoint = await identityEndpoint();
    onTestFinished(() => endpoint.close());
    for (const [name, value] of Object.entries(endpoint.environment)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(settingsOf(appWith())['CORDON_AZURE_APP']).toBe('<app.id>');
    const examiner = await answering({ CORDON_AZURE_APP: home.app });
    expect(await examiner.parts()).toContain('home');
    const lines = await examiner.examine('home', AbortSignal.timeout(20_000));
    // this endpoint has no token to give, so that nothing is asked of Azure
    expect(lines?.map(({ mark, what }) => `${mark}: ${what.split(':')[0]}`)).toEqual([
      'warning: The hubs cannot be seen',
      'warning: Where topics lead cannot be seen',
      'warning: The place of dead letters cannot be seen',
      'warning: The alert rules cannot be seen',
      'warning: Who is told of alarms cannot be seen',
    ]);
  });

  it('that nothing told its id has no home to examine', async () => {
    expect(await (await answering({ CORDON_AZURE_APP: '' })).parts()).not.toContain('home');
  });
});
