import { expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { rememberEvidence } from '../../shared/records/remember-evidence.ts';

function counted() {
  const stored = new Map<string, Json>();
  const asked: string[] = [];
  const evidence = rememberEvidence({
    put: async (value) => {
      stored.set(`d${stored.size}`, value);
      return `d${stored.size - 1}`;
    },
    get: async (digest) => {
      asked.push(digest);
      if (digest === 'broken') throw new Error('down');
      return stored.get(digest);
    },
  });
  return { evidence, asked, stored };
}

test('what was put or read is not read again', async () => {
  const { evidence, asked, stored } = counted();
  const digest = await evidence.put({ b: 1, a: 2 });
  expect(JSON.stringify(await evidence.get(digest))).toBe('{"a":2,"b":1}');
  expect(asked).toEqual([]);
  stored.set('other', 2);
  expect(await Promise.all([evidence.get('other'), evidence.get('other')])).toEqual([2, 2]);
  expect(asked).toEqual(['other']);
});

test('what is missing, or could not be read, is asked for anew', async () => {
  const { evidence, asked, stored } = counted();
  expect(await evidence.get('later')).toBeUndefined();
  stored.set('later', 1);
  expect(await evidence.get('later')).toBe(1);
  await expect(evidence.get('broken')).rejects.toThrow('down');
  await expect(evidence.get('broken')).rejects.toThrow('down');
  expect(asked).toEqual(['later', 'later', 'broken', 'broken']);
});

test('only the latest are remembered', async () => {
  const { evidence, asked } = counted();
  const first = await evidence.put(0);
  for (let value = 1; value <= 16; value += 1) await evidence.put(value);
  await evidence.get(first);
  expect(asked).toEqual([first]);
});
