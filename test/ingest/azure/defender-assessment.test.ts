import { describe, expect, test } from 'vitest';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const key = '51fd8bb1-0db4-bbf1-7e2b-cfcba7eb66a6';
const account = `/subscriptions/${subscription}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/northwindexports`;
const exported = readEvent('defender-assessment/public-storage-account');
const { properties } = exported;

const upper = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(upper);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toUpperCase(), upper(member)]));
};

const upperMembers = (event: JsonObject): JsonObject => upper(event) as JsonObject; // an object stays one

describe('a recommendation becomes a finding', () => {
  test('about the resource that was assessed', () => {
    expect(findingIn(exported)).toEqual({
      id: `${account}/providers/microsoft.security/assessments/${key}`.toLowerCase(),
      provider: 'defender-assessment',
      cloud: 'azure',
      type: key,
      title: 'Storage account public access should be disallowed',
      description:
        'Anonymous read access to containers and blobs is convenient for sharing data and a risk to all of it.',
      severity: 'Medium',
      severityOriginal: 'Medium',
      status: 'new',
      account: subscription,
      region: '',
      createdAt: '2026-06-02T04:10:22.118Z',
      updatedAt: '2026-11-20T08:50:10.447Z',
      count: 1,
      sample: false,
      snapshot: false,
      resources: [
        {
          type: 'azure.storage.account',
          id: account,
          name: 'northwindexports',
          account: subscription,
          region: '',
          role: 'affected',
          resourceGroup: 'rg-data',
        },
      ],
      link: { assessmentId: exported['id'] },
    });
  });

  test.each<[string, JsonObject]>([
    ['from workflow automation, which adds nothing', { id: '', name: '', type: '', properties: {} }],
    [
      'as the data of a CloudEvent of the relay',
      { specversion: '1.0', type: 'cordon.defender.assessment.v1', data: '' },
    ],
    [
      'as the data of a CloudEvent of its own type',
      { specversion: '1.0', type: 'Microsoft.Security/assessments', data: '' },
    ],
  ])('the same one %s', (_, form) => {
    const whole: JsonObject = Object.fromEntries(Object.keys(form).map((name) => [name, exported[name] ?? '']));
    const event: JsonObject = 'data' in form ? { ...form, data: exported } : whole;
    expect(findingIn(event)).toEqual(findingIn(exported));
  });

  test('with its names in any case', () => {
    const loud = { ...upperMembers(exported), TYPE: 'MICROSOFT.SECURITY/ASSESSMENTS' };
    expect(findingIn(loud)).toEqual(findingIn(exported));
    const id = String(exported['id']).toUpperCase();
    expect(findingIn(withMembers(exported, { id, name: key.toUpperCase() }))).toMatchObject({
      id: findingIn(exported).id,
      type: key,
      account: subscription,
    });
  });

  test.each([
    ['Unhealthy', undefined, 'new'],
    ['unhealthy', 'Insert', 'new'],
    ['Healthy', undefined, 'resolved'],
    ['NotApplicable', undefined, 'resolved'],
    ['Unhealthy', 'Delete', 'resolved'],
  ])('of code %s, exported as %s, as %s', (code, action, status) => {
    for (const member of ['assessmentEventDataEnrichment', 'securityEventDataEnrichment'])
      expect(
        findingIn(withMembers(exported, { 'properties.status.code': code, [member]: { action: action ?? null } }))
          .status,
      ).toBe(status);
  });

  test.each(['assessmentEventDataEnrichment', 'securityEventDataEnrichment'])('a snapshot by its %s', (member) => {
    expect(findingIn(withMembers(exported, { [member]: { IsSnapshot: 'True' } })).snapshot).toBe(true);
  });

  test('of a database as one of its server, and of a whole subscription', () => {
    const server = `/subscriptions/${subscription}/resourceGroups/rg-data/providers/Microsoft.Sql/servers/sql-1`;
    const of = (resource: string) =>
      findingIn(
        withMembers(exported, {
          id: `${resource}/providers/Microsoft.Security/assessments/${key}`,
          'properties.resourceDetails': undefined,
        }),
      ).resources;
    expect(of(`${server}/databases/shop`)).toMatchObject([
      { type: 'azure.sql.server', id: server, role: 'affected' },
      { type: 'other', id: `${server}/databases/shop`, role: 'related' },
    ]);
    expect(of(`/subscriptions/${subscription}`)).toMatchObject([{ type: 'azure.subscription', role: 'affected' }]);
  });

  test('without metadata, of a severity that nobody knows', () => {
    const bare = withMembers(exported, { 'properties.metadata': null, 'properties.displayName': null });
    expect(findingIn(bare)).toMatchObject({ severity: 'Unknown', severityOriginal: '', title: key, description: key });
  });
});

describe('what is exported beside it says why it is left alone', () => {
  test.each<[string, Json]>([
    ['A sub-assessment', readEvent('defender-assessment/sub-assessment')],
    ['A sub-assessment', { type: 'Microsoft.Security/assessments/subAssessments', id: 'x', properties: {} }],
    [
      'A result of regulatory compliance',
      {
        type: 'Microsoft.Security/regulatoryComplianceStandards/regulatoryComplianceControls/regulatoryComplianceAssessments',
      },
    ],
    ['A secure score', { type: 'Microsoft.Security/secureScores', properties: { score: {} } }],
    ['A secure score', { type: 'Microsoft.Security/secureScores/secureScoreControls' }],
    ['The recommendation is about', withMembers(exported, { 'properties.resourceDetails.source': 'Aws' })],
  ])('%s', (start, event) => {
    const { source, reading } = normalise(event);
    expect(source).toBe('defender-assessment');
    expect(reading).toMatchObject({ kind: 'ignored', reason: expect.stringContaining(start) });
  });

  test.each<[Record<string, Json | undefined>, string]>([
    [{ id: 'x' }, 'is not that of an assessment'],
    [{ id: `/subscriptions/<id>/providers/Microsoft.Security/assessments/${key}` }, 'is not that of an assessment'],
    [{ id: `${account}/providers/Microsoft.Security/assessments/other` }, 'is not that of an assessment'],
    [{ name: '../x' }, 'name: the key of an assessment.'],
    [{ 'properties.resourceDetails.id': `${account}2` }, 'name different resources'],
    [{ 'properties.status.code': 'Sleeping' }, '"Sleeping" is not known.'],
    [{ 'properties.status': null }, 'properties.status'],
    [{ 'properties.status': { code: 'Unhealthy' } }, 'statusChangeDate: missing.'],
    [{ 'properties.status.statusChangeDate': 'noon' }, 'a time looks like'],
    [{ properties: [properties ?? null] }, 'properties'],
  ])('%j is malformed', (members, problem) => {
    expect(normalise(withMembers(exported, members)).reading).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining(problem),
    });
  });
});
