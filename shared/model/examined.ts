import * as z from 'zod';

/** How one thing stands: `missing` is what Cordon cannot work without, `warning` what somebody should know. */
export const Mark = z.enum(['ok', 'warning', 'missing']);
export type Mark = z.infer<typeof Mark>;

/** One line of the doctor: what was looked at, how it stands, and what to do where it does not stand well. */
export const Examined = z.object({
  /** What it belongs to: `settings`, `aws 111122223333`, `azure 0a1b…`. */
  part: z.string(),
  mark: Mark,
  what: z.string(),
  remedy: z.string().exactOptional(),
  /** The right that is missing, as a policy writes it. */
  right: z.string().exactOptional(),
});
export type Examined = z.infer<typeof Examined>;
