import * as z from 'zod';

/** What drills may contain and release again. */
export const Drills = z.strictObject({
  canaries: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Ids of canaries: resources that nobody misses for a minute. What is named here needs no tag, and steps that would ask a person are drilled without asking; whoever writes tags cannot write this file.',
    ),
});
export type Drills = z.infer<typeof Drills>;
