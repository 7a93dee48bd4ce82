import { describe, expect, test } from 'vitest';
import { policyState } from '../../../shared/ingest/azure/policy-state.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const resource = `/subscriptions/${subscription}/resourcegroups/rg-data/providers/microsoft.storage/storageaccounts/northwindexports`;
const event = readEvent('azure-policy/not-compliant');
const withState = (complianceState: string, type = 'Changed') =>
  withMembers(event, {
    'data.complianceState': complianceState,
    eventType: `Microsoft.PolicyInsights.PolicyState${type}`,
  });

describe('a compliance state becomes a finding', () => {
  test('of one resource, one assignment and one definition', () => {
    expect(findingIn(event)).toMatchObject({
      id: `/subscriptions/${subscription}/providers/microsoft.authorization/policyassignments/no-public-blobs|/providers/microsoft.authorization/policydefinitions/4fa4b6c0-31ca-4c0d-b10d-24b96f62a751||${resource}`,
      provider: 'azure-policy',
      type: '4fa4b6c0-31ca-4c0d-b10d-24b96f62a751',
      status: 'new',
      severity: 'Unknown',
      account: subscription,
      updatedAt: '2026-11-20T09:00:00.449Z',
      resources: [{ type: 'azure.storage.account', id: resource, role: 'affected' }],
    });
  });

  test('the same as a CloudEvent, however its ids are spelt', () => {
    const { topic: source, eventType, eventTime: time, dataVersion: _, metadataVersion: __, ...rest } = event;
    const cloudEvent = { specversion: '1.0', type: `${eventType} `, source: source ?? '', time: time ?? '', ...rest };
    expect(findingIn(cloudEvent)).toEqual(findingIn(event));
    expect(findingIn(withMembers(event, { subject: resource.toUpperCase() })).id).toBe(findingIn(event).id);
  });

  test('another one for another use of the definition in an initiative', () => {
    const other = withMembers(event, { 'data.policyDefinitionReferenceId': 'storage-2' });
    expect(findingIn(other).id).not.toBe(findingIn(event).id);
  });

  test.each([
    ['NonCompliant', 'Created', 'new'],
    ['Compliant', 'Changed', 'resolved'],
    ['Exempt', 'Changed', 'resolved'],
    ['NonCompliant', 'Deleted', 'resolved'],
  ])('%s, %s: %s', (state, type, status) => {
    expect(findingIn(withState(state, type))).toMatchObject({ status, id: findingIn(event).id });
  });

  test.each(['Conflict', 'Unknown', ''])('%j says neither yes nor no', (state) => {
    expect(policyState.read(withState(state)).kind).toBe('ignored');
  });
});

test.each([
  ['no resource', { subject: 'northwindexports' }],
  ['no subscription', { subject: '/subscriptions/x/resourceGroups/y' }],
  ['no assignment', { 'data.policyAssignmentId': 7 }],
  ['no time', { 'data.timestamp': undefined, eventTime: 'today' }],
])('an event that names %s is refused', (_, members) => {
  expect(policyState.read(withMembers(event, members)).kind).toBe('malformed');
});

describe("Event Grid's own messages", () => {
  const deleted = readEvent('event-grid/subscription-deleted');

  test('a subscription that was deleted is kept, and says so', () => {
    expect(normalise(deleted)).toMatchObject({
      source: 'event-grid',
      reading: {
        kind: 'malformed',
        problem: 'The event subscription "cordon" was deleted: what came by it no longer comes.',
      },
    });
  });

  test.each([
    ['Microsoft.EventGrid.SubscriptionValidationEvent', /^A handshake/],
    ['Microsoft.KeyVault.SecretNewVersionCreated', /"Microsoft.KeyVault.SecretNewVersionCreated"/],
    ['Microsoft.Storage.BlobCreated', /"Microsoft.Storage.BlobCreated"/],
  ])('%s is left alone', (type, reason) => {
    const { eventType: _, ...rest } = deleted;
    for (const one of [withMembers(deleted, { eventType: type }), { ...rest, specversion: '1.0', type }])
      expect(normalise(one)).toEqual({
        source: 'event-grid',
        reading: { kind: 'ignored', reason: expect.stringMatching(reason) },
      });
  });

  test('what is not of Azure is nobody that we know', () => {
    expect(normalise(withMembers(deleted, { eventType: 'Contoso.Thing' })).source).toBeNull();
  });
});
