import { digest, isObject, type Json } from '../model/json.ts';

/** What the hash of a journal row stands for, beside the run it belongs to. */
export type Sealed = { readonly seq: number; readonly at: string; readonly prev: string; readonly entries: Json };

/** What the first row of a run's journal follows. */
export const originOf = (runId: string): string => digest(runId);

/** The hash of a row: it binds run, place, time, the row before and everything that the row says. */
export const seal = (runId: string, { seq, at, prev, entries }: Sealed): string =>
  digest({ run: runId, seq, at, prev, entries });

/** The first record of a journal that is not what was written, and what is wrong with it. */
export type Break = {
  readonly seq: number;
  readonly code: 'record-unreadable' | 'record-missing' | 'record-out-of-place' | 'record-altered' | 'record-unchained';
  readonly message: string;
};

/** The hashes of the rows that hold together, from the first on, and the break after them where there is one. */
export type Chain = { readonly hashes: readonly string[]; readonly broken: Break | undefined };

type Row = Sealed & { readonly hash: string };
const members = 5;

/** A row as it was stored; what a row never has would be covered by no hash, and is not let pass. */
const isRow = (body: Json): body is Row =>
  isObject(body) &&
  Object.keys(body).length === members &&
  Number.isSafeInteger(body['seq']) &&
  typeof body['at'] === 'string' &&
  typeof body['prev'] === 'string' &&
  typeof body['hash'] === 'string' &&
  Array.isArray(body['entries']);

const numberOf = (body: Json): number => (isRow(body) ? body.seq : -1);

function misplaced(bodies: readonly Json[], { seq: found }: Row, seq: number): Break {
  if (found > seq && !bodies.some((body) => numberOf(body) === seq))
    return { seq, code: 'record-missing', message: `record ${seq} is missing; record ${found} stands in its place` };
  return { seq, code: 'record-out-of-place', message: `record ${found} stands where record ${seq} belongs` };
}

function breakAt(runId: string, bodies: readonly Json[], seq: number, prev: string): Break | Row {
  const row = bodies[seq] ?? null;
  if (!isRow(row)) return { seq, code: 'record-unreadable', message: `record ${seq} is not a record of a journal` };
  if (row.seq !== seq) return misplaced(bodies, row, seq);
  if (row.hash !== seal(runId, row))
    return { seq, code: 'record-altered', message: `record ${seq} does not say what it said when it was written` };
  if (row.prev !== prev)
    return { seq, code: 'record-unchained', message: `record ${seq} does not follow the record before it` };
  return row;
}

/** Holds the stored rows of a run's journal against their hashes, one by one, up to the first that does not hold. */
export function checkChain(runId: string, bodies: readonly Json[]): Chain {
  const hashes: string[] = [];
  let prev = originOf(runId);
  for (const seq of bodies.keys()) {
    const found = breakAt(runId, bodies, seq, prev);
    if ('code' in found) return { hashes, broken: found };
    prev = found.hash;
    hashes.push(prev);
  }
  return { hashes, broken: undefined };
}
