import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../shared/model/json.ts';
import { digest } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Draft, Records } from '../../shared/ports/records.ts';

/** One store under test, reached in two ways as two processes would; both may be the same. */
export type StoreUnderTest = {
  readonly records: Records;
  readonly other: Records;
  readonly evidence: Evidence;
  readonly otherEvidence: Evidence;
  /** Overwrites stored evidence behind the port's back; left out where nobody can. */
  readonly alter?: (digest: string) => Promise<void>;
  close(): Promise<void>;
};

const draft = (id: string, body: Json = { a: 1 }, more: Partial<Draft> = {}): Draft => ({
  kind: 'run',
  id,
  body,
  ...more,
});
const bytes = (count: number): string => 'x'.repeat(count);

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

    test('a thousand in one group, none left out', async () => {
      const wanted = Array.from({ length: 1_000 }, (_, at) => String(at).padStart(6, '0'));
      for (const id of wanted) await store.records.create(draft(id, bytes(2_000), { group: 'many' }));
      expect((await store.other.list('run', 'many')).map(({ id }) => id)).toEqual(wanted);
    });

    test('that are due, the earliest first, as many as asked for', async () => {
      const { records, other } = store;
      const at = (minute: number) => `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z`;
      for (const minute of [30, 10, 20]) await records.create(draft(`due-${minute}`, minute, { due: at(minute) }));
      await records.create(draft('never'));
      await records.create({ ...draft('other', 0, { due: at(1) }), kind: 'containment' });
      const due = async (minute: number, limit = 10) =>
        (await other.listDue('run', at(minute), limit)).map(({ id }) => id);
      expect(await due(9)).toEqual([]);
      expect(await due(20)).toEqual(['due-10', 'due-20']);
      expect(await due(59, 2)).toEqual(['due-10', 'due-20']);
      await records.replace(draft('due-10', 'done'), 1);
      expect(await due(59)).toEqual(['due-20', 'due-30']);
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
