import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openSqlite } from '../../shared/adapters/sqlite/records.ts';
import { recordsContract } from '../support/records-contract.ts';

const ids = () => {
  let count = 0;
  return {
    token() {
      count += 1;
      return `token-${count}`;
    },
  };
};

const alterIn = (file: string) => async (digest: string) => {
  const database = new DatabaseSync(file);
  database.prepare('UPDATE evidence SET body = ? WHERE digest = ?').run('{"before":"Inactive"}', digest);
  database.close();
};

const folder = () => mkdtempSync(join(tmpdir(), 'cordon-records-'));

recordsContract('SQLite in a file, by two processes,', async () => {
  const at = folder();
  const file = join(at, 'cordon.db');
  const [one, two] = [openSqlite(file, ids()), openSqlite(file, ids())];
  return {
    records: one.records,
    other: two.records,
    evidence: one.evidence,
    otherEvidence: two.evidence,
    alter: alterIn(file),
    async close() {
      one.close();
      two.close();
      rmSync(at, { recursive: true });
    },
  };
});

recordsContract('SQLite in memory', async () => {
  const store = openSqlite(':memory:', ids());
  return {
    records: store.records,
    other: store.records,
    evidence: store.evidence,
    otherEvidence: store.evidence,
    close: async () => store.close(),
  };
});

test('what was written is there when the file is opened again', async () => {
  const at = folder();
  const file = join(at, 'cordon.db');
  const before = openSqlite(file, ids());
  await before.records.create({ kind: 'run', id: 'a', body: { a: 1 }, group: 'g', due: '2026-11-20T09:00:00.000Z' });
  const key = await before.evidence.put([1]);
  before.close();
  const after = openSqlite(file, ids());
  expect(await after.records.read('run', 'a')).toEqual({
    kind: 'run',
    id: 'a',
    version: 1,
    body: { a: 1 },
    group: 'g',
    due: '2026-11-20T09:00:00.000Z',
  });
  expect(await after.evidence.get(key)).toEqual([1]);
  after.close();
  rmSync(at, { recursive: true });
});

test('in memory, two stores know nothing of each other', async () => {
  const [one, two] = [openSqlite(':memory:', ids()), openSqlite(':memory:', ids())];
  await one.records.create({ kind: 'run', id: 'a', body: 1 });
  expect(await two.records.read('run', 'a')).toBeUndefined();
  one.close();
  two.close();
});
