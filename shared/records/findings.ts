import * as z from 'zod';
import type { Finding } from '../model/finding.ts';
import { comparable } from '../model/identifiers.ts';
import { Json, shortDigest } from '../model/json.ts';
import type { Records } from '../ports/records.ts';

/** What is known of a finding over all its deliveries: the newest version, and how often it has come back. */
const Known = z.object({
  finding: z.string(),
  updatedAt: z.string(),
  count: z.number(),
  open: z.boolean(),
  /** Counts on when a finding that was archived or resolved is active again. */
  episode: z.int(),
});
type Known = z.infer<typeof Known>;

/** How a delivery stands to what is known: the first, the same version again, a newer one, or one that is out of date. */
export type Version = { readonly standing: 'first' | 'same' | 'newer' | 'older'; readonly episode: number };

const isOpen = ({ status }: Finding): boolean => !['archived', 'resolved', 'dismissed'].includes(status);

const order = (a: Pick<Known, 'updatedAt' | 'count'>, b: Pick<Known, 'updatedAt' | 'count'>): number =>
  Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || a.count - b.count;

/** The same finding, whoever delivers it and however its id is spelled. */
const idOf = ({ provider, id }: Pick<Finding, 'provider' | 'id'>): string =>
  shortDigest({ provider, finding: comparable(id) });

type Seen = Omit<Known, 'episode'>;

/** How a version stands to what is known, and what is known then. */
function compare(seen: Seen, known: Known): { readonly standing: 'same' | 'newer' | 'older'; readonly next: Known } {
  const ahead = order(seen, known);
  if (ahead === 0 && seen.open === known.open) return { standing: 'same', next: known };
  if (ahead < 0 || (ahead === 0 && seen.open)) return { standing: 'older', next: known };
  const again = seen.open && !known.open;
  return { standing: 'newer', next: { ...seen, episode: known.episode + (again ? 1 : 0) } };
}

/**
 * Notes one version of a finding. Deliveries come in any order: an older version never takes back what a newer one
 * said, and never opens the finding again.
 */
export async function noteVersion(records: Records, finding: Finding): Promise<Version> {
  const id = idOf(finding);
  const { updatedAt, count } = finding;
  const seen: Seen = { finding: finding.id, updatedAt, count, open: isOpen(finding) };
  const draft = (known: Known) => ({ kind: 'finding', id, body: Json.parse(known) }) as const;
  for (;;) {
    const stored = await records.read('finding', id);
    if (!stored) {
      if (await records.create(draft({ ...seen, episode: 0 }))) return { standing: 'first', episode: 0 };
      continue;
    }
    const { standing, next } = compare(seen, Known.parse(stored.body));
    const { episode } = next;
    if (standing !== 'newer' || (await records.replace(draft(next), stored.version))) return { standing, episode };
  }
}

/** Whether any version of a finding has arrived. */
export const isKnown = async (records: Records, finding: Pick<Finding, 'provider' | 'id'>): Promise<boolean> =>
  (await records.read('finding', idOf(finding))) !== undefined;
