import { CordonError } from '../model/error.ts';
import { canonical, type Json, own } from '../model/json.ts';
import {
  anchorName,
  type AnchorDeps,
  daysBetween,
  firstDay,
  listRuns,
  readAnchor,
  type StoredAnchor,
} from './anchors.ts';
import { type Break, type Chain, checkChain } from './chain.ts';
import { sideBySide } from './side-by-side.ts';

/** What is wrong with one run, or with one anchor: the first bad record, and what is wrong with it. */
export type AuditProblem = {
  readonly code:
    | Break['code']
    | 'records-cut-off'
    | 'records-rewritten'
    | 'journal-gone'
    | 'run-gone'
    | 'order-altered'
    | 'evidence-altered'
    | 'anchor-forged'
    | 'anchor-missing'
    | 'anchor-unchained';
  readonly run?: string;
  /** Number of the first bad record; of a range, its first. */
  readonly seq?: number;
  readonly anchor?: string;
  readonly message: string;
};

/** What was read and what was found. */
export type AuditReport = {
  readonly runs: number;
  readonly records: number;
  readonly anchors: number;
  /** The time of the newest anchor; what was written since is held by its hashes alone. */
  readonly anchoredUntil: string | null;
  /** Records that no anchor covers yet. */
  readonly unanchored: number;
  readonly problems: readonly AuditProblem[];
};

const atOnce = 16;

/** What anchors say about one run, the smallest count first. */
type Said = readonly { readonly count: number; readonly head: string; readonly at: string; readonly anchor: string }[];
type Anchored = {
  readonly problems: readonly AuditProblem[];
  readonly sound: readonly StoredAnchor[];
  readonly said: ReadonlyMap<string, Said>;
};

/** Whether each anchor follows the one before; those that are no anchors are told of, and left out. */
function chainProblems(sound: readonly StoredAnchor[], forged: ReadonlySet<string>): AuditProblem[] {
  let [next, previous] = [0, ''];
  return sound.flatMap((one): AuditProblem[] => {
    const missing = Array.from({ length: one.seq - next }, (_, at) => anchorName(next + at)).filter(
      (name) => !forged.has(name),
    );
    const unchained = missing.length === 0 && one.previous !== previous;
    [next, previous] = [one.seq + 1, one.digest];
    const [first] = missing;
    if (first !== undefined) {
      const more = missing.length > 1 ? ` and ${missing.length - 1} after it` : '';
      return [{ code: 'anchor-missing', anchor: first, message: `anchor ${first}${more} is gone` }];
    }
    const anchor = anchorName(one.seq);
    return unchained
      ? [{ code: 'anchor-unchained', anchor, message: `anchor ${anchor} does not follow the anchor before it` }]
      : [];
  });
}

async function readAnchors(deps: AnchorDeps): Promise<Anchored> {
  const names = await deps.anchor.list();
  const read = await sideBySide(names, atOnce, async (name) => ({ name, found: await readAnchor(deps, name) }));
  const forged = read.flatMap(({ name, found }): AuditProblem[] =>
    typeof found === 'string' ? [{ code: 'anchor-forged', anchor: name, message: `anchor ${name} ${found}` }] : [],
  );
  const sound = read.flatMap(({ found }) => (typeof found === 'string' ? [] : found)).sort((a, b) => a.seq - b.seq);
  const said = new Map<string, Said[number][]>();
  for (const { seq, at, heads } of sound)
    for (const { run, count, head } of heads) {
      const of = said.get(run) ?? [];
      of.push({ count, head, at, anchor: anchorName(seq) });
      said.set(run, of);
    }
  for (const of of said.values()) of.sort((a, b) => a.count - b.count);
  const missing = chainProblems(sound, new Set(forged.map(({ anchor = '' }) => anchor)));
  return { problems: [...forged, ...missing], sound, said };
}

/** What anchors know better: that records were cut off the end, or that a whole chain was written anew. */
function againstAnchors(run: string, { hashes, broken }: Chain, said: Said): AuditProblem | undefined {
  let good = 0;
  for (const { count, head, at, anchor } of said) {
    if (count > hashes.length) {
      if (broken) return undefined; // the break says it
      const seq = hashes.length;
      const was = `anchor ${anchor} of ${at} knows ${count} records`;
      if (seq === 0) return { code: 'journal-gone', run, seq, anchor, message: `the whole journal is gone: ${was}` };
      return { code: 'records-cut-off', run, seq, anchor, message: `record ${seq} and what followed are gone: ${was}` };
    }
    if (hashes[count - 1] !== head) {
      const which = good === count - 1 ? `record ${good}` : `a record from ${good} to ${count - 1}`;
      const message = `${which} was written anew, with all that follow: anchor ${anchor} of ${at} has another hash for record ${count - 1}`;
      return { code: 'records-rewritten', run, seq: good, anchor, message };
    }
    good = count;
  }
  return undefined;
}

/** The order in the journal is the one that was carried out; the run's own record must still say the same. */
function againstRecord(run: string, record: Json | undefined, bodies: readonly Json[]): AuditProblem | undefined {
  if (bodies.length > 0 && record === undefined)
    return { code: 'run-gone', run, message: 'the run itself is gone; its journal is there' };
  const entries = own(bodies[0], 'entries');
  const first = Array.isArray(entries)
    ? (entries as Json[]).find((entry) => own(entry, 'type') === 'opened')
    : undefined; // entries of a stored body are JSON
  if (first === undefined || record === undefined) return undefined;
  const [noted, says] = [own(first, 'order') as Json, (own(record, 'order') ?? null) as Json]; // members of JSON are JSON
  if (canonical(noted) === canonical(says)) return undefined;
  return {
    code: 'order-altered',
    run,
    seq: 0,
    message: 'the run’s record has another order than the one its journal began with',
  };
}

type Checked = { readonly records: number; readonly unanchored: number; readonly problem: AuditProblem | undefined };

async function checkRun({ records }: AnchorDeps, run: string, said: Said): Promise<Checked> {
  try {
    const [stored, rows] = await Promise.all([records.read('run', run), records.list('journal', run)]);
    const bodies = rows.map(({ body }) => body);
    const chain = checkChain(run, bodies);
    const { broken } = chain;
    const problem =
      (broken && { ...broken, run }) ?? againstAnchors(run, chain, said) ?? againstRecord(run, stored?.body, bodies);
    const anchored = said.at(-1)?.count ?? 0;
    return { records: rows.length, unanchored: Math.max(0, rows.length - anchored), problem };
  } catch (thrown) {
    // a large record lies in the evidence store, which tells by itself when it was altered
    if (!(thrown instanceof CordonError) || !thrown.code.startsWith('evidence-')) throw thrown;
    return { records: 0, unanchored: 0, problem: { code: 'evidence-altered', run, message: thrown.message } };
  }
}

/** Every run that anybody knows of: those listed by day, and those that anchors name. */
async function runsKnown({ records, clock }: AnchorDeps, { sound, said }: Anchored): Promise<readonly string[]> {
  const now = clock.now();
  const days = daysBetween([firstDay(undefined, now), firstDay(sound[0]?.at, now)].sort()[0] ?? now, now);
  const listed = await listRuns(records, days);
  return [...new Set([...said.keys(), ...listed.map(({ run }) => run)])].sort();
}

/**
 * Reads the journal of every run, or of one, and holds it record by record against its hashes, the anchors and the
 * run's own record. It goes on after a problem, and names the first bad record of each run.
 */
export async function verifyAudit(deps: AnchorDeps, run?: string): Promise<AuditReport> {
  const anchored = await readAnchors(deps);
  const runs = run === undefined ? await runsKnown(deps, anchored) : [run];
  const checked = await sideBySide(runs, atOnce, (one) => checkRun(deps, one, anchored.said.get(one) ?? []));
  const sum = (of: (one: Checked) => number): number => checked.reduce((all, one) => all + of(one), 0);
  return {
    runs: runs.length,
    records: sum(({ records }) => records),
    anchors: anchored.sound.length,
    anchoredUntil: anchored.sound.at(-1)?.at ?? null,
    unanchored: sum(({ unanchored }) => unanchored),
    problems: [...anchored.problems, ...checked.flatMap(({ problem }) => problem ?? [])],
  };
}
