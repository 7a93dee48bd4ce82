import * as z from 'zod';

/** What Cordon may write into the finding's own system. Nothing is ever written in a stage that does not say enforce. */
export const WriteBack = z.strictObject({
  enabled: z.boolean().default(true),
  resolve: z
    .boolean()
    .default(false)
    .describe(
      'Close the finding when its run has ended contained. Left to people by default: contained is not cleaned up.',
    ),
  /**
   * Archive a GuardDuty finding when its run has ended contained. Archived findings vanish from the console's list, and
   * only the account that administers GuardDuty may archive.
   */
  archive: z.boolean().default(false),
});
export type WriteBack = z.infer<typeof WriteBack>;
