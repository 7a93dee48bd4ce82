import type { VirtualClock } from './clock.ts';

/** One kind of thing in the simulated clouds; `lag` names the delayed consistency it is subject to. */
export type Table<T> = { readonly name: string; readonly lag: string; readonly row?: T };

/** Declares a table; the service before the first dot names its lag. */
export const table = <T>(name: string): Table<T> => ({ name, lag: name.split('.').slice(0, 2).join('.') });

/** Rows as they are, or as a service that lags behind its writes shows them. */
export type View = {
  get<T>(of: Table<T>, key: string): T | undefined;
  /** In the order in which keys first appeared. */
  all<T>(of: Table<T>): readonly (readonly [key: string, row: T])[];
};

/** The state of the simulated clouds: every row with its history, so that reads can lag behind writes. */
export type Rows = View & {
  put<T>(of: Table<T>, key: string, row: T): void;
  delete<T>(of: Table<T>, key: string): void;
  /** What a reader sees whose service lags. */
  readonly lagged: View;
  /** Seconds by which reads lag, for a service such as `aws.iam`; 0 unless set. */
  setLag(service: string, seconds: number): void;
  /** All rows of all tables as they are now: for comparing states. */
  snapshot(): Snapshot;
  /** Puts a snapshot in the place of what is there. */
  restore(snapshot: Snapshot): void;
  /** The same rows with their history and lags, to go on apart under another clock. Costs little: what nobody writes is shared. */
  fork(clock: VirtualClock): Rows;
};

/** All rows of all tables, by table and key; a table that holds none is not in it. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Version = { readonly at: number; readonly row: unknown };
type Keys = Map<string, readonly Version[]>;
/** What was listed of a table since its last write, for whoever is not behind it. */
type Listed = { readonly since: number; readonly list: readonly (readonly [string, unknown])[] };
type Origin = {
  readonly tables: ReadonlyMap<string, Keys>;
  readonly lags: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, Listed>;
};
const nothing: Origin = { tables: new Map(), lags: new Map(), lists: new Map() };

/** Nobody can change what was written: neither who wrote it nor who reads it. Bytes cannot be frozen. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

/** Rows that were copied and frozen before: whoever puts one again, as a snapshot does, shares it. */
const alreadyKept = new WeakSet<object>();

function kept(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || alreadyKept.has(row)) return row;
  const copy: object = structuredClone(row);
  frozen(copy);
  alreadyKept.add(copy);
  return copy;
}

export function createRows(clock: VirtualClock, from: Origin = nothing): Rows {
  const tables = new Map(from.tables);
  const lags = new Map(from.lags);
  const lists = new Map(from.lists);
  /** Tables that no fork shares. */
  const own = new Set<string>();
  const keysOf = (name: string): Keys => tables.get(name) ?? new Map();

  const write = (name: string, key: string, row: unknown): void => {
    const keys: Keys = own.has(name) ? keysOf(name) : new Map(keysOf(name));
    tables.set(name, keys);
    own.add(name);
    lists.delete(name);
    keys.set(key, [...(keys.get(key) ?? []), { at: clock.milliseconds, row: kept(row) }]);
  };
  const viewAt = (instant: (lag: string) => number): View => {
    const read = (versions: readonly Version[] | undefined, until: number): unknown => {
      const last = versions?.at(-1);
      return last && last.at <= until ? last.row : versions?.findLast(({ at }) => at <= until)?.row;
    };
    return {
      get: <T>({ name, lag }: Table<T>, key: string) => read(keysOf(name).get(key), instant(lag)) as T | undefined, // a table holds its own rows only
      all<T>({ name, lag }: Table<T>) {
        const until = instant(lag);
        const known = lists.get(name);
        if (known && known.since <= until) return known.list as readonly (readonly [key: string, row: T])[]; // as above
        const list: (readonly [key: string, row: T])[] = [];
        let since = Number.NEGATIVE_INFINITY;
        for (const [key, versions] of keysOf(name)) {
          since = Math.max(since, versions.at(-1)?.at ?? since);
          const row = read(versions, until);
          if (row !== undefined) list.push([key, row as T]); // as above
        }
        if (since <= until) lists.set(name, { since, list });
        return list;
      },
    };
  };
  const fresh = viewAt(() => clock.milliseconds);
  return {
    ...fresh,
    lagged: viewAt((lag) => clock.milliseconds - (lags.get(lag) ?? 0) * 1_000),
    put: ({ name }, key, row) => write(name, key, row),
    delete: ({ name }, key) => write(name, key, undefined),
    setLag: (service, seconds) => void lags.set(service, seconds),
    restore(snapshot) {
      for (const [name, keys] of tables) for (const key of keys.keys()) write(name, key, undefined);
      for (const [name, saved] of Object.entries(snapshot))
        for (const [key, row] of Object.entries(saved)) write(name, key, row);
    },
    fork(other) {
      own.clear();
      return createRows(other, { tables, lags, lists });
    },
    snapshot: () =>
      Object.fromEntries(
        [...tables.keys()]
          .sort()
          .map((name) => [name, Object.fromEntries(fresh.all({ name, lag: '' }))] as const)
          .filter(([, saved]) => Object.keys(saved).length > 0),
      ),
  };
}
