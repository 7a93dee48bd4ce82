import { memoryAnchor } from '../../shared/adapters/system/folder-anchor.ts';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Anchor } from '../../shared/ports/anchor.ts';
import type { Draft, Records, Stored } from '../../shared/ports/records.ts';
import type { AnchorDeps } from '../../shared/records/anchors.ts';
import { originOf, seal } from '../../shared/records/chain.ts';
import { type Entry, openJournal } from '../../shared/records/journal.ts';
import type { VirtualClock } from '../../shared/sandbox/clock.ts';
import { memory } from './store.ts';

export const signer = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 7) }]);
export const reply = (key: string): Entry => ({ type: 'reply', key, reply: { ok: true, value: key } });

/** 26 characters as run ids have them. */
export const runNamed = (letter: string): string => letter.repeat(26);

export type Ledger = AnchorDeps & {
  readonly clock: VirtualClock;
  /** Opens a run now. */
  begin(run: string): Promise<void>;
  /** Writes so many records into its journal. */
  work(run: string, count: number): Promise<void>;
  end(run: string): Promise<void>;
};

/** Runs and journals in memory, with anchors and a key. */
export function ledger(): Ledger {
  const { records, clock } = memory();
  const anchor = memoryAnchor();
  const put = async (run: string, endedAt: string | null): Promise<void> => {
    const stored = await records.read('run', run);
    const group = stored?.group ?? clock.now().slice(0, 10);
    const draft: Draft = { kind: 'run', id: run, group, body: { order: { id: run }, endedAt } };
    if (!(stored ? await records.replace(draft, stored.version) : await records.create(draft)))
      throw new Error(`run ${run} was not written`);
  };
  return {
    records,
    clock,
    anchor,
    signer,
    begin: (run) => put(run, null),
    async work(run, count) {
      const journal = await openJournal({ records, clock }, run);
      for (let at = 0; at < count; at += 1) await journal.commit(reply(`key-${at}`));
    },
    end: (run) => put(run, clock.now()),
  };
}

/** The same records with the journal of one run read otherwise, as after somebody had their hands in the store. */
export const withJournal = (
  records: Records,
  run: string,
  rows: (rows: readonly Stored[]) => readonly Stored[],
): Records => ({
  ...records,
  list: async (kind, group) => {
    const listed = await records.list(kind, group);
    return kind === 'journal' && group === run ? rows(listed) : listed;
  },
});

/** Journal rows written anew by somebody who knows how they are sealed. */
export function resealed(run: string, rows: readonly Stored[]): readonly Stored[] {
  let prev = originOf(run);
  return rows.map((row, seq) => {
    const { at, entries } = row.body as { at: string; entries: Json }; // rows of a journal
    const open = { seq, at, prev, entries };
    prev = seal(run, open);
    return { ...row, body: { ...open, hash: prev } };
  });
}

/** Anchors with some read otherwise, or not at all. */
export const withAnchors = (
  anchor: Anchor,
  change: (name: string, body: Json | undefined) => Json | undefined,
): Anchor => ({
  ...anchor,
  async list() {
    const names = await anchor.list();
    const kept = await Promise.all(names.map(async (name) => change(name, await anchor.get(name))));
    return names.filter((_, at) => kept[at] !== undefined);
  },
  get: async (name) => change(name, await anchor.get(name)),
});
