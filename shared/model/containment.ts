import * as z from 'zod';
import { Json } from './json.ts';
import { Change } from './plan.ts';

/** What is cut off now: by which runs, since when, until when, and how to take it back. */
export const Containment = z.object({
  id: z.string(),
  action: z.string(),
  /** The action's input: what it was told to contain. */
  input: Json,
  target: z.string(),
  targetName: z.string(),
  account: z.string(),
  region: z.string(),
  /** From what was there before to what was set. Rolling back is exchanging the two. */
  changes: z.array(Change),
  /** Cordon's signature over what would be given back: nobody writes a "before" into the store that a release then sets. */
  seal: z.string().default(''),
  /** Runs that want it cut off; the last one to leave releases it. */
  owners: z.array(z.string()).min(1),
  playbook: z.string(),
  since: z.string(),
  reviewAt: z.string(),
  /** How often somebody was reminded. */
  reviews: z.int().default(0),
  /** When it is read again, and how often it was; null when the last look is behind it. */
  watch: z.object({ at: z.string(), round: z.int() }).nullable().default(null),
  /** How often it was found open and contained again. */
  recontained: z.int().default(0),
  /** When it ends by itself, where its action says so. */
  endsAt: z.string().nullable().default(null),
  /** The fleets its target is of. */
  fleets: z.array(z.string()).default([]),
  status: z.enum(['held', 'released']),
  releasedAt: z.string().nullable(),
});
export type Containment = z.infer<typeof Containment>;

/** Seconds after a containment began at which it is read again: attackers make new keys within seconds, and come back later. */
export const looks = [30, 300, 900, 86_400] as const;
