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
  /** Runs that want it cut off; the last one to leave releases it. */
  owners: z.array(z.string()).min(1),
  playbook: z.string(),
  since: z.string(),
  reviewAt: z.string(),
  status: z.enum(['held', 'released']),
  releasedAt: z.string().nullable(),
});
export type Containment = z.infer<typeof Containment>;
