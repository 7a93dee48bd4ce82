import { describe, expect, test } from 'vitest';
import type { Records } from '../../shared/ports/records.ts';
import { anchorHeads, anchorName, type StoredAnchor } from '../../shared/records/anchors.ts';
import { verifyAudit } from '../../shared/records/verify-audit.ts';
import { type Ledger, ledger, runNamed } from '../support/audit.ts';

const [a, b, c] = [runNamed('a'), runNamed('b'), runNamed('c')];
const day = 86_400;

const anchors = async ({ anchor }: Ledger): Promise<StoredAnchor[]> =>
  Promise.all((await anchor.list()).map(async (name) => (await anchor.get(name)) as unknown as StoredAnchor)); // written by anchorHeads
const heads = async (one: Ledger): Promise<string[][]> =>
  (await anchors(one)).map((anchor) => anchor.heads.map(({ run, count }) => `${run[0]}${count}`).sort());

describe('anchoring', () => {
  test('writes the heads of what has grown, chained and signed, and nothing when nothing has', async () => {
    const one = ledger();
    expect(await anchorHeads(one)).toBe(0);
    await one.begin(a);
    await one.begin(b);
    expect(await anchorHeads(one)).toBe(0);
    await one.work(a, 3);
    await one.work(b, 1);
    expect(await anchorHeads(one)).toBe(2);
    expect(await anchorHeads(one)).toBe(0);
    await one.work(a, 2);
    expect(await anchorHeads(one)).toBe(1);
    expect(await heads(one)).toEqual([['a3', 'b1'], ['a5']]);
    const [first, second] = await anchors(one);
    expect(second?.previous).toBe(first?.digest);
    expect(await verifyAudit(one)).toMatchObject({ runs: 2, records: 6, anchors: 2, unanchored: 0, problems: [] });
  });

  test('finds the run that has waited for weeks and goes on', async () => {
    const one = ledger();
    await one.begin(a);
    await one.work(a, 2);
    await anchorHeads(one);
    for (let week = 0; week < 6; week += 1) {
      one.clock.advance(7 * day);
      const other = `${b.slice(0, -1)}${'abcdef'[week]}`;
      await one.begin(other);
      await one.work(other, 1);
      await one.end(other);
      expect(await anchorHeads(one)).toBe(1);
    }
    await one.work(a, 1);
    expect(await anchorHeads(one)).toBe(1);
    expect((await heads(one)).at(-1)).toEqual(['a3']);
  });

  test('finds what a run writes after it has ended, and runs that a list told of late', async () => {
    const one = ledger();
    let hidden = true;
    const lagging: Records = {
      ...one.records,
      list: async (kind, group) =>
        (await one.records.list(kind, group)).filter(({ id }) => !(hidden && kind === 'run' && id === b)),
    };
    for (const run of [a, b]) {
      await one.begin(run);
      await one.work(run, 1);
    }
    await one.end(a);
    expect(await anchorHeads({ ...one, records: lagging })).toBe(1);
    one.clock.advance(day);
    await one.work(a, 1);
    hidden = false;
    expect(await anchorHeads({ ...one, records: lagging })).toBe(2);
    expect(await heads(one)).toEqual([['a1'], ['a2', 'b1']]);
  });

  test('forgets what is long over and does not anchor it again', async () => {
    const one = ledger();
    await one.begin(a);
    await one.work(a, 1);
    await one.end(a);
    for (let at = 0; at < 12; at += 1) {
      const run = `${c.slice(0, -1)}${'abcdefghijkl'[at]}`;
      await one.begin(run);
      await one.work(run, 1);
      await one.end(run);
      await anchorHeads(one);
      one.clock.advance(day);
    }
    const all = await anchors(one);
    expect(all.flatMap((anchor) => anchor.heads).filter(({ run }) => run === a)).toHaveLength(1);
    expect(all.at(-1)?.watching?.some(({ run }) => run === a)).toBe(false);
    expect(all.at(-1)?.watching?.length).toBeLessThanOrEqual(6);
  });

  test('of more heads than fit makes several parts, and a part that is lost is written the next time', async () => {
    const one = ledger();
    const letters = [...'abcdefghijklmnopqrstuvwxyz234567'];
    const runs = letters.flatMap((x) =>
      letters.flatMap((y) => ['a', 'b', 'c'].map((z) => `${a.slice(3)}${x}${y}${z}`)),
    );
    for (const run of runs.slice(0, 2_500)) {
      await one.begin(run);
      await one.work(run, 1);
    }
    let puts = 0;
    const dying = {
      ...one,
      anchor: {
        ...one.anchor,
        put: async (name: string, body: Parameters<typeof one.anchor.put>[1]) => {
          puts += 1;
          if (puts === 2) throw new Error('the process died');
          return one.anchor.put(name, body);
        },
      },
    };
    await expect(anchorHeads(dying)).rejects.toThrow('died');
    expect(await verifyAudit(one)).toMatchObject({ anchors: 1, unanchored: 500, problems: [] });
    expect(await anchorHeads(one)).toBe(500);
    expect((await anchors(one)).map((anchor) => anchor.heads.length)).toEqual([2_000, 500]);
    expect(await verifyAudit(one)).toMatchObject({ anchors: 2, unanchored: 0, problems: [] });
  });

  test('by two processes at the same time makes one chain', async () => {
    const one = ledger();
    for (const run of [a, b, c]) {
      await one.begin(run);
      await one.work(run, 2);
    }
    await Promise.all([anchorHeads(one), anchorHeads(one), anchorHeads(one)]);
    expect(await anchors(one)).toHaveLength(1);
    expect(await verifyAudit(one)).toMatchObject({ anchors: 1, unanchored: 0, problems: [] });
  });

  test('goes on past a name that a stranger has taken', async () => {
    const one = ledger();
    await one.begin(a);
    await one.work(a, 1);
    await anchorHeads(one);
    await one.anchor.put(anchorName(1), { forged: true });
    await one.work(a, 1);
    expect(await anchorHeads(one)).toBe(1);
    expect(await one.anchor.list()).toEqual([0, 1, 2].map(anchorName));
    expect((await verifyAudit(one)).problems.map(({ code, anchor }) => [code, anchor])).toEqual([
      ['anchor-forged', anchorName(1)],
    ]);
  });
});
