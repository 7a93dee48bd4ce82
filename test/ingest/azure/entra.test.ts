import { describe, expect, test } from 'vitest';
import { entra } from '../../../shared/ingest/azure/entra.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const maria = '0a1b2c3d-0000-4000-8000-00000000e002';
const risky = readEvent('entra/risky-user');
const detection = readEvent('entra/risk-detection');
const ofApplication = readEvent('entra/service-principal-risk');
const audit = readEvent('entra/role-added');
const signIn = readEvent('entra/risky-sign-in');

const reasonOf = (event: Json): string => {
  const { source, reading } = normalise(event);
  expect(source).toBe('entra');
  return reading.kind === 'ignored' ? reading.reason : JSON.stringify(reading);
};
const problemOf = (event: Json): string => {
  const reading = entra.read(event);
  return reading.kind === 'malformed' ? reading.problem : JSON.stringify(reading);
};

describe('a user at risk', () => {
  test('is the target, in the tenant, under the id that Graph keeps it by', () => {
    expect(findingIn(risky)).toEqual({
      id: `riskyusers/${jonas}`,
      provider: 'entra',
      cloud: 'azure',
      type: 'riskyUser',
      title: 'jonas.berg@northwind.example: riskyUser',
      description: 'Risk level high, state atRisk, detail none.',
      severity: 'High',
      severityOriginal: 'high',
      status: 'new',
      account: tenant,
      region: '',
      createdAt: '2026-11-20T09:04:11.702Z',
      updatedAt: '2026-11-20T09:04:11.702Z',
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
      link: { collection: 'riskyUsers', recordId: jonas, riskState: 'atRisk' },
    });
  });

  test.each([
    ['atRisk', 'new', 'High'],
    ['confirmedCompromised', 'new', 'Critical'],
    ['remediated', 'resolved', 'High'],
    ['none', 'resolved', 'High'],
    ['dismissed', 'dismissed', 'High'],
    ['CONFIRMEDSAFE', 'dismissed', 'High'],
  ])('in the state %s is %s and %s', (riskState, status, severity) => {
    expect(findingIn(withMembers(risky, { 'properties.riskState': riskState }))).toMatchObject({ status, severity });
  });

  test.each([
    ['low', 'Low'],
    ['hidden', 'Unknown'],
    ['none', 'Unknown'],
  ])('of level %s is %s', (riskLevel, severity) => {
    expect(findingIn(withMembers(risky, { 'properties.riskLevel': riskLevel })).severity).toBe(severity);
  });

  test('who was deleted is not acted on', () => {
    expect(findingIn(withMembers(risky, { 'properties.isDeleted': true })).status).toBe('archived');
  });

  test('belongs to the tenant of the log where the record names none', () => {
    expect(findingIn(withMembers(risky, { tenantId: undefined })).account).toBe(tenant);
  });
});

describe('one observation', () => {
  test('is of the type that Entra calls it, with its user and the address it came from', () => {
    expect(findingIn(detection)).toMatchObject({
      id: 'riskdetections/a3f515c85e608499eed7b9ae5aab006a53c56bebe75d2ed800f5d8ad632f93d7',
      type: 'anomalousToken',
      createdAt: '2026-11-20T08:52:37.729Z',
      updatedAt: '2026-11-20T09:02:41.004Z',
      resources: [
        { type: 'azure.entra.user', id: jonas, role: 'affected' },
        { type: 'network.address', address: '203.0.113.77', role: 'related' },
      ],
    });
  });

  test('of an application names its service principal', () => {
    expect(findingIn(ofApplication)).toMatchObject({
      type: 'leakedCredentials',
      account: tenant,
      resources: [
        {
          type: 'azure.entra.service-principal',
          role: 'affected',
          name: 'invoice-reader',
          servicePrincipalId: '0a1b2c3d-0000-4000-8000-00000000a001',
          appId: '0a1b2c3d-0000-4000-8000-00000000b001',
        },
      ],
    });
  });

  test('the application itself is known by its own id', () => {
    const { servicePrincipalId, appId } = ofApplication['properties'] as Record<string, Json>; // as the fixture has it
    const properties = { id: servicePrincipalId ?? '', appId: appId ?? '', riskState: 'atRisk', riskLevel: 'high' };
    const event = { ...ofApplication, time: '2026-11-20T09:00:00Z', category: 'RiskyServicePrincipals', properties };
    expect(findingIn(event)).toMatchObject({
      id: `riskyserviceprincipals/${servicePrincipalId}`,
      type: 'riskyServicePrincipal',
      updatedAt: '2026-11-20T09:00:00.000Z',
      resources: [{ type: 'azure.entra.service-principal', id: servicePrincipalId }],
    });
  });

  test('a sign-in that carries a risk is one, with how it ended', () => {
    expect(findingIn(signIn)).toMatchObject({
      id: 'signins/0a1b2c3d-0000-4000-8000-0000000f0001',
      type: 'riskySignIn',
      severity: 'Medium',
      call: { operation: 'Sign-in', succeeded: true },
      resources: [{ id: jonas }, { address: '203.0.113.77' }],
    });
    const refused = findingIn(withMembers(signIn, { 'properties.status.errorCode': 50126 }));
    expect(refused.call).toMatchObject({ succeeded: false, errorCode: '50126' });
  });
});

describe('a change of the directory', () => {
  test('names whom it is about, the role by its template, and who made it', () => {
    expect(findingIn(audit)).toMatchObject({
      id: 'directoryaudits/directory_0a1b2c3d-0000-4000-8000-0000000f0003_6tklo_93412204',
      type: 'Add member to role',
      severity: 'Unknown',
      status: 'new',
      account: tenant,
      updatedAt: '2026-11-20T09:15:20.447Z',
      actor: { type: 'entra-user', userId: jonas, addresses: ['203.0.113.77'] },
      call: { operation: 'Add member to role', succeeded: true },
      resources: [
        { type: 'azure.entra.user', id: maria, role: 'affected' },
        { type: 'other', kind: 'directory-role', id: '62e90394-69f5-4237-9190-012177145e10', role: 'related' },
        { type: 'azure.entra.user', id: jonas, role: 'actor' },
      ],
      link: { recordId: 'Directory_0a1b2c3d-0000-4000-8000-0000000f0003_6TKLO_93412204' },
    });
  });

  test('made by an application names that', () => {
    const app = { appId: null, displayName: 'MS-PIM', servicePrincipalId: '0a1b2c3d-0000-4000-8000-00000000a002' };
    const finding = findingIn(withMembers(audit, { 'properties.initiatedBy': { app } }));
    expect(finding.actor).toEqual({
      type: 'service-principal',
      account: tenant,
      principalId: '0a1b2c3d-0000-4000-8000-00000000a002',
      addresses: [],
    });
    expect(finding.resources.at(-1)).toMatchObject({ type: 'azure.entra.service-principal', role: 'actor' });
  });

  test('that somebody makes to the own account has that user in both roles', () => {
    const finding = findingIn(withMembers(audit, { 'properties.targetResources.0.id': jonas }));
    expect(finding.resources.filter(({ id }) => id === jonas).map(({ role }) => role)).toEqual(['affected', 'actor']);
  });

  test.each([
    [
      'Update application – Certificates and secrets management ',
      'Update application - Certificates and secrets management',
    ],
    ['Consent to application.', 'Consent to application'],
  ])('%j is %j however it is written', (activity, type) => {
    expect(findingIn(withMembers(audit, { 'properties.activityDisplayName': activity })).type).toBe(type);
  });

  test('of a domain is about the domain', () => {
    const finding = findingIn(
      withMembers(audit, {
        'properties.activityDisplayName': 'Set federation settings on domain',
        'properties.targetResources': [{ id: null, displayName: 'evil.example', type: 'Domain' }],
      }),
    );
    expect(finding.resources[0]).toMatchObject({ type: 'other', kind: 'domain', id: 'evil.example', role: 'affected' });
  });
});

describe('what is no finding says why', () => {
  test.each<[Json, string]>([
    [withMembers(audit, { 'properties.result': 'failure' }), 'ended with "failure"'],
    [withMembers(audit, { 'properties.activityDisplayName': 'Update device' }), 'gives nobody access'],
    [
      withMembers(audit, { resourceId: `/tenants/${tenant}/providers/Microsoft.Intune` }),
      'is not a log of Microsoft Entra',
    ],
    [withMembers(signIn, { 'properties.riskState': 'none' }), 'A sign-in without a risk.'],
    [withMembers(signIn, { properties: {} }), 'A sign-in without a risk.'],
    [withMembers(signIn, { category: 'ServicePrincipalSignInLogs' }), 'comes by itself'],
    [withMembers(signIn, { category: 'ManagedIdentitySignInLogs' }), 'carries no risk'],
    [withMembers(signIn, { category: 'MicrosoftGraphActivityLogs' }), 'comes as AuditLogs'],
    [
      { specversion: '1.0', type: 'Microsoft.Graph.UserUpdated', source: '/tenants/x', id: '1', data: {} },
      'Microsoft Graph names who was changed and not how',
    ],
    [{ specversion: '1.0', type: 'microsoft.graph.groupdeleted', data: null }, 'AuditLogs tell it.'],
  ])('%#', (event, part) => {
    expect(reasonOf(event)).toContain(part);
  });

  test.each<[Record<string, Json | undefined>, string]>([
    [{ 'properties.riskState': 'sleeping' }, 'properties.riskState: "sleeping" is not known.'],
    [{ 'properties.riskState': 7 }, 'properties.riskState: '],
    [{ 'properties.id': '../users/x' }, 'properties.id: '],
    [{ 'properties.id': 'x', 'properties.userPrincipalName': undefined }, 'nobody is named who is at risk'],
    [{ 'properties.riskLastUpdatedDateTime': undefined }, 'The record says no time.'],
    [{ tenantId: 'x', resourceId: undefined }, 'tenantId: not the id of a tenant.'],
    [{ tenantId: '00000000-0000-0000-0000-000000000000', resourceId: undefined }, 'tenantId: not the id of a tenant.'],
    [{ properties: '{}' }, 'properties: '],
  ])('%j is malformed', (members, problem) => {
    expect(problemOf(withMembers(risky, members))).toContain(problem);
  });

  test('an audit record whose id would lead elsewhere is malformed', () => {
    expect(problemOf(withMembers(audit, { 'properties.id': 'a/b' }))).toContain('properties.id: ');
  });
});

describe('a secret that was added', () => {
  const application = '0a1b2c3d-0000-4000-8000-00000000b002';
  const key = (end: string): string =>
    `[KeyIdentifier=0a1b2c3d-0000-4000-8000-0000000f00${end},KeyType=Password,KeyUsage=Verify,DisplayName=x]`;
  const changed = (type: string, oldValue: readonly string[], newValue: readonly string[]) =>
    withMembers(audit, {
      'properties.activityDisplayName': 'Update application – Certificates and secrets management ',
      'properties.additionalDetails': [{ key: 'AppId', value: application }],
      'properties.targetResources': [
        {
          id: '0a1b2c3d-0000-4000-8000-00000000c002',
          displayName: 'deploy-pipeline',
          type,
          modifiedProperties: [
            { displayName: 'KeyDescription', oldValue: JSON.stringify(oldValue), newValue: JSON.stringify(newValue) },
          ],
        },
      ],
    });
  const [affected] = [findingIn(changed('Application', [key('b1')], [key('b1'), key('b2')]))].flatMap(
    ({ resources }) => resources,
  );

  test('is named, and its application with the one that signs in', () => {
    expect(affected).toMatchObject({
      type: 'azure.entra.service-principal',
      id: application,
      appId: application,
      applicationId: '0a1b2c3d-0000-4000-8000-00000000c002',
      addedKeys: ['0a1b2c3d-0000-4000-8000-0000000f00b2'],
    });
  });

  test('is none where one was taken away, and a service principal is named by itself', () => {
    const { resources } = findingIn(changed('ServicePrincipal', [key('b1')], []));
    expect(resources[0]).toMatchObject({ servicePrincipalId: '0a1b2c3d-0000-4000-8000-00000000c002', addedKeys: [] });
    expect(resources[0]).not.toHaveProperty('applicationId');
  });

  test('leaves an application to people whose client id is not said', () => {
    const event = withMembers(changed('Application', [], [key('b1')]), { 'properties.additionalDetails': [] });
    expect(findingIn(event).resources[0]).toMatchObject({ type: 'other', kind: 'application' });
  });
});
