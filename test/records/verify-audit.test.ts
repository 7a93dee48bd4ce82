import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import { type Json, own } from '../../shared/model/json.ts';
import type { Stored } from '../../shared/ports/records.ts';
import { anchorDigest, anchorHeads, anchorName, anchorText, type StoredAnchor } from '../../shared/records/anchors.ts';
import { originOf, seal } from '../../shared/records/chain.ts';
import { openJournal } from '../../shared/records/journal.ts';
import { verifyAudit } from '../../shared/records/verify-audit.ts';
import { type Ledger, ledger, reply, resealed, runNamed, signer, withAnchors, withJournal } from '../support/audit.ts';

const [a, b, c] = [runNamed('a'), runNamed('b'), runNamed('c')];
const long = 24;

/** Three runs; the first has been anchored at 8, 16 and 24 records. */
async function written(): Promise<Ledger> {
  const one = ledger();
  for (const run of [a, b, c]) await one.begin(run);
  await one.work(b, 5);
  await one.work(c, 2);
  for (let part = 0; part < 3; part += 1) {
    await one.work(a, long / 3);
    one.clock.advance(60);
    await anchorHeads(one);
  }
  return one;
}

let one: Ledger;
beforeAll(async () => {
  one = await written();
});

/** What the audit says of run a when its journal reads like this. */
async function saidOf(rows: (rows: readonly Stored[]) => readonly Stored[]) {
  const { problems } = await verifyAudit({ ...one, records: withJournal(one.records, a, rows) }, a);
  expect(problems.every(({ run }) => run === a)).toBe(true);
  return problems.map(({ code, seq }) => ({ code, seq }));
}

const record = fc.nat(long - 1);
const withBody = (row: Stored, more: object): Stored => ({
  ...row,
  body: { ...(row.body as object), ...more } as Json,
}); // rows are objects
const replaced = (rows: readonly Stored[], at: number, more: object): readonly Stored[] =>
  rows.map((row, index) => (index === at ? withBody(row, more) : row));

/** A forged record that follows the one before its place as a true one would. */
function sealedAfter(rows: readonly Stored[], seq: number): Json {
  const prev = seq === 0 ? originOf(a) : String(own(rows[seq - 1]?.body, 'hash'));
  const open = { seq, at: one.clock.now(), prev, entries: [reply('forged')] as Json };
  return { ...open, hash: seal(a, open) };
}

/** Every way to write one value of a JSON tree otherwise. */
function flips(value: Json): Json[] {
  if (typeof value === 'string') return [`${value}x`, ''];
  if (typeof value === 'number') return [value + 1];
  if (typeof value === 'boolean') return [!value];
  if (value === null) return [0];
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return [[...items, 'more'], ...items.flatMap((item, at) => flips(item).map((flip) => items.with(at, flip)))];
  }
  const members = Object.entries(value) as [string, Json][]; // JSON that is no list
  return [
    { ...value, added: 1 },
    ...members.flatMap(([key, item]) => flips(item).map((flip) => ({ ...value, [key]: flip }))),
    ...members.map(([key]) => Object.fromEntries(members.filter(([name]) => name !== key))),
  ];
}

describe('an audit that nobody has touched', () => {
  test('verifies, and says how much of it is anchored', async () =>
    expect(await verifyAudit(one)).toEqual({
      runs: 3,
      records: long + 7,
      anchors: 3,
      anchoredUntil: '2026-11-20T09:08:00.000Z',
      unanchored: 0,
      problems: [],
    }));

  test('of one run reads that run only', async () =>
    expect(await verifyAudit(one, b)).toMatchObject({ runs: 1, records: 5, problems: [] }));
});

describe('the first bad record is named', () => {
  test('wherever one value of a record was changed, added or taken out', async () => {
    const rows = await one.records.list('journal', a);
    let flipped = 0;
    for (const [at, row] of rows.entries())
      for (const body of flips(row.body)) {
        flipped += 1;
        const [problem] = await saidOf((all) => all.map((other, index) => (index === at ? { ...row, body } : other)));
        expect(problem?.seq, JSON.stringify(body)).toBe(at);
      }
    expect(flipped).toBeGreaterThan(long * 20);
  });

  test('wherever records were deleted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(record, { minLength: 1, maxLength: long - 1 }), async (gone) => {
        const [problem, ...rest] = await saidOf((rows) => rows.filter((_, at) => !gone.includes(at)));
        const first = Math.min(...gone);
        expect(rest).toEqual([]);
        expect(problem?.seq).toBe(first);
        const isTail = gone.length === long - first;
        expect(problem?.code).toBe(isTail ? (first === 0 ? 'journal-gone' : 'records-cut-off') : 'record-missing');
      }),
      { numRuns: 150 },
    );
  });

  test('wherever a record was put in: a copy, one of another run, or one sealed to fit', async () => {
    const [foreign] = await one.records.list('journal', b);
    await fc.assert(
      fc.asyncProperty(
        record,
        record,
        fc.constantFrom('copy' as const, 'foreign' as const, 'sealed' as const),
        async (from, to, kind) => {
          const [problem] = await saidOf((rows) => {
            const bodies = { copy: rows[from]?.body, foreign: foreign?.body, sealed: sealedAfter(rows, to) };
            return rows.toSpliced(to, 0, ...rows.slice(0, 1).map((row) => ({ ...row, body: bodies[kind] ?? null })));
          });
          // a copy of the very record that follows shows one later; one sealed to fit shows where the true one stands
          const late = kind === 'sealed' || (kind === 'copy' && from === to);
          expect(problem?.seq).toBe(late ? to + 1 : to);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('wherever records stand in another order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...Array(long).keys()], { minLength: long }), async (order) => {
        const first = order.findIndex((from, at) => from !== at);
        const [problem] = await saidOf((rows) => order.flatMap((at) => rows[at] ?? []));
        if (first === -1) expect(problem).toBeUndefined();
        else expect(problem).toEqual({ code: 'record-out-of-place', seq: first });
      }),
      { numRuns: 150 },
    );
  });

  test('wherever records were cut off the end, which only anchors can tell', async () => {
    for (let left = 0; left < long; left += 1)
      expect(await saidOf((rows) => rows.slice(0, left))).toEqual([
        { code: left === 0 ? 'journal-gone' : 'records-cut-off', seq: left },
      ]);
  });

  test('from the last anchor on, wherever the whole chain was written anew from a changed record', async () => {
    for (let at = 0; at < long; at += 1)
      expect(await saidOf((rows) => resealed(a, replaced(rows, at, { entries: [reply('forged')] })))).toEqual([
        { code: 'records-rewritten', seq: at - (at % 8) },
      ]);
  });

  test('in every run that has one, and the others are still read', async () => {
    const records = withJournal(
      withJournal(one.records, a, (rows) => replaced(rows, 3, { at: 'x' })),
      c,
      (rows) => rows.slice(1),
    );
    const { problems, records: read } = await verifyAudit({ ...one, records });
    expect(problems.map(({ run, seq, code }) => [run, seq, code])).toEqual([
      [a, 3, 'record-altered'],
      [c, 0, 'record-missing'],
    ]);
    expect(read).toBe(long + 6);
  });

  test('of a run that is gone altogether', async () => {
    const without = (kind: string, id: string) => (kind === 'journal' || kind === 'run') && id === b;
    const { problems } = await verifyAudit({
      ...one,
      records: {
        ...one.records,
        read: async (kind, id) => (without(kind, id) ? undefined : one.records.read(kind, id)),
        list: async (kind, group) =>
          (await one.records.list(kind, group)).filter(
            ({ id, group: of }) => !without(kind, kind === 'run' ? id : `${of}`),
          ),
      },
    });
    expect(problems).toMatchObject([{ run: b, seq: 0, code: 'journal-gone', anchor: anchorName(0) }]);
  });

  test('of a run whose own record was given another order than the one its journal began with', async () => {
    const other = ledger();
    await other.begin(a);
    await (await openJournal(other, a)).commit({ type: 'opened', order: { id: a } });
    expect((await verifyAudit(other)).problems).toEqual([]);
    const stored = await other.records.read('run', a);
    await other.records.replace(
      { kind: 'run', id: a, group: '2026-11-20', body: { order: { id: a, mode: 'enforce' } } },
      stored?.version ?? 0,
    );
    expect((await verifyAudit(other)).problems).toMatchObject([{ run: a, seq: 0, code: 'order-altered' }]);
  });
});

describe('anchors', () => {
  const audited = async (change: (name: string, body: Json | undefined) => Json | undefined) => {
    const { problems } = await verifyAudit({ ...one, anchor: withAnchors(one.anchor, change) });
    return problems.map(({ code, anchor }) => [code, anchor]);
  };
  const second = anchorName(1);

  test('that are gone are named', async () => {
    expect(await audited((name, body) => (name === second ? undefined : body))).toEqual([['anchor-missing', second]]);
    expect(await audited((name, body) => (name === anchorName(0) ? undefined : body))).toEqual([
      ['anchor-missing', anchorName(0)],
    ]);
  });

  test('that were changed in any value are named', async () => {
    const body = await one.anchor.get(second);
    for (const flip of flips(body ?? null))
      expect(await audited((name, was) => (name === second ? flip : was)), JSON.stringify(flip)).toContainEqual([
        'anchor-forged',
        second,
      ]);
  });

  test('that somebody without the key has made are named, and what they say is not believed', async () => {
    const stranger = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 8) }]);
    const body = (await one.anchor.get(second)) as unknown as StoredAnchor; // written by anchorHeads
    const heads = [{ run: a, count: 1_000, head: 'f'.repeat(64) }];
    const digest = anchorDigest({ ...body, heads });
    const forged: Json = { ...body, heads, digest, signature: await stranger.sign(anchorText(digest)) };
    const { problems } = await verifyAudit({
      ...one,
      anchor: withAnchors(one.anchor, (name, was) => (name === second ? forged : was)),
    });
    expect(problems.map(({ code, anchor }) => [code, anchor])).toContainEqual(['anchor-forged', second]);
    expect(problems.filter(({ run }) => run !== undefined)).toEqual([]);
  });

  test('that were signed but do not follow each other are named', async () => {
    const body = (await one.anchor.get(second)) as unknown as StoredAnchor; // written by anchorHeads
    const previous = 'f'.repeat(64);
    const digest = anchorDigest({ ...body, previous });
    const other: Json = { ...body, previous, digest, signature: await signer.sign(anchorText(digest)) };
    const found = await audited((name, was) => (name === second ? other : was));
    expect(found).toContainEqual(['anchor-unchained', second]);
  });

  test('stay good when a new key signs and the old one is still in the ring', async () => {
    const [oldKey, newKey] = [
      { id: 'test', secret: Buffer.alloc(32, 7) },
      { id: 'next', secret: Buffer.alloc(32, 9) },
    ];
    expect((await verifyAudit({ ...one, signer: hmacSigner([newKey, oldKey]) })).problems).toEqual([]);
    expect((await verifyAudit({ ...one, signer: hmacSigner([newKey]) })).problems).toHaveLength(3);
  });
});
