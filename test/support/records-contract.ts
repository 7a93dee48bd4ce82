import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { digest } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Draft, Records, Stored } from '../../shared/ports/records.ts';
import { dyingAt, type Fate, type Loss, losing } from './line.ts';

/** One store under test, reached in two ways as two processes would; both may be the same. */
export type StoreUnderTest = {
  readonly records: Records;
  readonly other: Records;
  readonly evidence: Evidence;
  readonly otherEvidence: Evidence;
  /** Overwrites stored evidence behind the port's back; left out where nobody can. */
  readonly alter?: (digest: string) => Promise<void>;
  /** The same store, reached over a line on which things get lost; left out where there is no line. */
  readonly over?: (fate: Fate) => Promise<Records>;
  close(): Promise<void>;
};

const draft = (id: string, body: Json = { a: 1 }, more: Partial<Draft> = {}): Draft => ({
  kind: 'run',
  id,
  body,
  ...more,
});
const bytes = (count: number): string => 'x'.repeat(count);

/** As many as a store takes at a time. */
const bundle = 25;

async function createAll(records: Records, drafts: readonly Draft[]): Promise<void> {
  for (let at = 0; at < drafts.length; at += bundle)
    await Promise.all(drafts.slice(at, at + bundle).map((one) => records.create(one)));
}

const due = '2026-11-20T09:05:00.000Z';

/** An item as its store and all its lists have it. */
async function everywhere(records: Records, id: string): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const ours = (all: readonly Stored[]) =>
    all.filter((one) => one.id === id).map(({ body, version }) => [body, version]);
  const item = await records.read('run', id);
  const [g, h, later] = [records.list('run', 'g'), records.list('run', 'h'), records.listDue('run', '9999', 10)];
  return { item: ours(item ? [item] : []), g: ours(await g), h: ours(await h), due: ours(await later) };
}

/** What every store of records and evidence must do, whichever cloud or file it is in. */
export function recordsContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps records`, () => {
    let store: StoreUnderTest;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    test('that were created once, and only once', async () => {
      const { records, other } = store;
      expect(await records.read('run', 'a')).toBeUndefined();
      expect(await records.create(draft('a'))).toBe(true);
      expect(await other.create(draft('a', { a: 2 }))).toBe(false);
      expect(await other.read('run', 'a')).toEqual({ kind: 'run', id: 'a', version: 1, body: { a: 1 } });
    });

    test('of each kind apart', async () => {
      const { records } = store;
      expect(await records.create(draft('a'))).toBe(true);
      expect(await records.create({ ...draft('a', 'a lease'), kind: 'lease' })).toBe(true);
      expect((await records.read('lease', 'a'))?.body).toBe('a lease');
      expect((await records.read('run', 'a'))?.body).toEqual({ a: 1 });
    });

    test('that only the version read last replaces', async () => {
      const { records, other } = store;
      await records.create(draft('a'));
      expect(await other.replace(draft('a', { a: 2 }), 1)).toBe(true);
      expect(await records.replace(draft('a', { a: 3 }), 1)).toBe(false);
      expect(await records.replace(draft('a', { a: 3 }), 3)).toBe(false);
      expect(await records.read('run', 'a')).toMatchObject({ version: 2, body: { a: 2 } });
      expect(await records.replace(draft('a', { a: 3 }), 2)).toBe(true);
      expect(await records.replace(draft('nothing'), 1)).toBe(false);
      expect(await records.read('run', 'nothing')).toBeUndefined();
    });

    test('for one winner of many who race', async () => {
      const { records, other } = store;
      const racers = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? records : other));
      const created = await Promise.all(racers.map((one, at) => one.create(draft('race', at))));
      expect(created.filter(Boolean)).toHaveLength(1);
      const replaced = await Promise.all(racers.map((one, at) => one.replace(draft('race', `second ${at}`), 1)));
      expect(replaced.filter(Boolean)).toHaveLength(1);
      expect(await records.read('run', 'race')).toMatchObject({ version: 2, body: `second ${replaced.indexOf(true)}` });
    });

    test('with any JSON as their body', async () => {
      const bodies: Json[] = [null, true, 0, -1.5e-7, '', 'ünï\u0000\n"\\', [], {}, { b: [{ deep: null }], a: '€😀' }];
      for (const [at, body] of bodies.entries()) await store.records.create(draft(`body-${at}`, body));
      for (const [at, body] of bodies.entries())
        expect((await store.other.read('run', `body-${at}`))?.body).toEqual(body);
    });

    test('listed by group, in the order of ids, with what they became', async () => {
      const { records, other } = store;
      for (const id of ['b', 'a', 'r:000010', 'r:000009', 'Z', 'c'])
        await records.create(draft(id, id, { group: 'g' }));
      await records.create(draft('elsewhere', 0, { group: 'h' }));
      await records.create(draft('nowhere'));
      await records.create({ ...draft('another-kind', 0, { group: 'g' }), kind: 'lease' });
      const ids = async (group: string) => (await other.list('run', group)).map(({ id }) => id);
      expect(await ids('g')).toEqual(['Z', 'a', 'b', 'c', 'r:000009', 'r:000010']);
      expect(await ids('none')).toEqual([]);
      await records.replace(draft('a', 'moved', { group: 'h' }), 1);
      await records.replace(draft('b', 'left'), 1);
      expect(await ids('g')).toEqual(['Z', 'c', 'r:000009', 'r:000010']);
      expect((await other.list('run', 'h')).map(({ id, body, group, version }) => [id, body, group, version])).toEqual([
        ['a', 'moved', 'h', 2],
        ['elsewhere', 0, 'h', 1],
      ]);
    });

    test.each([
      ['named after it', 'many:'],
      ['named otherwise', ''],
    ])('more than a thousand in one group, %s, none left out', async (_, prefix) => {
      const wanted = Array.from({ length: 1_030 }, (_, at) => prefix + String(at).padStart(6, '0'));
      await createAll(
        store.records,
        wanted.map((id) => draft(id, bytes(2_000), { group: 'many' })),
      );
      const ids = async (limit?: number) => (await store.other.list('run', 'many', limit)).map(({ id }) => id);
      expect(await ids()).toEqual(wanted);
      expect(await ids(3)).toEqual(wanted.slice(0, 3));
      expect(await ids(1_001)).toEqual(wanted.slice(0, 1_001));
    });

    test('more than a thousand that are due, none left out', async () => {
      const wanted = Array.from({ length: 1_030 }, (_, at) => new Date(Date.parse(due) + at).toISOString());
      await createAll(
        store.records,
        wanted.map((instant) => draft(instant, 0, { due: instant })),
      );
      expect((await store.other.listDue('run', '9999', 9_999)).map(({ id }) => id)).toEqual(wanted);
      expect((await store.other.listDue('run', '9999', 1_001)).map(({ id }) => id)).toEqual(wanted.slice(0, 1_001));
    });

    test('the first of a group by the order of ids, wherever they lie and whatever else lies there', async () => {
      const { records, other } = store;
      for (const id of ['g:2', 'b', 'g', 'h', 'g:0']) await records.create(draft(id, id, { group: 'g' }));
      for (const id of ['g:1', 'a']) await records.create(draft(id, id, { group: 'h' }));
      const first = async (limit: number) => (await other.list('run', 'g', limit)).map(({ id }) => id);
      expect(await first(1)).toEqual(['b']);
      expect(await first(3)).toEqual(['b', 'g', 'g:0']);
      expect(await first(5)).toEqual(['b', 'g', 'g:0', 'g:2', 'h']);
    });

    test.each([
      'A-Z.a_z:0-9',
      '..',
      ':',
      'a/b\\c#d?e%2f',
      "it's 'quoted'",
      'two words',
      'tab\tand\u0000',
      'ünï€😀',
      '~!',
      '',
      'x'.repeat(200),
      'x'.repeat(900),
    ])('in a group of any name: %j', async (group) => {
      const { records, other } = store;
      for (const id of ['b', 'a']) await records.create(draft(id, id, { group }));
      await records.create(draft('c', 'c', { group: `${group}x` }));
      expect((await other.list('run', group)).map((one) => [one.id, one.group])).toEqual([
        ['a', group],
        ['b', group],
      ]);
    });

    test('that are due, the earliest first, as many as asked for', async () => {
      const { records, other } = store;
      const at = (minute: number) => `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z`;
      for (const minute of [30, 10, 20]) await records.create(draft(`due-${minute}`, minute, { due: at(minute) }));
      await records.create(draft('never'));
      await records.create({ ...draft('other', 0, { due: at(1) }), kind: 'containment' });
      const dueAt = async (minute: number, limit = 10) =>
        (await other.listDue('run', at(minute), limit)).map(({ id }) => id);
      expect(await dueAt(9)).toEqual([]);
      expect(await dueAt(20)).toEqual(['due-10', 'due-20']);
      expect(await dueAt(59, 2)).toEqual(['due-10', 'due-20']);
      await records.replace(draft('due-10', 'done'), 1);
      expect(await dueAt(59)).toEqual(['due-20', 'due-30']);
      expect((await other.listDue('run', at(20), 1))[0]).toMatchObject({ id: 'due-20', due: at(20), body: 20 });
    });

    test('of 16 KB, and refuses larger ones before anything is written', async () => {
      const { records } = store;
      expect(await records.create(draft('fits', bytes(16_382)))).toBe(true);
      await expect(records.create(draft('too-large', bytes(16_383)))).rejects.toMatchObject({
        code: 'bad-record',
        retryable: false,
      });
      await expect(records.create(draft('too-wide', 'ü'.repeat(8_192)))).rejects.toMatchObject({ code: 'bad-record' });
      await expect(records.replace(draft('fits', bytes(16_383)), 1)).rejects.toMatchObject({ code: 'bad-record' });
      expect(await records.read('run', 'too-large')).toBeUndefined();
      expect(await records.read('run', 'fits')).toMatchObject({ version: 1 });
    });

    test('of 16 KB of any characters, under the longest key, in the longest group', async () => {
      const id = `${'g'.repeat(197)}:12`;
      const bodies = [
        'x'.repeat(16_382),
        '€'.repeat(5_460),
        '😀'.repeat(4_095),
        '\u0001'.repeat(2_730),
        '"'.repeat(8_191),
      ];
      for (const [at, body] of bodies.entries()) {
        const group = at % 2 === 0 ? 'g'.repeat(197) : 'h'.repeat(200);
        const next = draft(id, body, { group, due });
        expect(at === 0 ? await store.records.create(next) : await store.records.replace(next, at)).toBe(true);
        expect(await store.other.list('run', group)).toEqual([{ ...next, version: at + 1 }]);
        expect(await store.other.listDue('run', due, 2)).toEqual([{ ...next, version: at + 1 }]);
      }
    });

    test.each(['', 'a/b', 'a#b', 'a?b', 'a\\b', 'a b', 'a\n', 'ü', 'a%2fb', '\u0000', 'x'.repeat(201)])(
      'under keys that every store can hold: %j is refused',
      async (id) => {
        await expect(store.records.create(draft(id))).rejects.toMatchObject({ code: 'bad-record' });
      },
    );

    test.each(['a', 'A_z.0-9:x', 'x'.repeat(200), '..', '--', ':'])('under the key %s', async (id) => {
      expect(await store.records.create(draft(id))).toBe(true);
      expect((await store.other.read('run', id))?.id).toBe(id);
    });
  });

  describe(`${name} keeps records that were written over a line`, () => {
    let store: StoreUnderTest;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const over = async (skip: (note: string) => never, fate: Fate): Promise<Records> =>
      (await store.over?.(fate)) ?? skip('there is no line to it');

    const first = (id: string) => draft(id, 'first', { group: 'g', due });
    const second = (id: string) => draft(id, 'second', { group: 'h' });
    const nowhere = { item: [], g: [], h: [], due: [] };
    const asFirst = { item: [['first', 1]], g: [['first', 1]], h: [], due: [['first', 1]] };
    const asSecond = { item: [['second', 2]], g: [], h: [['second', 2]], due: [] };
    /** More requests than any store makes for one write. */
    const requests = [1, 2, 3, 4, 5, 6, 7, 8].map((nth) => ({ nth, id: `a${nth}` }));
    const losses: readonly Loss[] = ['request', 'answer'];

    test.for(losses)('that lost any one %s: made once, and known as made', async (loss, { skip }) => {
      for (const { nth, id } of requests) {
        expect(await (await over(skip, losing(loss, nth))).create(first(id))).toBe(true);
        expect(await everywhere(store.other, id)).toEqual(asFirst);
        expect(await (await over(skip, losing(loss, nth))).replace(second(id), 1)).toBe(true);
        expect(await everywhere(store.other, id)).toEqual(asSecond);
      }
    });

    test.for(losses)('that lost any one %s: refused where another was there first', async (loss, { skip }) => {
      for (const { nth, id } of requests) {
        await store.other.create(first(id));
        const late = await over(skip, losing(loss, nth));
        expect(await late.create(second(id))).toBe(false);
        expect(await late.replace(second(id), 2)).toBe(false);
        expect(await everywhere(store.other, id)).toEqual(asFirst);
      }
    });

    test.for(losses)(
      'by one who died with any %s: made or not, and in all lists or in none',
      async (loss, { skip }) => {
        for (const { nth, id } of requests) {
          const dying = async (write: (records: Records) => Promise<boolean>) => {
            const fault: unknown = await write(await over(skip, dyingAt(nth, loss))).catch((thrown: unknown) => thrown);
            if (fault !== true) expect(fault).toMatchObject({ code: 'no-answer', retryable: true });
          };
          await dying((records) => records.create(first(id)));
          expect([nowhere, asFirst]).toContainEqual(await everywhere(store.other, id));
          await store.other.create(first(id));
          expect(await everywhere(store.other, id)).toEqual(asFirst);
          await dying((records) => records.replace(second(id), 1));
          expect([asFirst, asSecond]).toContainEqual(await everywhere(store.other, id));
          await store.other.replace(second(id), 1);
          expect(await everywhere(store.other, id)).toEqual(asSecond);
        }
      },
    );
  });

  describe(`${name} keeps evidence`, () => {
    let store: StoreUnderTest;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    test('under the digest of its canonical form, once', async () => {
      const key = await store.evidence.put({ b: [1, 2], a: null });
      expect(key).toBe(digest({ a: null, b: [1, 2] }));
      expect(await store.otherEvidence.put({ a: null, b: [1, 2] })).toBe(key);
      expect(await store.otherEvidence.get(key)).toEqual({ a: null, b: [1, 2] });
      expect(await store.evidence.get(digest('something else'))).toBeUndefined();
    });

    test('that is large, and whatever keys it has', async () => {
      const large = { text: bytes(1_000_000), list: Array.from({ length: 10_000 }, (_, at) => at) };
      expect(await store.evidence.get(await store.evidence.put(large))).toEqual(large);
      const odd: Json = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3}');
      const read = await store.evidence.get(await store.evidence.put(odd));
      expect(Object.keys(Object(read)).sort()).toEqual(['', '__proto__', 'constructor']);
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    });

    test('and refuses it when it was altered', async ({ skip }) => {
      if (!store.alter) return skip('nobody can reach into it');
      const key = await store.evidence.put({ before: 'Active' });
      await store.alter(key);
      await expect(store.otherEvidence.get(key)).rejects.toMatchObject({ code: 'evidence-altered' });
    });
  });
}
