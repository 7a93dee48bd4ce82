import { describe, expect, test, vi } from 'vitest';
import { envelopeOf, parseEvent, unwrap } from '../../shared/ingest/message.ts';
import { normalise, recognise } from '../../shared/ingest/recognise.ts';
import { sources } from '../../shared/ingest/sources.ts';
import type { Json } from '../../shared/model/json.ts';
import { eventNames, readEvent } from '../support/events.ts';

const leaked = readEvent('guardduty/leaked-access-key');

describe('the source of a message', () => {
  test.each(eventNames)('%s belongs to exactly one source, the one it is filed under', (name) => {
    const [event = null] = unwrap(readEvent(name));
    expect(recognise(event)?.id).toBe(name.split('/')[0]);
  });

  test('no two sources read the same envelope', () => {
    const names = sources.flatMap(({ envelopes }) => envelopes);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test.each(['custom.guardduty', 'aws.guardduty ', 'AWS.guardduty', 'aws.guardduty\u200b', 'Aws.GuardDuty'])(
    '%j is not GuardDuty',
    (source) => {
      const event = { ...leaked, source };
      expect(recognise(event)).toBeUndefined();
      expect(normalise(event)).toEqual({
        source: null,
        reading: {
          kind: 'ignored',
          reason: `No source reads EventBridge events of source ${JSON.stringify(source)}, detail-type "GuardDuty Finding". GuardDuty sends as aws.guardduty and no other.`,
        },
      });
    },
  );

  test.each([
    [{ source: 'aws.ec2', 'detail-type': 'X', detail: {} }, 'ignored', 'source "aws.ec2", detail-type "X"'],
    [{ eventType: 'Contoso.Storage.BlobCreated' }, 'ignored', 'eventType "Contoso.Storage.BlobCreated"'],
    [{ specversion: '1.0', type: 'a.b' }, 'ignored', 'CloudEvents of type "a.b"'],
    [{ alpha: 1, beta: 2 }, 'malformed', 'the keys "alpha, beta"'],
    [null, 'malformed', 'not a JSON object'],
    ['text', 'malformed', 'not a JSON object'],
    [[1], 'malformed', 'not a JSON object'],
  ])('%j is unknown and named', (event: Json, kind, part) => {
    const { source, reading } = normalise(event);
    expect(source).toBeNull();
    expect(reading.kind).toBe(kind);
    expect(JSON.stringify(reading).replaceAll('\\"', '"')).toContain(part);
  });

  test('long foreign text is cut and escaped', () => {
    const { reading } = normalise({ eventType: `\n${'x'.repeat(10_000)}` });
    expect(JSON.stringify(reading).length).toBeLessThan(300);
    expect(reading).toHaveProperty('reason', expect.not.stringContaining('\n'));
  });
});

describe('prototypes are neither read nor changed', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('%s', (key) => {
    const text = JSON.stringify({ ...leaked, detail: 0 }).replace(
      '"detail":0',
      `"${key}":{"source":"aws.guardduty","polluted":1},"detail":${JSON.stringify(leaked['detail']).replace('"service":', `"${key}":{"polluted":1},"service":`)}`,
    );
    const parsed = parseEvent(text);
    expect(parsed).toHaveProperty('event');
    const { reading } = normalise('event' in parsed ? parsed.event : null);
    expect(reading.kind).toBe('findings');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('a message cannot inherit its source', () => {
    expect(recognise(JSON.parse('{"__proto__":{"source":"aws.guardduty","eventType":"x"}}'))).toBeUndefined();
    const tagged = structuredClone(leaked);
    const text = JSON.stringify(tagged).replace(
      '"userName":"ci-deploy"',
      '"userName":"ci-deploy","__proto__":{"userName":"root"}',
    );
    expect(normalise(JSON.parse(text))).toEqual(normalise(leaked));
  });
});

describe('text becomes an event', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test.each([
    ['1.1 MB', JSON.stringify('x'.repeat(1_100_000)), 'The message is larger than 1 MiB.'],
    ['1.1 MB in two-byte characters', JSON.stringify('é'.repeat(550_000)), 'The message is larger than 1 MiB.'],
    ['65 levels', nested(65), 'The message nests deeper than 64 levels.'],
    ['500,000 levels', nested(500_000), 'The message nests deeper than 64 levels.'],
    ['unclosed levels', '{"a":'.repeat(100_000), 'The message nests deeper than 64 levels.'],
    ['no JSON', '{a:1}', 'The message is not JSON.'],
    ['nothing', '', 'The message is not JSON.'],
    ['backslashes', `"${'\\'.repeat(1_000_000)}`, 'The message is not JSON.'],
    ['an infinite number', '{"a":[1e999]}', 'The message holds a number that JSON cannot keep.'],
  ])('but not %s', (_, text, problem) => {
    const before = performance.now();
    expect(parseEvent(text)).toMatchObject({ problem, remedy: expect.stringMatching(/\.$/) });
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test.each([
    ['64 levels', nested(64)],
    ['brackets inside text', JSON.stringify({ a: `${'['.repeat(1_000)}"{{{\\` })],
    ['a byte order mark', '\uFEFF{}'],
    ['a large number in text', '{"a":"1e999","b":1e30}'],
    ['almost 1 MiB', JSON.stringify('x'.repeat(1_048_000))],
  ])('with %s', (_, text) => {
    expect(parseEvent(text)).toEqual({ event: JSON.parse(text.replace('\uFEFF', '')) });
  });
});

describe('the envelope', () => {
  test.each([
    ['EventBridge', leaked, { time: '2026-11-20T09:00:00.000Z', replayed: false }],
    ['an archive', { ...leaked, 'replay-name': 'again' }, { time: '2026-11-20T09:00:00.000Z', replayed: true }],
    ['Event Grid', readEvent('defender-storage/clean-blob'), { time: '2026-11-20T09:00:01.274Z', replayed: false }],
    [
      'a CloudEvent',
      readEvent('defender/vm-brute-force-cloudevent'),
      { time: '2026-11-20T09:00:02.331Z', replayed: false },
    ],
    ['none', readEvent('defender/vm-brute-force-export'), { time: undefined, replayed: false }],
    ['a time that is none', { ...leaked, time: 'soon' }, { time: undefined, replayed: false }],
    [
      'a time without a zone',
      { ...leaked, time: '2026-11-20 09:00' },
      { time: '2026-11-20T09:00:00.000Z', replayed: false },
    ],
  ])('of %s', (_, event: Json, envelope) => {
    expect(envelopeOf(event)).toEqual(envelope);
  });

  test('a time without a zone is UTC wherever Cordon runs', () => {
    vi.stubEnv('TZ', 'America/New_York');
    expect(new Date(2026, 10, 20).getTimezoneOffset()).toBe(300);
    expect(envelopeOf({ time: '2026-11-20T09:00:00' }).time).toBe('2026-11-20T09:00:00.000Z');
    vi.unstubAllEnvs();
  });

  test('a batch comes apart into its messages', () => {
    expect(unwrap([{ a: 1 }, { b: 2 }])).toEqual([{ a: 1 }, { b: 2 }]);
    expect(unwrap({ records: [{ a: 1 }] })).toEqual([{ a: 1 }]);
    expect(unwrap({ records: [], more: 1 })).toEqual([{ records: [], more: 1 }]);
    expect(unwrap(leaked)).toEqual([leaked]);
    expect(unwrap([])).toEqual([]);
  });
});
