import * as z from 'zod';
import { CordonError } from '../model/error.ts';
import { digest, Json } from '../model/json.ts';
import type { Anchor } from '../ports/anchor.ts';
import type { Clock } from '../ports/clock.ts';
import type { Records } from '../ports/records.ts';
import type { Signer } from '../ports/signer.ts';
import { checkChain } from './chain.ts';
import { rowId } from './journal.ts';
import { sideBySide } from './side-by-side.ts';

/** How far the journal of a run had come: the number of its records and the hash of the last. */
export const Head = z.strictObject({ run: z.string(), count: z.int().positive(), head: z.string() });
export type Head = z.infer<typeof Head>;

/** A run that the next anchor looks at again, and how many of its records are anchored. */
const Watched = z.strictObject({ run: z.string(), count: z.int() });
type Watched = z.infer<typeof Watched>;

const AnchorBody = z.strictObject({
  format: z.literal(1),
  /** Place in the chain of anchors, from 0. */
  seq: z.int(),
  at: z.string(),
  /** Digest of the anchor before; empty for the first. */
  previous: z.string(),
  heads: z.array(Head),
  /** Null in all parts of one anchoring but the last. */
  watching: z.array(Watched).nullable(),
});
type AnchorBody = z.infer<typeof AnchorBody>;

/** What lies outside the records and proves how many records each run had, and which. */
export const StoredAnchor = z.strictObject({ ...AnchorBody.shape, digest: z.string(), signature: z.string() });
export type StoredAnchor = z.infer<typeof StoredAnchor>;

export type AnchorDeps = {
  readonly records: Records;
  readonly anchor: Anchor;
  readonly clock: Clock;
  readonly signer: Signer;
};

const atOnce = 16;
const headsInOne = 2_000;
/** Days before the last anchor whose runs are listed again: a list may lag, and a run may be written after it ended. */
const graceDays = 3;
/** Days after its end for which a run is watched: longer than its day is listed, so that none is taken for a new one. */
const watchDays = graceDays + 2;
const firstDays = 400;
const dayMilliseconds = 86_400_000;

/** Numbered, so that two who anchor at the same time want the same name, and one of them loses. */
export const anchorName = (seq: number): string => String(seq).padStart(10, '0');
export const anchorDigest = ({ format, seq, at, previous, heads, watching }: AnchorBody): string =>
  digest({ format, seq, at, previous, heads, watching });
/** What is signed, with its purpose in front. */
export const anchorText = (anchored: string): string => `journal-anchor/1\n${anchored}`;

type Reading = Pick<AnchorDeps, 'anchor' | 'signer'>;

/** What is wrong with one anchor by itself, or the anchor. */
export async function readAnchor({ anchor, signer }: Reading, name: string): Promise<StoredAnchor | string> {
  const { data: found } = StoredAnchor.safeParse(await anchor.get(name));
  if (!found) return 'is not an anchor';
  if (anchorName(found.seq) !== name) return `says it is anchor ${found.seq}`;
  if (anchorDigest(found) !== found.digest) return 'does not say what it said when it was signed';
  return (await signer.verify(anchorText(found.digest), found.signature)) ? found : 'is not signed by a key of ours';
}

/** Days as runs are listed by, from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = Date.parse(to.slice(0, 10));
  for (let day = Date.parse(from.slice(0, 10)); day <= end; day += dayMilliseconds)
    days.push(new Date(day).toISOString().slice(0, 10));
  return days;
}

/** An instant some days earlier. */
export const daysBefore = (instant: string, days: number): string =>
  new Date(Date.parse(instant) - days * dayMilliseconds).toISOString();

/** The first day whose runs may not be anchored: with no anchor yet, as far back as records are looked for at all. */
export const firstDay = (since: string | undefined, now: string): string =>
  since === undefined ? daysBefore(now, firstDays) : daysBefore(since, graceDays);

const Ended = z.object({ endedAt: z.string().nullish() });
export type Listed = { readonly run: string; readonly endedAt: string | undefined };

/** The runs opened on these days. */
export async function listRuns(records: Records, days: readonly string[]): Promise<readonly Listed[]> {
  const lists = await sideBySide(days, atOnce, (day) => records.list('run', day));
  return lists.flat().map(({ id, body }) => ({ run: id, endedAt: Ended.safeParse(body).data?.endedAt ?? undefined }));
}

type Last = {
  readonly anchor: StoredAnchor;
  readonly watching: readonly Watched[];
  readonly since: string | undefined;
};
type Found = { readonly last: Last | undefined; readonly next: number };

/** The newest anchor, and what the newest complete anchoring left to watch, with the heads of unfinished ones put in. */
async function lastOf(deps: AnchorDeps): Promise<Found> {
  const names = await deps.anchor.list();
  const later: StoredAnchor[] = [];
  for (const name of [...names].reverse()) {
    const one = await readAnchor(deps, name);
    if (typeof one === 'string') continue; // `verifyAudit` tells of it; it must not keep others from being anchored
    later.push(one);
    if (one.watching !== null) break;
  }
  const [newest] = later;
  if (!newest) return { last: undefined, next: names.length };
  const complete = later.find(({ watching }) => watching !== null);
  const counts = new Map((complete?.watching ?? []).map(({ run, count }) => [run, count]));
  const unfinished = later.filter(({ watching }) => watching === null);
  for (const { heads } of unfinished.reverse()) for (const { run, count } of heads) counts.set(run, count);
  const watching = Array.from(counts, ([run, count]) => ({ run, count }));
  return { last: { anchor: newest, watching, since: complete?.at }, next: newest.seq + 1 };
}

/** The head of a run whose journal has grown; only what holds together is anchored. */
async function grown({ records }: AnchorDeps, { run, count }: Watched): Promise<Head | undefined> {
  if (!(await records.read('journal', rowId(run, count)))) return undefined;
  const bodies = (await records.list('journal', run)).map(({ body }) => body);
  const { hashes } = checkChain(run, bodies);
  const head = hashes.at(-1);
  return head !== undefined && hashes.length > count ? { run, count: hashes.length, head } : undefined;
}

type Round = Found & { readonly heads: readonly Head[]; readonly watching: readonly Watched[] };

async function look(deps: AnchorDeps): Promise<Round> {
  const { records, clock } = deps;
  const now = clock.now();
  const { last, next } = await lastOf(deps);
  const listed = await listRuns(records, daysBetween(firstDay(last?.since, now), now));
  const counts = new Map(listed.map(({ run }) => [run, 0]));
  for (const { run, count } of last?.watching ?? []) counts.set(run, count);
  const looked = Array.from(counts, ([run, count]) => ({ run, count }));
  const heads = (await sideBySide(looked, atOnce, (one) => grown(deps, one))).filter((one) => one !== undefined);
  for (const { run, count } of heads) counts.set(run, count);
  return { heads, last, next, watching: await stillWatched(records, counts, listed, now) };
}

/** Runs that are not over, or have not been for long, are looked at again; so are those that nobody can read now. */
async function stillWatched(
  records: Records,
  counts: ReadonlyMap<string, number>,
  listed: readonly Listed[],
  now: string,
): Promise<readonly Watched[]> {
  const known = new Map(listed.map(({ run, endedAt }) => [run, endedAt]));
  const unlisted = [...counts.keys()].filter((run) => !known.has(run));
  await sideBySide(unlisted, atOnce, async (run) => {
    const stored = await records.read('run', run);
    known.set(run, Ended.safeParse(stored?.body).data?.endedAt ?? undefined);
  });
  const over = daysBefore(now, watchDays);
  return Array.from(counts, ([run, count]) => ({ run, count })).filter(({ run }) => {
    const endedAt = known.get(run);
    return endedAt === undefined || endedAt > over;
  });
}

/** Puts one anchor under the next free name; undefined when another anchoring has got there first. */
async function putNext(deps: AnchorDeps, part: AnchorBody): Promise<StoredAnchor | undefined> {
  for (let { seq } = part; ; seq += 1) {
    const numbered = { ...part, seq };
    const name = anchorDigest(numbered);
    const signed = { ...numbered, digest: name, signature: await deps.signer.sign(anchorText(name)) };
    if (await deps.anchor.put(anchorName(seq), Json.parse(signed))) return signed;
    if (typeof (await readAnchor(deps, anchorName(seq))) !== 'string') return undefined;
  }
}

/** Writes the parts of one anchoring, each chained to the one before; false when somebody else was at it too. */
async function write(deps: AnchorDeps, { heads, watching, last, next }: Round): Promise<boolean> {
  let [seq, previous] = [next, last?.anchor.digest ?? ''];
  for (let at = 0; at < heads.length; at += headsInOne) {
    const isLast = at + headsInOne >= heads.length;
    const put = await putNext(deps, {
      format: 1,
      seq,
      at: deps.clock.now(),
      previous,
      heads: heads.slice(at, at + headsInOne),
      watching: isLast ? [...watching] : null,
    });
    if (!put) return false;
    [seq, previous] = [put.seq + 1, put.digest];
  }
  return true;
}

/**
 * Puts the heads of all journals that have grown since the last time outside the records, signed and chained, and
 * answers with how many there were. Nothing new, nothing written. From then on nobody can shorten such a journal,
 * rewrite it or take it away without being found out by `verifyAudit`.
 */
export async function anchorHeads(deps: AnchorDeps): Promise<number> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const round = await look(deps);
    if (round.heads.length === 0 || (await write(deps, round))) return round.heads.length;
  }
  throw new CordonError({
    code: 'anchor-contended',
    message: 'other processes keep anchoring at the same time',
    remedy: 'Nothing is lost: the next sweep anchors what is left.',
    retryable: true,
  });
}
