import * as z from 'zod';

/** Under this name Cordon writes into a finding's own system, and knows its own writing when it comes back as an event. */
export const progressAuthor = 'cordon';

/** What a run has come to, in the words that every system of findings has some form of. */
export const FindingProgress = z.object({
  run: z.string(),
  playbook: z.string(),
  /**
   * `notified`: people are told, nothing was cut off. `in-progress`: something is cut off, the rest is for people.
   * `resolved`: every target of the run is contained, and the settings let Cordon close the finding.
   */
  state: z.enum(['notified', 'in-progress', 'resolved']),
  /** One line that starts with the run and says how it is taken back. Holds no text an attacker could choose. */
  note: z.string().min(1).max(500),
  /** Whether the finding may be put away where its system has a place for that. */
  archive: z.boolean(),
});
export type FindingProgress = z.infer<typeof FindingProgress>;
