import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEvent } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { Json } from '../../shared/model/json.ts';
import { eventNames, readEvent } from '../support/events.ts';
import { strange } from '../support/mutations.ts';

describe('no event makes a source throw', () => {
  test('by nesting that no parser of ours let in', () => {
    let deep: Json = 'aws.guardduty';
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { toString: deep };
    for (const name of eventNames) {
      const event = readEvent(name);
      for (const key of Object.keys(event)) normalise({ ...event, [key]: deep });
      normalise({ ...event, source: 'near.guardduty', 'detail-type': deep });
    }
    expect(normalise({ source: deep, 'detail-type': deep }).reading.kind).toBe('ignored');
  });

  test('by any text or value', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseEvent(text)));
    fc.assert(fc.property(strange, (value) => void normalise(value)));
  });
});
