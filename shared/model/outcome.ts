import * as z from 'zod';

/** How a run ended. */
export const outcomes = {
  contained: 'Every change was made and seen when read again.',
  'partly-contained': 'Some steps are contained, others are not.',
  'not-contained': 'No change holds.',
  unverified: 'Changes were made but could not be seen yet.',
  'nothing-to-do': 'The target was contained already.',
  told: 'A person was told, and nothing was changed.',
  planned: 'Dry-run: the plan was made and nothing was changed.',
  denied: 'A guardrail forbade it.',
  rejected: 'A person said no.',
  lapsed: 'Nobody answered in time.',
  unconfirmed: 'The provider does not confirm the finding.',
  'target-gone': 'The resource no longer exists.',
  halted: 'Stopped by the kill switch or by a person.',
  released: 'The containment was taken back.',
  'rolled-back': 'The changes were taken back after a failure.',
  failed: 'Something broke; the journal says what.',
} as const;
export type Outcome = keyof typeof outcomes;
export const Outcome = z.enum(Object.keys(outcomes) as [Outcome, ...Outcome[]]); // the keys of a literal, never empty
