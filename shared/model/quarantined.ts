import * as z from 'zod';

/** A message that no stage could use, kept so that a person can look at it; never tried again by itself. */
export const Quarantined = z.object({
  id: z.string(),
  at: z.string(),
  /** Which source read it, where one did. */
  source: z.string().nullable(),
  problem: z.string(),
  remedy: z.string(),
  /** Digest of the message in the evidence store, when it is JSON. */
  event: z.string().nullable(),
  /** The first 4 KB of a message that is not. */
  head: z.string().nullable(),
  requester: z.string(),
});
export type Quarantined = z.infer<typeof Quarantined>;
