import { describe, expect, test } from 'vitest';
import { defender } from '../../../shared/ingest/azure/defender.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { comparable } from '../../../shared/model/identifiers.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
const rg = `/subscriptions/${subscription}/resourceGroups/rg-web/providers`;
const exported = readEvent('defender/vm-brute-force-export');
const arm = readEvent('defender/vm-brute-force-arm');

const upper = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toUpperCase(), member]));

describe('a Defender alert becomes a finding', () => {
  test('the same one in every form that is pushed', () => {
    const finding = findingIn(exported);
    expect(finding).toMatchObject({
      id: '2516471987999999999_5d6e7f80-91a2-4b3c-8d4e-5f60718293a4',
      provider: 'defender',
      cloud: 'azure',
      type: 'VM_SshBruteForceSuccess',
      severity: 'High',
      severityOriginal: 'High',
      status: 'new',
      account: subscription,
      region: 'westeurope',
      createdAt: '2026-11-20T08:59:40.118Z',
      updatedAt: '2026-11-20T08:59:41.662Z',
      lastSeenAt: '2026-11-20T08:57:52.903Z',
      sample: false,
      snapshot: false,
      actor: { type: 'other', addresses: ['203.0.113.220'] },
    });
    expect(findingIn(arm)).toEqual(finding);
    expect(findingIn(readEvent('defender/vm-brute-force-cloudevent'))).toEqual(finding);
    expect(findingIn(upper(exported))).toEqual(finding);
  });

  test.each(['vm-brute-force-activity-log', 'vm-brute-force-record', 'vm-brute-force-common-alert'])(
    'the same one, poorer and older, from the copy of the Activity Log: %s',
    (name) => {
      const finding = findingIn(exported);
      const copy = findingIn(readEvent(`defender/${name}`));
      const { id, provider, type, title, description, severity, status, account, region, sample, snapshot } = finding;
      expect(copy).toMatchObject({ id, provider, type, title, description, severity, status, account, region });
      expect(copy).toMatchObject({ sample, snapshot, updatedAt: '2026-11-20T08:41:07.211Z' });
      expect(copy.resources.map((one) => comparable(one.id))).toEqual([comparable(primaryOf(finding).id)]);
      expect(copy.resources[0]).toMatchObject({ type: 'azure.compute.virtual-machine', role: 'affected' });
      expect(comparable(copy.link['alertId'] ?? '')).toBe(comparable(finding.link['alertId'] ?? ''));
      expect(copy.actor).toBeUndefined();
    },
  );

  test('with an ARM alert as the data of a CloudEvent', () => {
    const event = { specversion: '1.0', id: 'x', source: 'y', type: 'Microsoft.Security/Locations/alerts', data: arm };
    expect(findingIn(event)).toEqual(findingIn(exported));
  });

  test('with the machine affected, and group and address beside it', () => {
    expect(findingIn(exported).resources).toMatchObject([
      {
        type: 'azure.compute.virtual-machine',
        role: 'affected',
        name: 'vm-web-01',
        id: `${rg}/Microsoft.Compute/virtualMachines/vm-web-01`,
        account: subscription,
        resourceGroup: 'rg-web',
      },
      { type: 'azure.network.security-group', role: 'related', name: 'nsg-web', resourceGroup: 'rg-web' },
      { type: 'other', role: 'related', kind: 'account', id: 'vm-web-01\\azureuser' },
      { type: 'network.address', role: 'related', address: '203.0.113.220', direction: 'inbound' },
    ]);
  });

  test('with a link by which the alert is read again', () => {
    expect(findingIn(exported).link).toEqual({
      systemAlertId: '2516471987999999999_5d6e7f80-91a2-4b3c-8d4e-5f60718293a4',
      alertId: arm['id'],
      alertName: arm['name'],
      location: 'westeurope',
    });
  });

  test.each([
    ['New', 'new'],
    ['Active', 'new'],
    ['InProgress', 'updated'],
    ['Dismissed', 'dismissed'],
    ['RESOLVED', 'resolved'],
  ])('of status %s as %s', (Status, status) => {
    expect(findingIn(withMembers(exported, { Status })).status).toBe(status);
    expect(findingIn(withMembers(exported, { Status: undefined, State: Status })).status).toBe(status);
  });

  test.each([
    ['AlertDisplayName', '[SAMPLE ALERT] x'],
    ['AlertType', 'SIMULATED_x'],
    ['Description', 'THIS IS A SAMPLE ALERT: x'],
  ])('that is a sample by its %s', (member, text) => {
    expect(findingIn(withMembers(exported, { [member]: text })).sample).toBe(true);
  });

  test.each([
    [{ securityEventDataEnrichment: { isSnapshot: true } }, true],
    [{ SecurityEventDataEnrichment: { IsSnapshot: 'True' } }, true],
    [{ securityEventDataEnrichment: { isSnapshot: false, action: 'Insert' } }, false],
  ])('that %j makes a snapshot: %s', (members, snapshot) => {
    expect(findingIn({ ...exported, ...members }).snapshot).toBe(snapshot);
  });

  test('of the severity that a trigger body of a Logic App calls reported', () => {
    const body = withMembers(exported, { Severity: undefined, ReportedSeverity: 'Low' });
    expect(findingIn(body)).toMatchObject({ severity: 'Low', severityOriginal: 'Low' });
  });

  test('with ids compared without case', () => {
    const loud = withMembers(exported, {
      SystemAlertId: 'ABC_DEF',
      AzureResourceId: `${rg}/Microsoft.Compute/virtualMachines/vm-web-01`.toUpperCase(),
    });
    const finding = findingIn(loud);
    expect(finding.id).toBe('abc_def');
    expect(finding.account).toBe(subscription);
    expect(finding.resources.filter(({ type }) => type === 'azure.compute.virtual-machine')).toHaveLength(1);
  });
});

describe('the targets of an alert', () => {
  const about = (id: string | undefined, Entities: Json = []): JsonObject =>
    withMembers(exported, { AzureResourceId: id, ResourceIdentifiers: [], CompromisedEntity: 'thing', Entities });

  test.each([
    [`${rg}/Microsoft.Storage/storageAccounts/up`, { type: 'azure.storage.account', name: 'up' }],
    [`${rg}/microsoft.keyvault/vaults/kv`, { type: 'azure.key-vault.vault', name: 'kv' }],
    [`${rg}/Microsoft.Sql/servers/sql`, { type: 'azure.sql.server', resourceGroup: 'rg-web' }],
    [`${rg}/Microsoft.Web/sites/shop`, { type: 'azure.web.site' }],
    [`${rg}/Microsoft.ContainerService/managedClusters/aks`, { type: 'azure.aks.cluster' }],
    [`/subscriptions/${subscription}`, { type: 'azure.subscription', name: subscription }],
    [`${rg}/Microsoft.Cache/redis/r`, { type: 'other', kind: 'Microsoft.Cache/redis', name: 'r' }],
  ])('%s', (id, target) => {
    expect(findingIn(about(id)).resources).toMatchObject([{ ...target, id, role: 'affected', account: subscription }]);
  });

  test('a part of a resource is that resource, with the part beside it', () => {
    const container = `${rg}/Microsoft.Storage/storageAccounts/up/blobServices/default/containers/c`;
    expect(findingIn(about(container)).resources).toMatchObject([
      { type: 'azure.storage.account', id: `${rg}/Microsoft.Storage/storageAccounts/up`, role: 'affected' },
      { type: 'other', id: container, role: 'related' },
    ]);
  });

  test('a pod stands beside its cluster', () => {
    const cluster = `${rg}/Microsoft.ContainerService/managedClusters/aks-web`;
    const pod = 'cart-7d9f8b6c5-x2k4q';
    expect(findingIn(readEvent('defender/kubernetes-pod')).resources).toMatchObject([
      { type: 'azure.aks.cluster', id: cluster, role: 'affected' },
      {
        type: 'azure.aks.workload',
        id: `${cluster}/namespaces/shop/pods/${pod}`,
        ...{ role: 'related', clusterId: cluster, namespace: 'shop', workload: pod, kind: 'pods' },
      },
    ]);
  });

  test.each([
    ['a namespace that is none', { 'Entities.2.Name': '../kube-system' }],
    ['a name with a path', { 'Entities.3.Name': 'a/b' }],
    ['no namespace', { 'Entities.3.Namespace': { $ref: '99' } }],
    ['no cluster', { AzureResourceId: `/subscriptions/${subscription}`, ResourceIdentifiers: [] }],
  ])('a pod with %s is none', (_, members) => {
    const { resources } = findingIn(withMembers(readEvent('defender/kubernetes-pod'), members));
    expect(resources.map(({ type }) => type)).not.toContain('azure.aks.workload');
  });

  test('a blob is spelt as in the result of its scan', () => {
    const scanned = findingIn(readEvent('defender-storage/malicious-blob'));
    const entities = [{ Type: 'blob', Name: 'x', Url: scanned.resources[0]?.id ?? '', Etag: '0x1' }];
    const account = `${rg}/Microsoft.Storage/storageAccounts/northwinduploads`;
    expect(findingIn(about(account, entities)).resources).toMatchObject([
      { type: 'azure.storage.account', role: 'affected' },
      { type: 'azure.storage.blob', id: scanned.resources[0]?.id, blob: '2026/11/Invoice 4711.docm', eTag: '0x1' },
    ]);
    const other = `${rg}/Microsoft.Storage/storageAccounts/another`;
    expect(findingIn(about(other, entities)).resources.map(({ type }) => type)).toEqual(['azure.storage.account']);
  });

  test('an application did it, by its object id', () => {
    const application = {
      Type: 'service-principal',
      ServicePrincipalName: 'deployer',
      ServicePrincipalObjectId: '0A1B2C3D-0000-4000-8000-00000000A001',
      AppId: '0a1b2c3d-0000-4000-8000-00000000a0ff',
      TenantId: tenant,
    };
    const finding = findingIn(about(`/subscriptions/${subscription}`, [application]));
    const ids = { servicePrincipalId: '0a1b2c3d-0000-4000-8000-00000000a001', appId: application.AppId };
    expect(finding.resources[1]).toMatchObject({
      type: 'azure.entra.service-principal',
      id: ids.servicePrincipalId,
      ...{ role: 'actor', account: tenant, name: 'deployer', ...ids },
    });
    expect(finding.actor).toMatchObject({
      type: 'service-principal',
      principalId: ids.servicePrincipalId,
      appId: ids.appId,
    });
  });

  test('the number by which a cloud application goes elsewhere does no harm', () => {
    const entities = [{ Type: 'cloud-application', AppId: 12395, Name: 'Azure' }];
    expect(findingIn(about(`/subscriptions/${subscription}`, entities)).resources).toHaveLength(1);
  });

  test('one user of Entra did it, in the tenant', () => {
    const user = {
      Type: 'account',
      AadUserId: '0A1B2C3D-0000-4000-8000-0000000000AA',
      AadTenantId: tenant,
      Name: 'eva',
      UPNSuffix: 'northwind.example',
    };
    const finding = findingIn(about(`/subscriptions/${subscription}`, [user, { Type: 'ip', Address: '203.0.113.5' }]));
    const named = { userId: '0a1b2c3d-0000-4000-8000-0000000000aa', userPrincipalName: 'eva@northwind.example' };
    expect(finding.actor).toEqual({ type: 'entra-user', account: tenant, ...named, addresses: ['203.0.113.5'] });
    expect(finding.resources[1]).toMatchObject({ type: 'azure.entra.user', role: 'actor', account: tenant, ...named });
  });

  test('of two users nobody can tell who did it', () => {
    const users = ['a', 'b'].map((name) => ({
      Type: 'account',
      Name: name,
      UPNSuffix: 'x.example',
      AadTenantId: tenant,
    }));
    const finding = findingIn(about(`/subscriptions/${subscription}`, users));
    expect(finding.actor).toBeUndefined();
    expect(finding.resources.slice(1).map(({ role }) => role)).toEqual(['related', 'related']);
  });

  test('a user without a tenant, and nobody’s id, cannot be acted on', () => {
    const users = [
      { Type: 'account', AadUserId: '00000000-0000-0000-0000-000000000000', Name: 'ghost' },
      { Type: 'account', AadUserId: '0a1b2c3d-0000-4000-8000-0000000000aa' },
    ];
    const finding = findingIn(about(`/subscriptions/${subscription}`, users));
    expect(finding.resources.slice(1).map(({ type }) => type)).toEqual(['other', 'other']);
  });

  test('the destination of a connection was called, our own address is nobody', () => {
    const entities = [
      { $id: '1', Type: 'ip', Address: '203.0.113.8' },
      { $id: '2', Type: 'ip', Address: '10.0.0.4', Asset: true },
      { $id: '3', Type: 'ip', Address: '0.0.0.0' },
      { Type: 'network-connection', DestinationAddress: { $ref: '1' } },
    ];
    const finding = findingIn(about(`${rg}/Microsoft.Compute/virtualMachines/vm`, entities));
    expect(finding.resources.slice(1)).toMatchObject([{ address: '203.0.113.8', direction: 'outbound' }]);
    expect(finding.actor).toBeUndefined();
  });

  test('a host is affected where the alert names no resource', () => {
    const host = { Type: 'host', AzureID: `${rg}/Microsoft.Compute/virtualMachines/vm` };
    expect(findingIn(about(undefined, [host])).resources).toMatchObject([{ name: 'vm', role: 'affected' }]);
  });

  test('a machine outside Azure belongs to the subscription of its workspace', () => {
    const outside = { AlertUri: '', WorkspaceSubscriptionId: '0A1B2C3D-0000-4000-8000-000000000002' };
    const finding = findingIn(withMembers(about(undefined), outside));
    expect(finding.account).toBe('0a1b2c3d-0000-4000-8000-000000000002');
    expect(finding.resources).toMatchObject([{ type: 'other', id: 'thing' }]);
  });

  test('a thing without an id is still shown', () => {
    expect(findingIn(about(undefined)).resources).toMatchObject([{ type: 'other', id: 'thing', role: 'affected' }]);
  });
});

const logged = readEvent('defender/vm-brute-force-activity-log');
const foreign = (id: string): JsonObject =>
  withMembers(exported, { AzureResourceId: id, ResourceIdentifiers: [], Entities: [] });

describe('the copy of the Activity Log', () => {
  const copy = (members: Record<string, Json | undefined>) => findingIn(withMembers(logged, members));

  test.each([
    ['Kubernetes Service', 'aks-web', `${rg}/Microsoft.ContainerService/managedClusters/aks-web`],
    ['Storage', 'northwindexports', `${rg}/Microsoft.Storage/storageAccounts/northwindexports`],
    ['Key Vault', 'kv', `${rg}/Microsoft.KeyVault/vaults/kv`],
    ['App Service', 'shop', `${rg}/Microsoft.Web/sites/shop`],
    ['Subscription', 'production', `/subscriptions/${subscription}`],
    ['Anything', `${rg}/Microsoft.Compute/virtualMachines/vm`, `${rg}/Microsoft.Compute/virtualMachines/vm`],
  ])('of a %s names what was attacked', (kind, compromisedEntity, id) => {
    const members = { 'properties.resourceType': kind, 'properties.compromisedEntity': compromisedEntity };
    expect(copy(members).resources).toMatchObject([{ id, role: 'affected' }]);
  });

  test.each(['../vm-web-02', 'a/b', '', '..'])('makes no id of %j', (name) => {
    const [target] = copy({ 'properties.compromisedEntity': name }).resources;
    expect(target).toMatchObject({ type: 'other', role: 'affected', account: subscription });
  });

  test.each([
    ['PREVIEW - Role binding to the cluster-admin role detected', 'K8S_ClusterAdminBinding'],
    ['Suspicious elevate access operation', 'ARM_AnomalousElevateAccess'],
    ['[SAMPLE ALERT] Successful SSH brute force attack', 'SIMULATED_VM_SshBruteForceSuccess'],
    ['Suspicious Run Command usage was detected on your virtual machine (Preview)', 'VM_RunCommandSuspiciousUsage'],
  ])('knows %j by its type', (value, type) => {
    const finding = copy({ eventName: { value } });
    expect(finding).toMatchObject({ type, sample: value.startsWith('[SAMPLE') });
  });

  test('takes the type from the record where it stands there', () => {
    expect(copy({ 'properties.alertType': 'VM_New', eventName: { value: 'New' } }).type).toBe('VM_New');
  });

  test('is found by its ids where the record is not of the alert', () => {
    const finding = copy({ resourceId: undefined });
    expect(finding).toMatchObject({ id: findingIn(exported).id, account: subscription });
    expect(finding.link).not.toHaveProperty('alertId');
    const nameless = { resourceId: undefined, eventDataId: 'x', operationId: 7, correlationId: null };
    expect(defender.read(withMembers(logged, nameless))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining('does not say which alert'),
    });
  });
});

describe('what is no alert says why', () => {
  test.each([
    [{ ...exported, securityEventDataEnrichment: { action: 'Delete' } }, 'The export says that the alert was deleted.'],
    [{ ...exported, Entities: '[]' }, 'A SecurityAlert row of Log Analytics'],
    [{ '@odata.type': '#microsoft.graph.security.alert', id: 'x' }, 'An alert of Microsoft Graph'],
    [{ ...exported, IsIncident: true }, 'An incident of Defender for Cloud gathers alerts'],
    [{ ...logged, eventName: { value: 'Something new' } }, 'none is known by the title "Something new"'],
    [{ category: 'Security', operationName: 'Contoso/things/write' }, 'tells of no alert.'],
    [
      { ...logged, operationName: { value: 'Microsoft.Security/locations/alerts/dismiss/action' } },
      'An alert was moved',
    ],
    [
      withMembers(readEvent('defender/vm-brute-force-common-alert'), { 'data.alertContext.description': '' }),
      'title ""',
    ],
    [foreign('arn:aws:ec2:eu-west-1:111122223333:instance/i-0aa11bb22cc33dd44'), 'outside Azure'],
    [foreign('//compute.googleapis.com/projects/p/zones/z/instances/i'), 'outside Azure'],
    [foreign(`${rg}/Microsoft.Security/securityConnectors/aws/securityEntityData/x`), 'outside Azure'],
  ])('%#', (event: Json, start) => {
    const { source, reading } = normalise(event);
    expect(source).toBe('defender');
    expect(reading.kind).toBe('ignored');
    expect(reading).toHaveProperty('reason', expect.stringContaining(start));
  });

  test.each([
    [{ Status: 'Sleeping' }, 'Status: "Sleeping" is not known.'],
    [
      { AzureResourceId: undefined, ResourceIdentifiers: [], Entities: [], AlertUri: '' },
      'The subscription cannot be told',
    ],
    [
      { AzureResourceId: '/subscriptions/<id>/x', ResourceIdentifiers: [], Entities: [] },
      'The subscription cannot be told',
    ],
    [{ SystemAlertId: '' }, 'SystemAlertId: missing.'],
    [{ TimeGenerated: 'noon' }, 'alert.timegenerated: a time looks like'],
    [{ Entities: [7] }, 'alert.entities.0: '],
  ])('%j is malformed', (members: Record<string, Json | undefined>, problem) => {
    expect(defender.read(withMembers(exported, members))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining(problem),
    });
  });

  test('a CloudEvent that carries something else', () => {
    const event = { specversion: '1.0', type: 'cordon.defender.alert.v1', data: { a: 1 } };
    expect(normalise(event)).toMatchObject({ source: 'defender', reading: { kind: 'malformed' } });
  });
});
