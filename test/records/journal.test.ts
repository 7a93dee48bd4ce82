import { describe, expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import type { Records, Stored } from '../../shared/ports/records.ts';
import { type Entry, LostTurn, openJournal, readJournal } from '../../shared/records/journal.ts';
import { memory } from '../support/store.ts';

const runId = 'abcdefghijklmnopqrstuvwxyz';
const reply = (key: string): Entry => ({ type: 'reply', key, reply: { ok: true, value: key } });

async function written(count = 5) {
  const deps = memory();
  const journal = await openJournal(deps, runId);
  for (let at = 0; at < count; at += 1) {
    deps.clock.advance(1);
    await journal.commit(reply(`key-${at}`));
  }
  return deps;
}

/** The same records with the list of journal rows tampered with. */
const tampered = (records: Records, change: (rows: Stored[]) => readonly Stored[]): Records => ({
  ...records,
  list: async (kind, group) => change([...(await records.list(kind, group))]),
});
const withBody = (row: Stored, more: object): Stored => ({
  ...row,
  body: { ...(row.body as object), ...more } as Json,
}); // rows are objects
const edited = (rows: Stored[], at: number, more: object) =>
  rows.map((row, index) => (index === at ? withBody(row, more) : row));

describe('the journal', () => {
  test('remembers entries in order, each row chained to the one before', async () => {
    const { records } = await written();
    const rows = await readJournal(records, runId);
    expect(rows.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(rows.map(({ prev }) => prev).slice(1)).toEqual(rows.map(({ hash }) => hash).slice(0, -1));
    expect(new Set(rows.map(({ hash }) => hash)).size).toBe(5);
    expect(rows[2]?.entries).toEqual([reply('key-2')]);
    expect(rows[2]?.at).toBe('2026-11-20T09:05:03.000Z');
  });

  test('is empty for a run that never wrote', async () =>
    expect(await readJournal(memory().records, runId)).toEqual([]));

  test('goes past six digits of order', async () => {
    const { records } = await written(12);
    expect((await readJournal(records, runId)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 12 }, (_, at) => at),
    );
  });

  test('keeps what was noted until the next commit, and writes nothing for nothing', async () => {
    const deps = memory();
    const journal = await openJournal(deps, runId);
    await journal.commit();
    expect(await readJournal(deps.records, runId)).toEqual([]);
    journal.note(reply('noted'));
    expect(journal.entries).toEqual([reply('noted')]);
    expect(await readJournal(deps.records, runId)).toEqual([]);
    await journal.commit(reply('committed'));
    expect((await readJournal(deps.records, runId)).flatMap(({ entries }) => entries)).toEqual([
      reply('noted'),
      reply('committed'),
    ]);
  });

  test('puts commits made side by side in one order', async () => {
    const deps = memory();
    const journal = await openJournal(deps, runId);
    await Promise.all(['a', 'b', 'c'].map((key) => journal.commit(reply(key))));
    expect((await openJournal(deps, runId)).entries).toEqual(['a', 'b', 'c'].map(reply));
  });

  test('of one run knows nothing of another', async () => {
    const deps = await written();
    expect((await openJournal(deps, `${runId.slice(0, -1)}a`)).entries).toEqual([]);
  });
});

describe('tampering is named with the entry where it shows', () => {
  test.each<[string, (rows: Stored[]) => readonly Stored[], number]>([
    ['a changed entry', (rows) => edited(rows, 2, { entries: [reply('forged')] }), 2],
    ['a changed time', (rows) => edited(rows, 1, { at: '2026-11-20T09:00:00.000Z' }), 1],
    ['a changed hash', (rows) => edited(rows, 3, { hash: '0'.repeat(64) }), 3],
    ['a changed link', (rows) => edited(rows, 3, { prev: '0'.repeat(64) }), 3],
    ['a deleted first row', (rows) => rows.slice(1), 0],
    ['a deleted middle row', (rows) => rows.filter((_, at) => at !== 2), 2],
    ['a middle that was cut out', (rows) => [...rows.slice(0, 1), ...rows.slice(4)], 1],
    ['two rows exchanged', (rows) => rows.map((row, at) => rows[at === 1 ? 2 : at === 2 ? 1 : at] ?? row), 1],
    ['a repeated row', (rows) => [...rows.slice(0, 3), ...rows.slice(2)], 3],
    ['a row of its own number in another place', (rows) => edited(rows, 4, { seq: 9 }), 4],
  ])('%s', async (_, change, at) => {
    const { records } = await written();
    const read = readJournal(tampered(records, change), runId);
    await expect(read).rejects.toMatchObject({
      code: 'journal-broken',
      message: expect.stringContaining(`entry ${at}`),
    });
  });

  test("the rows of another run under this run's name", async () => {
    const { records } = await written();
    const stolen: Records = { ...records, list: (kind) => records.list(kind, runId) };
    await expect(readJournal(stolen, `${runId.slice(0, -1)}a`)).rejects.toMatchObject({ code: 'journal-broken' });
  });
});

describe('two turns that write', () => {
  test('the later one is told that it lost, and nothing of it is written', async () => {
    const deps = await written(2);
    const [one, two] = await Promise.all([openJournal(deps, runId), openJournal(deps, runId)]);
    await one.commit(reply('one'));
    await expect(two.commit(reply('two'))).rejects.toBeInstanceOf(LostTurn);
    await expect(two.commit(reply('two again'))).rejects.toBeInstanceOf(LostTurn);
    expect((await openJournal(deps, runId)).entries.at(-1)).toEqual(reply('one'));
    expect(await readJournal(deps.records, runId)).toHaveLength(3);
  });

  test('a commit that the store refused is never followed by another', async () => {
    const deps = memory();
    let refusing = true;
    const flaky: Records = {
      ...deps.records,
      create: (draft) => (refusing ? Promise.reject(new Error('down')) : deps.records.create(draft)),
    };
    const journal = await openJournal({ ...deps, records: flaky }, runId);
    await expect(journal.commit(reply('lost'))).rejects.toThrow('down');
    refusing = false;
    await expect(journal.commit(reply('after'))).rejects.toThrow('down');
    expect(await readJournal(deps.records, runId)).toEqual([]);
  });
});
