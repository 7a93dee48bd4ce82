import { describe, expect, test } from 'vitest';
import { defenderXdr } from '../../../shared/ingest/azure/defender-xdr.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const vm = `/subscriptions/${subscription}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-web-01`;
const user = readEvent('defender-xdr/impacted-user');
const machine = readEvent('defender-xdr/impacted-machine');

/** Evidence of another kind about the same alert. */
const evidence = (members: Record<string, Json>): JsonObject => {
  const { AlertId, Title, Severity, ServiceSource, Timestamp } = user['properties'] as JsonObject; // as the fixture has it
  const same = { AlertId, Title, Severity, ServiceSource, Timestamp } as JsonObject; // all of them texts
  return { ...user, properties: { ...same, EvidenceRole: 'Related', ...members } };
};

describe('a piece of evidence becomes a finding of its own', () => {
  test('a user, in the tenant', () => {
    expect(findingIn(user)).toEqual({
      id: `adc7a90b6f1e4d2b8f0a4c1d5e6f708192/user/${jonas}`,
      provider: 'defender-xdr',
      cloud: 'azure',
      type: 'Microsoft Defender for Cloud Apps/Stolen session cookie was used',
      title: 'Stolen session cookie was used',
      description: 'Microsoft Defender for Cloud Apps names the User jonas.berg@northwind.example as Impacted.',
      severity: 'High',
      severityOriginal: 'High',
      status: 'new',
      account: tenant,
      region: '',
      createdAt: '2026-11-20T08:52:37.729Z',
      updatedAt: '2026-11-20T09:06:13.952Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'azure.entra.user',
          id: jonas,
          name: 'jonas.berg@northwind.example',
          account: tenant,
          region: '',
          role: 'affected',
          userId: jonas,
          userPrincipalName: 'jonas.berg@northwind.example',
        },
      ],
      link: {
        alertId: 'adc7a90b6f1e4d2b8f0a4c1d5e6f708192',
        entityType: 'User',
        serviceSource: 'Microsoft Defender for Cloud Apps',
        detectionSource: 'Microsoft Defender XDR',
        categories: '["CredentialAccess"]',
      },
    });
  });

  test('a virtual machine of Azure, in its subscription', () => {
    expect(findingIn(machine)).toMatchObject({
      id: 'da638034938542195558_-961444813/machine/08f8d2adebd88b1b7e509fcca55a665831900001',
      account: subscription,
      resources: [{ type: 'azure.compute.virtual-machine', id: vm, account: subscription, role: 'affected' }],
    });
  });

  test.each(['AzureID', 'AzureResourceId', 'ResourceId'])('a machine that AdditionalFields name by %s', (name) => {
    const event = withMembers(machine, { 'properties.AdditionalFields': JSON.stringify({ [name]: vm }) });
    expect(findingIn(event).resources).toMatchObject([{ type: 'azure.compute.virtual-machine', id: vm }]);
  });

  test.each<[Json, string]>([
    ['not JSON', 'free text'],
    [null, 'nothing'],
    ['[]', 'a list'],
    ['{"AzureID":"/subscriptions/x/y"}', 'an id that is none'],
    ['{"AzureID":7}', 'a number'],
  ])('a machine outside Azure is shown: AdditionalFields %j', (AdditionalFields) => {
    const finding = findingIn(withMembers(machine, { 'properties.AdditionalFields': AdditionalFields }));
    expect(finding.account).toBe(tenant);
    expect(finding.resources).toMatchObject([{ type: 'other', kind: 'machine', name: 'vm-web-01', role: 'affected' }]);
  });

  test.each<[string, Record<string, Json>, string, object]>([
    [
      'an address that called',
      { EntityType: 'Ip', RemoteIP: '203.0.113.77' },
      'ip/203.0.113.77',
      { type: 'network.address', address: '203.0.113.77', direction: 'inbound', role: 'related' },
    ],
    [
      'an address that was called',
      { EntityType: 'Ip', RemoteIP: '203.0.113.78', EvidenceDirection: 'Destination' },
      'ip/203.0.113.78',
      { direction: 'outbound' },
    ],
    [
      'a resource of Azure',
      {
        EntityType: 'CloudResource',
        ResourceID: vm.replace('virtualMachines/vm-web-01', 'disks/d'),
        EvidenceRole: 'Impacted',
      },
      `cloudresource/${vm.replace('virtualMachines/vm-web-01', 'disks/d').toLowerCase()}`,
      { type: 'other', kind: 'Microsoft.Compute/disks', account: subscription, role: 'affected' },
    ],
    [
      'a resource of another cloud',
      { EntityType: 'CloudResource', ResourceID: 'arn:aws:s3:::b', CloudResource: 'b' },
      'cloudresource/arn:aws:s3:::b',
      { type: 'other', kind: 'cloudresource', name: 'b', account: tenant },
    ],
    [
      'an application',
      {
        EntityType: 'OAuthApplication',
        OAuthApplicationId: '0A1B2C3D-0000-4000-8000-00000000b001',
        Application: 'mailer',
      },
      'oauthapplication/0a1b2c3d-0000-4000-8000-00000000b001',
      { type: 'azure.entra.service-principal', appId: '0a1b2c3d-0000-4000-8000-00000000b001', name: 'mailer' },
    ],
    [
      'a file',
      { EntityType: 'File', SHA1: 'AB', FileName: 'a.exe' },
      'file/ab',
      { type: 'other', kind: 'file', name: 'a.exe' },
    ],
    [
      'a mail',
      { EntityType: 'MailMessage', NetworkMessageId: 'n1' },
      'mailmessage/n1',
      { type: 'other', kind: 'mailmessage' },
    ],
    [
      'a cloud application',
      { EntityType: 'CloudApplication', ApplicationId: 11161, Application: 'Office 365' },
      'cloudapplication/11161',
      { name: 'Office 365' },
    ],
    ['an unknown thing', { EntityType: 'constructor' }, 'constructor/unnamed', { type: 'other', kind: 'constructor' }],
    [
      'a local user',
      { EntityType: 'User', AccountSid: 'S-1-5-1', AccountObjectId: 'S-1-5-2', AccountName: 'root' },
      'user/s-1-5-2',
      { type: 'other', kind: 'user', name: 'root' },
    ],
  ])('%s', (_, members, key, target) => {
    const finding = findingIn(evidence(members));
    expect(finding.id).toBe(`adc7a90b6f1e4d2b8f0a4c1d5e6f708192/${key}`);
    expect(finding.resources).toMatchObject([target]);
  });

  test('of a service that brings neither title nor severity, as records once did', () => {
    const finding = findingIn(withMembers(user, { 'properties.Title': undefined, 'properties.Severity': undefined }));
    expect(finding).toMatchObject({ title: 'An alert of Microsoft Defender XDR', severity: 'Unknown' });
  });

  test('of Purview, told by its service', () => {
    const finding = findingIn(withMembers(user, { 'properties.ServiceSource': 'Microsoft Data Loss Prevention' }));
    expect(finding.type).toBe('Microsoft Data Loss Prevention/Stolen session cookie was used');
  });

  test('of a detection test is a sample', () => {
    expect(findingIn(withMembers(user, { 'properties.Title': '[Test Alert] x' })).sample).toBe(true);
  });

  test('published again is a newer version', () => {
    expect(findingIn(withMembers(user, { time: '2026-11-20T10:00:00Z' }))).toMatchObject({
      id: findingIn(user).id,
      updatedAt: '2026-11-20T10:00:00.000Z',
    });
  });
});

describe('what is no evidence says why', () => {
  test('an alert of Defender for Cloud, which is one finding whichever way it comes', () => {
    expect(defenderXdr.read(withMembers(user, { 'properties.ServiceSource': 'Microsoft Defender for Cloud' }))).toEqual(
      {
        kind: 'ignored',
        reason: 'An alert of Defender for Cloud comes by itself through continuous export, with more said.',
      },
    );
  });

  test.each([
    ['AdvancedHunting-AlertInfo', 'comes in its AlertEvidence records'],
    ['AdvancedHunting-DeviceProcessEvents', 'is telemetry, not an alert'],
    ['AdvancedHunting-EmailEvents', 'is telemetry, not an alert'],
  ])('%s', (category, part) => {
    const { source, reading } = normalise({ ...user, category });
    expect(source).toBe('defender-xdr');
    expect(reading).toEqual({ kind: 'ignored', reason: expect.stringContaining(part) });
  });

  test.each<[Record<string, Json | undefined>, string]>([
    [{ 'properties.AlertId': '../../users' }, 'properties.AlertId: '],
    [{ 'properties.AlertId': undefined }, 'properties.AlertId: '],
    [{ 'properties.EntityType': null }, 'properties.EntityType: '],
    [{ tenantId: 'DefaultTenant' }, 'tenantId: not the id of a tenant.'],
    [{ time: 'noon', 'properties.Timestamp': undefined }, 'The record says no time.'],
    [{ properties: [] }, 'properties: '],
  ])('%j is malformed', (members, problem) => {
    expect(defenderXdr.read(withMembers(user, members))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining(problem),
    });
  });
});
