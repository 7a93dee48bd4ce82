import { describe, expect, test } from 'vitest';
import { unwrap } from '../../../shared/ingest/message.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { comparable } from '../../../shared/model/identifiers.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const scope = `/subscriptions/${subscription}/resourceGroups/rg-web/providers`;
const group = `${scope}/Microsoft.Network/networkSecurityGroups/nsg-web`;

/** The one message that a delivery holds. */
const message = (name: string): JsonObject => {
  const [event] = unwrap(readEvent(`activity-log/${name}`));
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new TypeError(`${name} is no object`);
  return event as JsonObject; // neither null nor a list
};
const written = message('security-rule-written');
const record = message('security-rule-written-event-hub');
const opened = message('storage-account-opened');
const readingOf = (event: Json) => normalise(event).reading;

/** The same change at another resource, by another operation. */
const change = (resource: string, operation: string, more: Readonly<Record<string, Json | undefined>> = {}): Finding =>
  findingIn(withMembers(written, { 'data.resourceUri': resource, 'data.operationName': operation, ...more }));
const onlyTarget = (resource: string) => change(resource, 'Microsoft.Foo/bars/write').resources[0];

describe('a change becomes a finding', () => {
  test('with what was done, to what, by whom and from where', () => {
    expect(findingIn(written)).toEqual({
      id: `5f0e1d2c-3b4a-4000-8000-0000000000a1/microsoft.network/networksecuritygroups/securityrules/write${group.toLowerCase()}/securityrules/allow-ssh`,
      provider: 'activity-log',
      cloud: 'azure',
      type: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      title: 'Microsoft.Network/networkSecurityGroups/securityRules/write on nsg-web',
      description: `Microsoft.Network/networkSecurityGroups/securityRules/write on ${group}/securityRules/allow-ssh was done by jonas.berg@northwind.example.`,
      severity: 'Unknown',
      severityOriginal: '',
      status: 'new',
      account: subscription,
      region: '',
      createdAt: '2026-11-20T09:00:00.991Z',
      updatedAt: '2026-11-20T09:00:00.991Z',
      count: 1,
      sample: false,
      snapshot: false,
      actor: {
        type: 'entra-user',
        account: tenant,
        userId: jonas,
        userPrincipalName: 'jonas.berg@northwind.example',
        addresses: ['203.0.113.77'],
      },
      call: {
        operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
        service: 'Microsoft.Network',
        succeeded: true,
        mfa: true,
      },
      resources: [
        expect.objectContaining({
          type: 'azure.network.security-group',
          id: group,
          role: 'affected',
          rule: 'allow-ssh',
          resourceGroup: 'rg-web',
        }),
        expect.objectContaining({ type: 'other', id: `${group}/securityRules/allow-ssh`, role: 'related' }),
        expect.objectContaining({ type: 'azure.entra.user', id: jonas, role: 'actor', account: tenant }),
      ],
      link: {
        resourceId: `${group}/securityRules/allow-ssh`,
        correlationId: '5f0e1d2c-3b4a-4000-8000-0000000000a1',
        eventId: '5f0e1d2c-3b4a-4000-8000-0000000000c1',
      },
    });
  });

  test.each(['cloudevent', 'event-hub', 'rest', 'alert'])('and the same one through %s', (form) => {
    const other = findingIn(message(`security-rule-written-${form}`));
    const same = findingIn(written);
    const whatCounts = ({ id, provider, type, account, actor, call, updatedAt, resources }: Finding) => ({
      ...{ id, provider, type, account, actor, call, updatedAt },
      targets: resources.map((one) => [one.type, one.role, comparable(one.id)]),
    });
    expect(whatCounts(other)).toEqual(whatCounts(same));
  });

  test('of a resource notification, which knows no caller: of each change one of its own', () => {
    const notified = message('storage-account-notified');
    const finding = findingIn(notified);
    expect(finding).toMatchObject({
      type: 'Microsoft.Storage/storageAccounts/write',
      updatedAt: '2026-11-20T09:00:00.500Z',
      resources: [{ type: 'azure.storage.account', name: 'northwindexports', role: 'affected' }],
    });
    expect(finding).not.toHaveProperty('actor');
    expect(finding).not.toHaveProperty('call');
    expect(finding.resources[0]).not.toHaveProperty('opened');
    const later = { 'data.operationalInfo.resourceEventTime': '2026-11-20T09:00:01Z' };
    expect(findingIn(withMembers(notified, later)).id).not.toBe(finding.id);
    const gone = { type: 'Microsoft.ResourceNotifications.Resources.Deleted' };
    expect(findingIn(withMembers(notified, gone)).type).toBe('Microsoft.Storage/storageAccounts/delete');
    const { specversion: _, type: eventType, source: topic, time: eventTime, ...rest } = notified;
    expect(findingIn({ ...rest, eventType, topic, eventTime } as Json)).toEqual(finding);
  });

  test('with every one of a batch by itself', () => {
    const batch = [written, withMembers(written, { 'data.correlationId': 'another' })];
    expect(new Set(unwrap(batch).map((one) => findingIn(one).id)).size).toBe(2);
    expect(unwrap({ records: [record, opened] }).map((one) => findingIn(one).type)).toHaveLength(2);
  });
});

describe('the operation', () => {
  test.each([
    ['MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION', 'Microsoft.Storage/storageAccounts/listKeys/action'],
    ['microsoft.keyvault/vaults/keys/read/action', 'Microsoft.KeyVault/vaults/keys/read/action'],
    ['MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE', 'Microsoft.Authorization/roleAssignments/write'],
    ['Microsoft.Foo/BarBaz/write', 'Microsoft.Foo/BarBaz/write'],
  ])('%s is spelt %s', (operation, type) => {
    const finding = change(`${scope}/Microsoft.Foo/bars/x`, operation);
    expect([finding.type, finding.call?.operation]).toEqual([type, type]);
  });

  test.each([
    ['a read', { 'data.operationName': 'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/READ' }, 'it is a read.'],
    ['what has only begun', { 'data.status': 'Started' }, 'its status is "Started".'],
    ['what was accepted', { 'data.status': 'Accepted' }, 'its status is "Accepted".'],
    ['what failed', { 'data.status': 'Failed' }, 'its status is "Failed".'],
    ['a refused call', { eventType: 'Microsoft.Resources.ResourceWriteFailure' }, 'a failure.'],
    ['a cancelled call', { eventType: 'Microsoft.Resources.ResourceActionCancel' }, 'being cancelled.'],
  ])('of %s is left alone', (_, members, end) => {
    const reading = readingOf(withMembers(written, members));
    expect(reading).toEqual({ kind: 'ignored', reason: expect.stringContaining(end) });
  });

  test.each(['Start', 'Accept', 'Failure'])('of a record whose result is %s is left alone', (resultType) => {
    expect(readingOf(withMembers(record, { resultType })).kind).toBe('ignored');
  });

  test.each(['Policy', 'Recommendation', 'Autoscale', 'ServiceHealth', 'ResourceHealth', 'Alert'])(
    'of a record of the category %s is left alone',
    (category) => {
      expect(normalise(withMembers(record, { category }))).toMatchObject({
        source: 'activity-log',
        reading: { kind: 'ignored', reason: expect.stringMatching(/^The Activity Log tells of /) },
      });
    },
  );
});

test.each(['Activity Log - Policy', 'Activity Log - Autoscale', 'ServiceHealth', 'Resource Health'])(
  'an alert of the service %s is left alone',
  (service) => {
    const event = withMembers(message('security-rule-written-alert'), { 'data.essentials.monitoringService': service });
    expect(normalise(event)).toMatchObject({ source: 'activity-log', reading: { kind: 'ignored' } });
  },
);

describe('the resource', () => {
  test.each([
    ['Microsoft.Storage/storageAccounts/exports', 'azure.storage.account'],
    ['Microsoft.Compute/virtualMachines/vm-1', 'azure.compute.virtual-machine'],
    ['Microsoft.KeyVault/vaults/kv-1', 'azure.key-vault.vault'],
    ['Microsoft.Sql/servers/sql-1', 'azure.sql.server'],
    ['Microsoft.ContainerService/managedClusters/aks-1', 'azure.aks.cluster'],
    ['Microsoft.Web/sites/app-1', 'azure.web.site'],
    ['Microsoft.Network/networkSecurityGroups/nsg-1', 'azure.network.security-group'],
    ['Microsoft.Cdn/profiles/cdn-1', 'other'],
  ])('%s is a target of the type %s', (id, type) => {
    expect(onlyTarget(`${scope}/${id}`)).toMatchObject({ type, id: `${scope}/${id}`, role: 'affected' });
    expect(onlyTarget(`${scope}/${id}/parts/x`)).toMatchObject({ type });
  });

  test.each([
    ['Microsoft.Security/pricings/KeyVaults', 'azure.defender.plan', `/subscriptions/${subscription}`],
    ['Microsoft.Insights/diagnosticSettings/to-siem', 'azure.monitor.diagnostic-setting', group],
  ])('%s is a target of its own, beside what it watches', (id, type, on) => {
    const { resources } = change(`${on}/providers/${id}`, 'Microsoft.Insights/diagnosticSettings/delete');
    expect(resources[0]).toMatchObject({ type, role: 'affected', scope: on, name: id.split('/').at(-1) });
    expect(resources[1]).toMatchObject({ id: on, role: 'related' });
    const elsewhere = `${on}/../providers/${id}`; // an id that leads elsewhere is only shown
    expect(change(elsewhere, 'Microsoft.Insights/diagnosticSettings/delete').resources[0]?.type).not.toBe(type);
  });

  test('of a whole group names no rule', () => {
    expect(onlyTarget(group)).not.toHaveProperty('rule');
  });

  test('that is a subscription is one', () => {
    const id = `/subscriptions/${subscription}`;
    expect(onlyTarget(id)).toMatchObject({ type: 'azure.subscription', id });
  });

  test('that is a role assignment has its scope, and its principal where the request says so', () => {
    const assignment = `${group}/providers/Microsoft.Authorization/roleAssignments/a1`;
    expect(onlyTarget(assignment)).toMatchObject({ type: 'azure.role-assignment', scope: group, name: 'a1' });
    expect(onlyTarget(assignment)).toMatchObject({ level: 'resource' });
    const requestbody = JSON.stringify({ Id: 'a1', Properties: { PrincipalId: jonas.toUpperCase() } });
    const through = withMembers(opened, { resourceId: assignment, 'properties.requestbody': requestbody });
    expect(findingIn(through).resources[0]).toMatchObject({ scope: group, principalId: jonas });
  });

  test('above all subscriptions belongs to the tenant', () => {
    const id = '/providers/Microsoft.Management/managementGroups/root';
    const finding = change(id, 'Microsoft.Management/managementGroups/write', { 'data.subscriptionId': undefined });
    expect([finding.account, finding.resources[0]?.account]).toEqual([tenant, tenant]);
  });

  test('is of its own subscription, whatever the envelope says', () => {
    const other = '0a1b2c3d-0000-4000-8000-000000000002';
    const finding = change(`/SUBSCRIPTIONS/${other.toUpperCase()}/resourceGroups/x`, 'Microsoft.Foo/bars/write');
    expect(finding.account).toBe(other);
  });

  test.each([
    ['true', true],
    ['false', undefined],
    ['"true"', undefined],
    ['null', undefined],
  ])('was opened by a request that says %s', (value, wanted) => {
    const requestbody = `{"properties":{"allowBlobPublicAccess":${value}}}`;
    const [target] = findingIn(withMembers(opened, { 'properties.requestbody': requestbody })).resources;
    expect(target?.type === 'azure.storage.account' && target.opened).toBe(wanted);
  });
});

describe('who did it', () => {
  const claim = (name: string) => `http://schemas.microsoft.com/identity/claims/${name}`;
  const by = (claims: JsonObject | string | undefined, more: Readonly<Record<string, Json | undefined>> = {}) =>
    findingIn(withMembers(written, { 'data.claims': claims, ...more })).actor;
  const application = { [claim('objectidentifier')]: jonas.toUpperCase(), appid: subscription, idtyp: 'app' };

  test('is an application by its object id', () => {
    const expected = { type: 'service-principal', principalId: jonas, appId: subscription, account: tenant };
    expect(by(application)).toMatchObject(expected);
    expect(by(JSON.stringify(application))).toMatchObject(expected);
  });

  test('is whose role was used, where there are no claims, but never a group', () => {
    expect(by(undefined)).toMatchObject({ type: 'entra-user', addresses: ['203.0.113.77'] });
    const group = { 'data.authorization.evidence.principalType': 'Group' };
    expect(by('{azure_resource_manager_claims}', group)).toEqual({ type: 'other', addresses: ['203.0.113.77'] });
  });

  test.each([
    ['203.0.113.77:57485', ['203.0.113.77']],
    ['[2001:db8::7]:443', ['2001:db8::7']],
    ['2001:db8::7', ['2001:db8::7']],
    ['0.0.0.0', []],
    ['evil.example', []],
  ])('called from %s', (callerIpAddress, addresses) => {
    expect(findingIn(withMembers(record, { callerIpAddress })).actor?.addresses).toEqual(addresses);
  });
});

describe('what tells of no change is refused', () => {
  test.each([
    ['no operation', { 'data.operationName': 'drop tables' }, /^operationName: "drop tables" is no operation/],
    ['a way out of the operation', { 'data.operationName': 'a/../write?x=/action' }, /is no operation/],
    ['no status', { 'data.status': undefined }, /^status: missing/],
    ['no resource', { 'data.resourceUri': undefined, subject: undefined }, /^resourceid: /],
    ['no time', { eventTime: undefined }, /^time: /],
    ['a subscription that is none', { 'data.resourceUri': '/subscriptions/{id}/x' }, /neither a subscription nor/],
    ['no id of the change', { 'data.correlationId': 'a b', id: '' }, /^correlationId: missing/],
  ])('%s', (_, members, problem) => {
    expect(readingOf(withMembers(written, members))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringMatching(problem),
    });
  });
});
