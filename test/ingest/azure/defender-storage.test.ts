import { describe, expect, test } from 'vitest';
import { defenderStorage } from '../../../shared/ingest/azure/defender-storage.ts';
import { unwrap } from '../../../shared/ingest/message.ts';
import { normalise } from '../../../shared/ingest/recognise.ts';
import type { Json, JsonObject } from '../../../shared/model/json.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const malicious = readEvent('defender-storage/malicious-blob');
const host = 'https://northwinduploads.blob.core.windows.net';
const accountId = `/subscriptions/0a1b2c3d-0000-4000-8000-000000000002/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/northwinduploads`;

/** The event for a blob as its URI and its subject write it. */
const named = (uri: string, subject: string | undefined): JsonObject =>
  withMembers(malicious, { 'data.blobUri': uri, subject });

const asCloudEvent = ({ eventType, eventTime, topic, id, subject, data }: JsonObject): JsonObject => ({
  specversion: '1.0',
  ...{ id: id ?? '', type: eventType ?? '', source: topic ?? '', time: eventTime ?? '', subject: subject ?? '' },
  data: data ?? {},
});

describe('a malware scan result becomes a finding', () => {
  test('with the blob as its target', () => {
    expect(findingIn(malicious)).toMatchObject({
      id: '7a2b3c4d-1111-4222-8333-0000000000a1',
      provider: 'defender-storage',
      cloud: 'azure',
      type: 'Microsoft.Security.MalwareScanningResult/Malicious',
      severity: 'High',
      account: subscription,
      updatedAt: '2026-11-20T09:00:00.991Z',
      resources: [
        {
          type: 'azure.storage.blob',
          role: 'affected',
          url: `${host}/incoming/2026/11/Invoice%204711.docm`,
          storageAccount: 'northwinduploads',
          container: 'incoming',
          blob: '2026/11/Invoice 4711.docm',
          eTag: '0x8DE2A1B2C3D4E5F',
          sha256: '9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08',
        },
      ],
      link: { subscriptionFrom: 'topic' },
    });
  });

  test('the same one as a CloudEvent', () => {
    expect(findingIn(asCloudEvent(malicious))).toEqual(findingIn(malicious));
  });

  test('in the subscription of the storage account, where its id is known', () => {
    const finding = findingIn(withMembers(asCloudEvent(malicious), { source: accountId }));
    expect(finding.account).toBe('0a1b2c3d-0000-4000-8000-000000000002');
    expect(finding.link['subscriptionFrom']).toBe('storage-account');
    expect(finding.resources[1]).toMatchObject({
      type: 'azure.storage.account',
      role: 'related',
      id: accountId,
      resourceGroup: 'rg-data',
    });
  });

  test.each([
    ['a b.txt', 'a b.txt', 'a b.txt', 'a%20b.txt'],
    ['a%20b.txt', 'a b.txt', 'a b.txt', 'a%20b.txt'],
    ['a%20b.txt', 'a%20b.txt', 'a%20b.txt', 'a%2520b.txt'],
    ['a%20b.txt', undefined, 'a b.txt', 'a%20b.txt'],
    ['100%.txt', undefined, '100%.txt', '100%25.txt'],
    ['what?.txt', 'what?.txt', 'what?.txt', 'what%3F.txt'],
  ])('%s in the URI and %s in the subject is the blob %s', (uri, subject, blob, path) => {
    const whole = subject === undefined ? undefined : `storageAccounts/northwinduploads/containers/c/blobs/${subject}`;
    expect(findingIn(named(`${host}/c/${uri}`, whole)).resources[0]).toMatchObject({ blob, url: `${host}/c/${path}` });
  });
});

describe('what names no blob is refused', () => {
  const ours = 'storageAccounts/northwinduploads/containers/c/blobs/a';

  test.each([
    ['another blob in the subject', `${host}/c/b`, ours],
    ['another container in the subject', `${host}/d/a`, ours],
    ['another account in the subject', 'https://other.blob.core.windows.net/c/a', ours],
    ['another host', 'https://northwinduploads.blob.core.windows.net.evil.example/c/a', ours],
    ['a user in the URI', 'https://x@northwinduploads.blob.core.windows.net/c/a', ours],
    ['plain HTTP', 'http://northwinduploads.blob.core.windows.net/c/a', ours],
    ['a signature', `${host}/c/a?sig=x`, undefined],
    ['a way out of the container', `${host}/c/../d/a`, undefined],
    ['a dot for a name', `${host}/c/./a`, undefined],
    ['an encoded way out', `${host}/c/%2e%2e/a`, undefined],
    ['half a character', `${host}/c/\uD800`, undefined],
  ])('%s', (_, uri, subject) => {
    expect(defenderStorage.read(named(uri, subject))).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining('do not name one blob'),
    });
  });

  test('a topic that stands in no subscription', () => {
    for (const topic of [undefined, 'topic', '/subscriptions/<subscription_id>/resourceGroups/x'])
      expect(defenderStorage.read(withMembers(malicious, { topic }))).toMatchObject({
        kind: 'malformed',
        problem: expect.stringContaining('The subscription cannot be told'),
      });
  });
});

describe('only Malicious makes a finding', () => {
  test.each(['No threats found', 'Not Scanned', 'Error'])('%s is left alone', (scanResultType) => {
    expect(defenderStorage.read(withMembers(malicious, { 'data.scanResultType': scanResultType }))).toEqual({
      kind: 'ignored',
      reason: `The scan ended with "${scanResultType}", not Malicious.`,
    });
  });

  test('with the reason why a blob was not scanned', () => {
    const notScanned = {
      'data.scanResultType': 'Not Scanned',
      'data.scanResultDetails': { notScannedReason: 'SAM259211' },
    };
    expect(defenderStorage.read(withMembers(malicious, notScanned))).toEqual({
      kind: 'ignored',
      reason: 'The scan ended with "Not Scanned" ("SAM259211"), not Malicious.',
    });
  });

  test.each([
    ['in Event Grid schema', malicious],
    ['as CloudEvents', asCloudEvent(malicious)],
  ])('each message of a batch %s is judged by itself', (_, event) => {
    const clean = withMembers(event, { 'data.scanResultType': 'No threats found' });
    const kinds = unwrap([clean, event, clean]).map((one) => normalise(one).reading.kind);
    expect(kinds).toEqual(['ignored', 'findings', 'ignored']);
  });

  test('a clean blob is left alone', () => {
    expect(defenderStorage.read(readEvent('defender-storage/clean-blob')).kind).toBe('ignored');
  });

  test('no verdict is malformed', () => {
    const none: Json = withMembers(malicious, { data: {} });
    expect(defenderStorage.read(none)).toMatchObject({
      kind: 'malformed',
      problem: 'data.scanResultType: not a text.',
    });
  });
});
