import type { Address } from './address.ts';
import { blockOf } from './arguments.ts';
import { type Tree, treeOf } from './collect.ts';
import type { Condition, Test } from './condition.ts';
import { addressOf, type Leaf, leafOf, type Scalar } from './leaf.ts';
import { insert } from './ordered.ts';
import type { Field, Pattern } from './parse.ts';
import { type Prefixes, prefixesOf } from './prefixes.ts';

/** One path of the patterns, and its leaves in the event at hand. */
export type Slot = {
  readonly path: string;
  /** Position among all paths in their order. */
  number: number;
  /** The path alone, made when it is first looked for. */
  tree: Tree | undefined;
  run: number;
  first: Leaf | undefined;
};

/** What a clause said about the event at hand. `bound`: it holds only inside array elements; `contested`: it asks for absence there. */
export type Verdict = 'missed' | 'free' | 'bound' | 'contested';

/** A field of some AND-maps with its alternatives; the same one is shared by all of them and judged once per event. */
export type Clause = {
  readonly conditions: readonly Condition[];
  readonly slot: Slot;
  /** Prepared when it is first judged. */
  tests: readonly Test[] | undefined;
  /** Whether an absent field is one of the alternatives. */
  readonly absent: boolean;
  /** In how many AND-maps it stands. */
  uses: number;
  run: number;
  verdict: Verdict;
  hits: readonly Leaf[];
};

/** One AND-map of an entry, its clauses in the order of judging. */
export type Plan = { readonly entry: number; readonly clauses: readonly Clause[]; run: number };

/** The AND-maps filed under one path, by a condition that has to hold for them. */
export type File = {
  readonly exact: ReadonlyMap<Scalar, readonly Plan[]>;
  readonly addresses: ReadonlyMap<Address, readonly Plan[]>;
  readonly prefixes: Prefixes<readonly Plan[]>;
  /** For each size of block, the plans by the first address of their block. */
  readonly blocks: readonly { readonly size: Address; readonly plans: ReadonlyMap<Address, readonly Plan[]> }[];
  /** Those that any value of the path makes worth a look. */
  readonly present: readonly Plan[];
};

/**
 * Many patterns, compiled for `matching`. It carries the scratch marks of the event at hand (`run`, `verdict`, ...): one event
 * is matched at a time, which synchronous code cannot but do.
 */
export type Matcher<T> = {
  readonly ids: readonly T[];
  readonly plans: readonly Plan[];
  readonly slots: readonly Slot[];
  /** By slot, what is filed there. */
  readonly files: readonly (File | undefined)[];
  /** The paths with a file: all that most events are looked at for. */
  readonly filed: Tree;
  readonly filedSlots: readonly Slot[];
  /** AND-maps that hold without any field. */
  readonly always: readonly Plan[];
  /** Number of the event at hand. */
  run: number;
};

/** What is filed under one key, and how many AND-maps could be. */
type Drawer = { readonly plans: Plan[]; uses: number };

/** A path in the making: its drawers, and its clauses by what they say. */
type Cabinet = {
  readonly slot: Slot;
  readonly exact: Map<Scalar, Drawer>;
  readonly addresses: Map<Address, Drawer>;
  readonly prefixes: Map<string, Drawer>;
  readonly blocks: Map<Address, Map<Address, Drawer>>;
  readonly present: Drawer;
  /** Clauses of one exact value, the most frequent kind by far. */
  readonly plain: Map<Scalar, Draft>;
  /** All other clauses, by their text. */
  readonly other: Map<Scalar, Draft>;
};

/** A clause in the making. */
type Draft = {
  readonly clause: Clause;
  /** They together catch every event in which it holds; "any value" when not selective. */
  readonly drawers: readonly Drawer[];
  readonly selective: boolean;
  /** How many AND-maps an event has to be compared with when one is filed by this clause. */
  cost: number;
  /** Where it stands among the clauses of an AND-map. */
  rank: number;
};

/** The value of a key, made when it is first asked for. */
function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}

const emptyDrawer = (): Drawer => ({ plans: [], uses: 0 });
const drawerOf = <K>(drawers: Map<K, Drawer>, key: K): Drawer => entryOf(drawers, key, emptyDrawer);

function drawerFor(condition: Condition, cabinet: Cabinet): Drawer {
  if (condition.kind === 'prefix' && !condition.ignoreCase) return drawerOf(cabinet.prefixes, condition.text);
  if (condition.kind === 'cidr') {
    const { size, base } = blockOf(condition.text, undefined);
    return drawerOf(
      entryOf(cabinet.blocks, size, () => new Map()),
      base,
    );
  }
  if (condition.kind !== 'exactly') return cabinet.present;
  const address = condition.address ? addressOf(leafOf(0, condition.value, undefined)) : null;
  return address === null ? drawerOf(cabinet.exact, condition.value) : drawerOf(cabinet.addresses, address);
}

const asksForAbsence = (condition: Condition): boolean => condition.kind === 'exists' && !condition.exists;

const noLeaves: readonly Leaf[] = [];

function draftOf(conditions: readonly Condition[], cabinet: Cabinet): Draft {
  const drawers = conditions.map((condition) => drawerFor(condition, cabinet));
  const selective = !drawers.includes(cabinet.present);
  const clause: Clause = {
    conditions,
    slot: cabinet.slot,
    tests: undefined,
    absent: conditions.some(asksForAbsence),
    uses: 0,
    run: 0,
    verdict: 'missed',
    hits: noLeaves,
  };
  return { clause, drawers: selective ? drawers : [cabinet.present], selective, cost: 0, rank: 0 };
}

function emptyCabinet(path: string): Cabinet {
  return {
    slot: { path, number: 0, tree: undefined, run: 0, first: undefined },
    exact: new Map(),
    addresses: new Map(),
    prefixes: new Map(),
    blocks: new Map(),
    present: emptyDrawer(),
    plain: new Map(),
    other: new Map(),
  };
}

/** What makes two conditions the same. Texts carry their length, so that nothing in them can be taken for what follows. */
function textOf(condition: Condition): string {
  if (condition.kind === 'exactly') {
    const value = String(condition.value);
    return `${condition.address} ${typeof condition.value} ${value.length} ${value} `;
  }
  if (condition.kind === 'numeric') return `numeric ${condition.bounds.join(' ')} `;
  if (condition.kind !== 'prefix' && condition.kind !== 'suffix') return JSON.stringify(condition);
  return `${condition.kind} ${condition.ignoreCase} ${condition.text.length} ${condition.text} `;
}

function textOfAll(conditions: readonly Condition[]): string {
  let text = '';
  for (const condition of conditions) text += textOf(condition);
  return text;
}

function draftIn(cabinet: Cabinet, { conditions }: Field): Draft {
  const only = conditions.length === 1 ? conditions[0] : undefined;
  const plain = only?.kind === 'exactly' && !only.address;
  const drafts: Map<Scalar, Draft> = plain ? cabinet.plain : cabinet.other;
  const key = plain ? only.value : textOfAll(conditions);
  let draft = drafts.get(key);
  if (draft === undefined) {
    draft = draftOf(conditions, cabinet);
    drafts.set(key, draft);
  }
  return draft;
}

/** The one clause for all fields that say the same. */
function shared(field: Field, cabinets: Map<string, Cabinet>): Draft {
  let cabinet = cabinets.get(field.path);
  if (cabinet === undefined) {
    cabinet = emptyCabinet(field.path);
    cabinets.set(field.path, cabinet);
  }
  const draft = draftIn(cabinet, field);
  draft.clause.uses++;
  return draft;
}

function filled<K>(drawers: ReadonlyMap<K, Drawer>): Map<K, readonly Plan[]> {
  const plans = new Map<K, readonly Plan[]>();
  for (const [key, drawer] of drawers) if (drawer.plans.length > 0) plans.set(key, drawer.plans);
  return plans;
}

function fileOf({ exact, addresses, prefixes, blocks, present }: Cabinet): File | undefined {
  const file: File = {
    exact: filled(exact),
    addresses: filled(addresses),
    prefixes: prefixesOf(filled(prefixes)),
    blocks: Array.from(blocks, ([size, plans]) => ({ size, plans: filled(plans) })).filter(
      ({ plans }) => plans.size > 0,
    ),
    present: present.plans,
  };
  const drawers = file.exact.size + file.addresses.size + file.prefixes.length + file.blocks.length;
  return drawers + present.plans.length > 0 ? file : undefined;
}

/** Any value at all is the last resort. */
const unselective = 1e9;

function costOf({ clause, drawers, selective }: Draft): number {
  if (clause.absent) return Number.POSITIVE_INFINITY;
  let sum = selective ? 0 : unselective;
  for (const drawer of drawers) sum += drawer.uses;
  return sum;
}

/** Says of every clause, once all uses are known, how well it files and when it is judged. */
function weigh({ plain, other }: Cabinet): void {
  const drafts = [...plain.values(), ...other.values()];
  for (const { clause, drawers } of drafts) for (const drawer of drawers) drawer.uses += clause.uses;
  for (const draft of drafts) {
    const { uses } = draft.clause;
    draft.cost = costOf(draft);
    draft.rank = draft.selective ? uses : unselective - uses;
  }
}

/** Selective clauses first, the rarest foremost; of the others those that most AND-maps share and have judged already. */
const byRank = (a: Draft, b: Draft): number => a.rank - b.rank;

function cheapest(drafts: readonly Draft[]): Draft | undefined {
  let best: Draft | undefined;
  for (const draft of drafts) if (draft.cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = draft;
  return best;
}

/** Files an AND-map under its cheapest clause, which is then the last to look at: it is known to be met. */
function planOf(entry: number, drafts: readonly Draft[], always: Plan[]): Plan {
  const best = cheapest(drafts);
  const ordered: Draft[] = [];
  for (const draft of drafts) if (draft !== best) insert(ordered, draft, byRank);
  if (best !== undefined) ordered.push(best);
  const plan = { entry, clauses: ordered.map(({ clause }) => clause), run: 0 };
  if (best === undefined) always.push(plan);
  else for (const { plans } of best.drawers) plans.push(plan);
  return plan;
}

/** One matcher over many patterns. */
export function compile<T>(entries: readonly { readonly id: T; readonly pattern: Pattern }[]): Matcher<T> {
  const byPath = new Map<string, Cabinet>();
  const drafts = entries.map(({ pattern }) =>
    pattern.alternatives.map((fields) => fields.map((field) => shared(field, byPath))),
  );
  const cabinets = [...byPath.values()].sort((a, b) => (a.slot.path < b.slot.path ? -1 : 1));
  for (const [number, cabinet] of cabinets.entries()) {
    cabinet.slot.number = number;
    weigh(cabinet);
  }
  const always: Plan[] = [];
  const plans = drafts.flatMap((alternatives, entry) => alternatives.map((fields) => planOf(entry, fields, always)));
  const files = cabinets.map((cabinet) => fileOf(cabinet));
  const slots = cabinets.map(({ slot }) => slot);
  const filedSlots = slots.filter(({ number }) => files[number] !== undefined);
  return {
    ids: entries.map(({ id }) => id),
    plans,
    slots,
    files,
    filed: treeOf(filedSlots),
    filedSlots,
    always,
    run: 0,
  };
}
