import type { Settings } from '../config/settings.ts';
import { type Approval, askedNow } from '../model/approval.ts';
import { InvalidInput } from '../model/error.ts';
import { callerOf, ensure, isAsked } from './rights.ts';

/**
 * Throws `InvalidInput` unless a person may answer a question now: an approver for its playbook and account, and among
 * those whose turn it is or was.
 */
export function ensureMayAnswer(
  settings: Pick<Settings, 'people'>,
  approval: Approval,
  person: string,
  now: string,
): void {
  const caller = callerOf(settings, person);
  ensure(caller, 'approve', { account: approval.account, playbook: approval.playbook });
  const asked = askedNow(approval, now);
  if (asked.length === 0 || isAsked(caller, asked)) return;
  throw new InvalidInput({
    code: 'not-asked',
    message: `the question is for ${asked.join(', ')}`,
    remedy: 'One of them answers; groups stand under `people` in the settings.',
  });
}
