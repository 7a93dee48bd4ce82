import { expect, test } from 'vitest';
import { memoryStore } from '../support/memory-records.ts';
import { recordsContract } from '../support/records-contract.ts';

recordsContract('The store of the crash tests', async () => {
  const store = memoryStore();
  const { records, evidence } = store;
  return {
    ...{ records, other: records, evidence, otherEvidence: evidence },
    alter: async (key) => store.alter(key, { before: 'Inactive' }),
    close: async () => {},
  };
});

test('a fork of the store goes on apart', async () => {
  const store = memoryStore();
  await store.records.create({ kind: 'run', id: 'a', body: 1 });
  const key = await store.evidence.put('seen');
  const fork = store.fork();
  await fork.records.replace({ kind: 'run', id: 'a', body: 2 }, 1);
  await store.records.create({ kind: 'run', id: 'b', body: 3 });
  const later = await store.evidence.put('later');
  expect((await store.records.read('run', 'a'))?.body).toBe(1);
  expect((await fork.records.read('run', 'a'))?.body).toBe(2);
  expect(await fork.records.read('run', 'b')).toBeUndefined();
  expect(await fork.evidence.get(key)).toBe('seen');
  expect(await fork.evidence.get(later)).toBeUndefined();
});
