import { describe, expect, test } from 'vitest';
import { sentinel } from '../../../shared/ingest/azure/sentinel.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Json } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const tenant = '0a1b2c3d-0000-4000-8000-0000000000ff';
const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const development = '0a1b2c3d-0000-4000-8000-000000000002';
const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const workspace = `/subscriptions/${subscription}/resourceGroups/rg-siem/providers/Microsoft.OperationalInsights/workspaces/law-northwind`;
const ofUser = readEvent('sentinel/user-incident');
const ofMachine = readEvent('sentinel/machine-incident');
const at = (name: string): string => `object.properties.${name}`;

const findingsIn = (event: Json): readonly Finding[] => {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
};

describe('an incident becomes a finding', () => {
  test('about the user that it names, in the subscription of the workspace', () => {
    expect(findingIn(ofUser)).toMatchObject({
      id: `${workspace}/providers/Microsoft.SecurityInsights/incidents/0a1b2c3d-0000-4000-8000-00000000f102`.toLowerCase(),
      provider: 'sentinel',
      type: "Azure Sentinel/Impossible travel to an administrator's portal",
      title: "Impossible travel to an administrator's portal",
      severity: 'High',
      status: 'new',
      account: subscription,
      createdAt: '2026-11-20T09:01:05.330Z',
      updatedAt: '2026-11-20T09:01:05.330Z',
      lastSeenAt: '2026-11-20T08:56:00.000Z',
      actor: { type: 'entra-user', userId: jonas, addresses: ['203.0.113.77'] },
      link: { incidentNumber: '4711', incidentId: expect.stringContaining('/Incidents/0A1B2C3D') },
    });
    const target = { type: 'azure.entra.user', id: jonas, account: tenant, userId: jonas };
    expect(findingIn(ofUser).resources).toContainEqual(expect.objectContaining(target));
  });

  test('for each subscription whose resources it names, so that no target is in another', () => {
    const [first, second, ...more] = findingsIn(ofMachine);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ account: subscription, status: 'updated', updatedAt: '2026-11-20T09:21:05.330Z' });
    expect(second).toMatchObject({ account: development, id: first?.id });
    const placed = (finding: Finding | undefined) =>
      finding?.resources.filter(({ type }) => type.startsWith('azure.')).map(({ type, account }) => [type, account]);
    const user = ['azure.entra.user', tenant];
    expect(placed(first)).toEqual([['azure.compute.virtual-machine', subscription], user]);
    expect(placed(second)).toEqual([['azure.network.security-group', development], user]);
  });

  test('with hosts outside Azure and cloud applications shown', () => {
    const shown = findingsIn(ofMachine)[0]?.resources.filter(({ type }) => type === 'other');
    expect(shown).toMatchObject([
      { id: 'print-server', kind: 'host', role: 'related' },
      { id: 'Office 365', kind: 'cloud-application', role: 'related' },
    ]);
  });

  test('that notes the alerts of Defender for Cloud, which come by themselves', () => {
    expect(findingsIn(ofMachine)[0]?.link['defenderAlerts']).toBe(
      '2516471987999999999_5d6e7f80-91a2-4b3c-8d4e-5f60718293a4',
    );
    expect(findingIn(ofUser).link).not.toHaveProperty('defenderAlerts');
  });

  test('of the kind of its alerts, where they are all of one', () => {
    expect(findingsIn(ofMachine)[0]?.type).toBe('Incident/Beacon to a known command and control server');
    const alerts = [{ properties: { productName: 'Azure Security Center', alertType: 'VM_X' } }];
    const one = withMembers(ofMachine, { [at('alerts')]: [...alerts, ...alerts] });
    expect(findingsIn(one)[0]?.type).toBe('Azure Security Center/VM_X');
    expect(findingsIn(withMembers(ofMachine, { [at('alerts')]: null }))[0]?.type).toMatch(/^Incident\//);
  });

  test.each([
    ['New', undefined, 'new'],
    ['Active', undefined, 'updated'],
    ['Closed', 'TruePositive', 'resolved'],
    ['Closed', 'Undetermined', 'resolved'],
    ['closed', 'BenignPositive', 'dismissed'],
    ['Closed', 'FalsePositive', 'dismissed'],
    ['Closed', null, 'resolved'],
  ])('of status %s, classified %s, as %s', (status, classification, becomes) => {
    const event = withMembers(ofUser, { [at('status')]: status, [at('classification')]: classification ?? null });
    expect(findingIn(event).status).toBe(becomes);
  });

  test('a user whose tenant nobody names is shown and cannot be acted on', () => {
    const event = withMembers(ofUser, { [at('relatedEntities.0.properties.aadTenantId')]: undefined });
    expect(findingIn(event).resources.map(({ type }) => type)).not.toContain('azure.entra.user');
  });

  test('a user that a rule has mapped without a tenant belongs to the only one that is named', () => {
    const other = { kind: 'Account', properties: { accountName: 'maria.lind', upnSuffix: 'northwind.example' } };
    const related = (ofUser['object'] as { properties: { relatedEntities: Json[] } }).properties.relatedEntities; // as the fixture has it
    const { resources } = findingIn(withMembers(ofUser, { [at('relatedEntities')]: [...related, other] }));
    expect(resources).toContainEqual(
      expect.objectContaining({ type: 'azure.entra.user', id: 'maria.lind@northwind.example', account: tenant }),
    );
  });

  test('a resource of another cloud is shown, in the subscription of the workspace', () => {
    const resourceId = 'arn:aws:s3:::northwind-exports';
    const event = withMembers(ofUser, {
      [at('relatedEntities.1')]: { kind: 'AzureResource', properties: { resourceId } },
    });
    expect(findingIn(event).resources).toContainEqual(
      expect.objectContaining({ type: 'other', id: resourceId, account: subscription }),
    );
  });

  test('an incident that names nothing is shown', () => {
    const event = withMembers(ofUser, { [at('relatedEntities')]: [] });
    expect(findingIn(event).resources).toMatchObject([{ type: 'other', role: 'affected', account: subscription }]);
  });
});

describe('what is no incident says why', () => {
  test.each(['Alert', 'Entity'])('the trigger of an %s', (objectSchemaType) => {
    const { source, reading } = normalise({ ...ofUser, objectSchemaType });
    expect(source).toBe('sentinel');
    expect(reading).toEqual({ kind: 'ignored', reason: expect.stringContaining('run the playbook on the incident') });
  });

  const resourceGroup = 'object.id';
  test.each<[Record<string, Json | undefined>, string]>([
    [{ [resourceGroup]: `${workspace}/providers/Microsoft.SecurityInsights/incidents/..` }, 'object.id: '],
    [{ [resourceGroup]: `${workspace}/../x/providers/Microsoft.SecurityInsights/incidents/1` }, 'object.id: '],
    [{ [resourceGroup]: `${workspace}/providers/Microsoft.SecurityInsights/incidents/1?x` }, 'object.id: '],
    [{ [resourceGroup]: '/subscriptions/x' }, 'object.id: '],
    [{ [at('title')]: null }, 'object.properties.title: '],
    [{ [at('incidentNumber')]: '4711' }, 'object.properties.incidentNumber: '],
    [{ [at('status')]: 'Sleeping' }, 'status: "Sleeping" is not known.'],
    [{ [at('lastModifiedTimeUtc')]: undefined, [at('createdTimeUtc')]: undefined }, 'lastModifiedTimeUtc: missing.'],
    [{ [at('relatedEntities')]: [7] }, 'relatedEntities.0: '],
    [{ object: null }, 'object: '],
  ])('%j is malformed', (members, problem) => {
    expect(sentinel.read(withMembers(ofUser, members))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining(problem),
    });
  });
});
