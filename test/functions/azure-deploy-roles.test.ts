import { describe, expect, it } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { appWith, memberAt, ofType, readBicep, settingsOf } from '../support/azure-app.ts';
import { type Deployment, deployBicep } from '../support/bicep-deploy.ts';

/** learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const roleNames: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Azure Event Hubs Data Receiver',
  '2b629674-e913-4c01-ae53-ef4638d8f975': 'Azure Event Hubs Data Sender',
  'd5a91429-5739-47e2-a06b-3470a27159e7': 'EventGrid Data Sender',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
};

const officer = '0a1b2c3d-0000-4000-8000-00000000a007';
const fromAws = {
  issuer: 'https://a1d2b0fd-1177-4468-9351-2fe0a0a0a723.tokens.sts.global.api.aws',
  roles: 'arn:aws:iam::999988887777:role/cordon-production',
};
const forwardTo = 'event-bus:arn:aws:events:eu-west-1:999988887777:event-bus/cordon-production-azure';
const home = '<home.properties.principalId>';
const publisher = '<publisher.properties.principalId>';
const defender = '0a1b2c3d-0000-4000-8000-00000000a003';

const whereOf = (scope: Json | undefined): string => String(memberAt(scope, 'name') ?? scope ?? 'the resource group');
/** Each role assignment as `file, where, role, whom`. */
const assignedIn = (deployment: Deployment): readonly (readonly string[])[] =>
  ofType(deployment, 'Microsoft.Authorization/roleAssignments').map(({ file, body }) => {
    const id =
      String(memberAt(body, 'properties', 'roleDefinitionId'))
        .split('/')
        .at(-1) ?? '';
    const principal = String(memberAt(body, 'properties', 'principalId'));
    return [file, whereOf(memberAt(body, 'scope')), roleNames[id] ?? `no role is called ${id}`, principal];
  });

/** What `cordon doctor` looks with; where events are handed on there is none. */
const doctor = ['app.bicep', 'the resource group', 'Reader', home];
const always = [
  ['logs.bicep', '<insights>', 'Monitoring Metrics Publisher', home],
  ['state.bicep', '<host>', 'Storage Blob Data Owner', home],
  ['state.bicep', '<host>', 'Storage Queue Data Contributor', home],
  ['state.bicep', '<host>', 'Storage Table Data Contributor', home],
  ['state.bicep', '<records>', 'Storage Table Data Contributor', home],
  ['state.bicep', 'cordon-evidence', 'Storage Blob Data Contributor', home],
  ['state.bicep', 'cordon-anchors', 'Storage Blob Data Contributor', home],
  ['events.bicep', '<hub>', 'Azure Event Hubs Data Receiver', home],
  ['events.bicep', '<hub>', 'Azure Event Hubs Data Sender', defender],
  ['app.bicep', '<vault>', 'Key Vault Secrets User', home],
];

describe('who may do what with what Cordon itself consists of', () => {
  it('is the home identity alone, on each store and each way in by itself and reading what is there, and Defender, who sends', () => {
    expect(assignedIn(appWith()).toSorted()).toEqual([...always, doctor].toSorted());
  });

  it('is besides who puts secrets into the vault, and the home identity on each topic that is asked for', () => {
    const app = appWith({ secretsOfficerId: officer, relay: true, outcomes: true, signals: true, fromAws });
    const more = [
      doctor,
      ['app.bicep', '<vault>', 'Key Vault Secrets Officer', officer],
      ['events.bicep', '<alerts>', 'EventGrid Data Sender', home],
      ['events.bicep', '<ended>', 'EventGrid Data Sender', home],
      ['events.bicep', '<forwarded>', 'EventGrid Data Sender', publisher],
      ['signals.bicep', '<hub>', 'Azure Event Hubs Data Receiver', home],
    ];
    expect(assignedIn(app).toSorted()).toEqual([...always, ...more].toSorted());
  });

  it('is the identity of AWS on the topic of outcomes, where the home is there', () => {
    const app = appWith({ forwardTo, outcomes: true, fromAws });
    const more = [['events.bicep', '<ended>', 'EventGrid Data Sender', publisher]];
    expect(assignedIn(app).toSorted()).toEqual([...always, ...more].toSorted());
  });

  it('is each topic of Cordon’s own on the account of dead letters, and nobody else', () => {
    const params = { malwareTopicName: 'malware', forwardedTopicName: 'forwarded' };
    const places = { functionAppId: '/sites/cordon', deadLetterAccountId: '/accounts/dead' };
    const topics = deployBicep({ name: 'topic-events.bicep', params: { ...params, ...places }, read: readBicep });
    expect(assignedIn(topics)).toEqual(
      ['malware', 'forwarded'].map((topic) => [
        'topic-events.bicep',
        '<account>',
        'Storage Blob Data Contributor',
        `<${topic}.identity.principalId>`,
      ]),
    );
  });

  it('are service principals, but for the person who keeps the vault', () => {
    const app = appWith({ secretsOfficerId: officer, relay: true, outcomes: true, signals: true, fromAws });
    for (const { body } of ofType(app, 'Microsoft.Authorization/roleAssignments'))
      expect(memberAt(body, 'properties', 'principalType')).toBe(
        memberAt(body, 'properties', 'principalId') === officer ? undefined : 'ServicePrincipal',
      );
  });
});

describe('the function app', () => {
  const siteOf = (app: Deployment) => ofType(app, 'Microsoft.Web/sites')[0]?.body;
  const identitiesOf = (app: Deployment) =>
    Object.keys(Object(memberAt(siteOf(app), 'identity', 'userAssignedIdentities')));

  it.each([
    ['in production', {}, ['<home.id>', '<reader.id>', '<writer.id>']],
    ['in a stage that only plans', { enforce: false }, ['<home.id>', '<reader.id>']],
    ['in staging', { stage: 'staging' }, ['<home.id>', '<reader.id>']],
    ['where the home is in AWS', { forwardTo, fromAws, outcomes: true }, ['<home.id>']],
  ])('has these identities and no other: %s', (_, params, identities) => {
    const app = appWith(params);
    expect(memberAt(siteOf(app), 'identity', 'type')).toBe('UserAssigned');
    expect(identitiesOf(app)).toEqual(identities);
  });

  it('says which of them is which, and gets secrets, code, queues and hubs as home', () => {
    const app = appWith({ signals: true });
    const settings = settingsOf(app);
    expect(settings).toMatchObject({
      CORDON_AZURE_HOME_CLIENT_ID: '<home.properties.clientId>',
      CORDON_AZURE_READER_CLIENT_ID: '<reader.properties.clientId>',
      CORDON_AZURE_WRITER_CLIENT_ID: '<writer.properties.clientId>',
    });
    for (const name of ['AzureWebJobsStorage', 'CORDON_EVENT_HUB', 'CORDON_SIGNALS'])
      expect(settings[`${name}__clientId`]).toBe('<home.properties.clientId>');
    expect(memberAt(siteOf(app), 'properties')).toMatchObject({
      keyVaultReferenceIdentity: '<home.id>',
      functionAppConfig: {
        deployment: {
          storage: {
            authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: '<home.id>' },
          },
        },
      },
    });
  });

  it('runs on the Node that Cordon is made for, over TLS alone, and asks for tokens of this tenant, version 2', () => {
    const app = appWith();
    const { engines } = JSON.parse(readBicep('../../../package.json')) as { engines: { node: string } };
    expect(memberAt(siteOf(app), 'properties', 'functionAppConfig', 'runtime')).toEqual({
      name: 'node',
      version: /\d+/.exec(engines.node)?.[0],
    });
    expect(memberAt(siteOf(app), 'properties', 'httpsOnly')).toBe(true);
    expect(memberAt(siteOf(app), 'properties', 'siteConfig')).toMatchObject({
      minTlsVersion: '1.2',
      ftpsState: 'Disabled',
    });
    const tenant = 'https://login.microsoftonline.com/0a1b2c3d-0000-4000-8000-0000000000ff';
    expect(settingsOf(app)).toMatchObject({
      CORDON_IDENTITY: 'jwt',
      CORDON_JWT_ISSUER: `${tenant}/v2.0`,
      CORDON_JWT_KEYS: `${tenant}/discovery/v2.0/keys`,
      CORDON_JWT_AUDIENCE: '0a1b2c3d-0000-4000-8000-00000000a004',
    });
  });
});
