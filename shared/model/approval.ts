import * as z from 'zod';
import { reasonCodes } from './reason.ts';

/** A person's answer to one step of one plan; bound to the plan's digest. */
export const Approval = z.object({
  id: z.string(),
  run: z.string(),
  step: z.string(),
  digest: z.string(),
  reason: z.enum(reasonCodes),
  by: z.array(z.string()),
  /** Who asked; never the one who answers. */
  requester: z.string(),
  askedAt: z.string(),
  deadline: z.string(),
  answer: z
    .object({ verdict: z.enum(['approved', 'rejected']), person: z.string(), at: z.string(), note: z.string() })
    .nullable(),
});
export type Approval = z.infer<typeof Approval>;
