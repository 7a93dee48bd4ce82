import * as z from 'zod';
import { progressAuthor } from '../../model/finding-progress.ts';

/** The part of a finding in AWS Security Finding Format that tells who wrote on it last. */
const Written = z.object({
  UpdatedAt: z.string(),
  Note: z.object({ Text: z.string(), UpdatedBy: z.string(), UpdatedAt: z.string() }),
  Workflow: z.object({ Status: z.enum(['NOTIFIED', 'RESOLVED']) }),
});

const Imported = z.object({
  source: z.literal('aws.securityhub'),
  'detail-type': z.literal('Security Hub Findings - Imported'),
  detail: z.object({ findings: z.array(Written).min(1) }),
});

const line = /^cordon run [a-z2-7]{26}:/m;

/**
 * Whether an event is our own writing come back: Security Hub sends every update of a finding as if it were imported
 * again. The note is ours and says a run, the state is one we set, and the provider has sent nothing since: its updates
 * move `UpdatedAt`, ours do not. A note outlives its reason, so a version of the finding that is not known yet is news
 * whatever this says: ask for the version first.
 */
export function isOwnWriteBack(event: unknown): boolean {
  const imported = Imported.safeParse(event);
  if (!imported.success) return false;
  return imported.data.detail.findings.every(
    ({ UpdatedAt, Note }) =>
      Note.UpdatedBy === progressAuthor && line.test(Note.Text) && Date.parse(Note.UpdatedAt) >= Date.parse(UpdatedAt),
  );
}
