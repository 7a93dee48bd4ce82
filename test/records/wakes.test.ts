import { expect, test } from 'vitest';
import { leaveWake, readWake } from '../../shared/records/wakes.ts';
import { beforeWrite, memory } from '../support/store.ts';

const first = { callback: 'callback-1', execution: 'execution-1' };
const second = { callback: 'callback-2', execution: 'execution-2' };

test('a run that nobody has waited for has no wake', async () => {
  expect(await readWake(memory(), 'run')).toBeUndefined();
});

test('the last wait counts, and leaving it again changes nothing', async () => {
  const store = memory();
  for (const wake of [first, second, second]) await leaveWake(store, 'run', wake);
  expect(await readWake(store, 'run')).toEqual(second);
  expect(await readWake(store, 'another')).toBeUndefined();
});

test('a wait that another has written meanwhile is written over', async () => {
  const store = memory();
  await leaveWake(store, 'run', first);
  const meanwhile = () => leaveWake(store, 'run', { ...first, callback: 'callback-3' });
  await leaveWake({ records: beforeWrite(store.records, 'wake', meanwhile) }, 'run', second);
  expect(await readWake(store, 'run')).toEqual(second);
});
