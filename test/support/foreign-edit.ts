import type { Settings } from '../../shared/config/settings.ts';
import type { Table } from '../../shared/sandbox/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

/** Something that somebody else does between a containment and its release. */
export type ForeignEdit = {
  /** What they do, as it reads after "…: ". */
  readonly name: string;
  make(sandbox: Sandbox): void;
  /** Resources that the release leaves to them and names; told apart by the end of their name. */
  readonly moved?: readonly string[];
  /** Lines of Cordon's own that stay because of the edit. */
  readonly stays?: RegExp;
};

/** A shipped playbook with the event that starts it, and what others may do to what it has changed. */
export type EditedPlaybook = {
  readonly playbook: string;
  readonly event: string;
  /** Lines that no release takes back: evidence, and what cannot be taken back. */
  readonly keeps?: RegExp;
  /** Settings that it needs beside those of the company. */
  readonly settings?: Partial<Settings>;
  readonly edits: readonly ForeignEdit[];
};

/** Changes one row behind Cordon's back; the estate, or Cordon, has made it. */
export function change<T extends object>(
  { rows }: Pick<Sandbox, 'rows'>,
  of: Table<T>,
  key: string,
  next: (row: NoInfer<T>) => Partial<NoInfer<T>>,
): void {
  const row = rows.get(of, key);
  if (!row) throw new Error(`${of.name} has no ${key}`);
  rows.put(of, key, { ...row, ...next(row) });
}

/** The one row that a table has and of which something holds. */
export function only<T>({ rows }: Pick<Sandbox, 'rows'>, of: Table<T>, holds: (row: T) => boolean): [string, T] {
  const found = rows.all(of).filter(([, row]) => holds(row));
  const [one] = found;
  if (!one || found.length > 1) throw new Error(`${of.name} has ${found.length} such rows`);
  return [...one];
}
