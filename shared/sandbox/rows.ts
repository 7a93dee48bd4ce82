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
};

/** All rows of all tables, by table and key. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Version = { readonly at: number; readonly row: unknown };

export function createRows(clock: VirtualClock): Rows {
  const tables = new Map<string, Map<string, Version[]>>();
  const lags = new Map<string, number>();
  const keysOf = (name: string) => tables.get(name) ?? new Map<string, Version[]>();

  const write = (name: string, key: string, row: unknown): void => {
    const keys = keysOf(name);
    tables.set(name, keys);
    keys.set(key, [...(keys.get(key) ?? []), { at: clock.milliseconds, row: structuredClone(row) }]);
  };
  const viewAt = (instant: (lag: string) => number): View => {
    const read = (versions: readonly Version[] | undefined, lag: string): unknown =>
      structuredClone(versions?.findLast(({ at }) => at <= instant(lag))?.row);
    return {
      get: <T>({ name, lag }: Table<T>, key: string) => read(keysOf(name).get(key), lag) as T | undefined, // a table holds its own rows only
      all: <T>({ name, lag }: Table<T>) =>
        [...keysOf(name)].flatMap(([key, versions]) => {
          const row = read(versions, lag);
          return row === undefined ? [] : [[key, row as T] as const]; // as above
        }),
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
    snapshot: () =>
      Object.fromEntries(
        [...tables.keys()].sort().map((name) => [name, Object.fromEntries(fresh.all({ name, lag: '' }))]),
      ),
  };
}
