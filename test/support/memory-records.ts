import { recordBody } from '../../shared/adapters/record-body.ts';
import { CordonError } from '../../shared/model/error.ts';
import { canonical, digest, type Json } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Draft, Kind, Records, Stored } from '../../shared/ports/records.ts';

/** Records and evidence in this process, of which copies are cheap: what nobody writes is shared. */
export type MemoryStore = {
  readonly records: Records;
  readonly evidence: Evidence;
  /** How often anything was written. */
  readonly writes: number;
  /** Everything of a kind as it is now. */
  all(kind: Kind): readonly Stored[];
  readonly kinds: readonly Kind[];
  /** Overwrites evidence behind the port's back. */
  alter(key: string, body: Json): void;
  /** The same store, to go on apart. */
  fork(): MemoryStore;
};

type Items = ReadonlyMap<string, Stored>;
type Origin = {
  readonly kinds: ReadonlyMap<Kind, Items>;
  readonly evidence: ReadonlyMap<string, Json>;
  readonly writes: number;
};
const nothing: Origin = { kinds: new Map(), evidence: new Map(), writes: 0 };

/** What was read can be shared, because nobody can change it. */
function frozen(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

const copied = (text: string): Json => frozen(JSON.parse(text));
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A store for tests that go on from one state many times over. */
export function memoryStore(from: Origin = nothing): MemoryStore {
  const kinds = new Map(from.kinds);
  const evidence = new Map(from.evidence);
  let { writes } = from;
  const itemsOf = (kind: Kind): Items => kinds.get(kind) ?? new Map();
  const write = ({ kind, id, group, due }: Draft, text: string, version: number): true => {
    const body = copied(text);
    const stored = {
      kind,
      id,
      version,
      body,
      ...(group !== undefined && { group }),
      ...(due !== undefined && { due }),
    };
    kinds.set(kind, new Map(itemsOf(kind)).set(id, Object.freeze(stored)));
    writes += 1;
    return true;
  };
  const chosen = (kind: Kind, fits: (one: Stored) => boolean): Stored[] => [...itemsOf(kind).values()].filter(fits);
  const records: Records = {
    async create(draft) {
      const text = recordBody(draft);
      return !itemsOf(draft.kind).has(draft.id) && write(draft, text, 1);
    },
    read: async (kind, id) => itemsOf(kind).get(id),
    async replace(draft, version) {
      const text = recordBody(draft);
      return itemsOf(draft.kind).get(draft.id)?.version === version && write(draft, text, version + 1);
    },
    list: async (kind, group, limit) =>
      chosen(kind, (one) => one.group === group)
        .sort((a, b) => byText(a.id, b.id))
        .slice(0, limit),
    listDue: async (kind, before, limit) =>
      chosen(kind, ({ due }) => due !== undefined && due <= before)
        .sort((a, b) => byText(a.due ?? '', b.due ?? '') || byText(a.id, b.id))
        .slice(0, limit),
  };
  return {
    records,
    evidence: {
      async put(value) {
        const key = digest(value);
        if (!evidence.has(key)) writes += 1;
        evidence.set(key, evidence.get(key) ?? copied(canonical(value)));
        return key;
      },
      async get(key) {
        const value = evidence.get(key);
        if (value === undefined || digest(value) === key) return value;
        throw new CordonError({ code: 'evidence-altered', message: `evidence ${key} was altered in the store` });
      },
    },
    get writes() {
      return writes;
    },
    get kinds() {
      return [...kinds.keys()];
    },
    all: (kind) => [...itemsOf(kind).values()],
    alter: (key, body) => void evidence.set(key, frozen(structuredClone(body))),
    fork: () => memoryStore({ kinds, evidence, writes }),
  };
}
