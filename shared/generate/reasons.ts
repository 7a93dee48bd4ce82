import { type Reason, reasons } from '../model/reason.ts';
import type { Generated } from './generated.ts';
import { page, table } from './reference.ts';

/** Where on the road a reason is given, in the order of the road. */
const stages = {
  screen: 'Before anything is opened: nothing is planned, or it is planned only.',
  open: 'When runs are opened for a finding.',
  confirm: 'When the finding and its target are read again.',
  plan: 'When the exact changes are worked out.',
  guard: 'When the guardrails decide, at the plan and again right before each change.',
  approve: 'While a person is asked.',
  execute: 'While changes are made and read again.',
  release: 'When a containment is taken back.',
} as const;
type Stage = keyof typeof stages;

/** Every reason has a place: one that is missing here does not compile. */
const givenBy: { readonly [R in Reason]: Stage } = {
  allowed: 'guard',
  'sample-finding': 'screen',
  'archived-finding': 'screen',
  'snapshot-finding': 'screen',
  'stale-event': 'screen',
  'replayed-event': 'screen',
  'own-change': 'screen',
  'known-version': 'screen',
  'on-hold': 'open',
  excluded: 'guard',
  'no-playbook': 'open',
  'no-target': 'open',
  'foreign-account': 'guard',
  'account-out-of-scope': 'open',
  'finding-unconfirmed': 'confirm',
  'target-gone': 'confirm',
  'already-contained': 'plan',
  'mode-dry-run': 'open',
  'kill-switch': 'guard',
  'protected-target': 'guard',
  'protected-principal': 'guard',
  'last-administrator': 'guard',
  'critical-asset': 'guard',
  'classified-data': 'guard',
  'breaker-open': 'guard',
  'limit-fleet': 'guard',
  'limit-account': 'guard',
  'limit-targets': 'open',
  'limit-per-hour': 'guard',
  'identity-unclear': 'guard',
  'identity-unproven': 'plan',
  'irreversible-action': 'guard',
  'approval-asked': 'approve',
  'credentials-return': 'release',
  'made-later': 'plan',
  'recontained-often': 'guard',
  'approval-lapsed': 'approve',
  'approval-rejected': 'approve',
  'plan-drifted': 'execute',
  'change-indeterminate': 'execute',
  'step-before-failed': 'execute',
  'by-hand': 'plan',
  'no-portable-action': 'plan',
  'rolled-back': 'execute',
  'not-verified': 'execute',
  'foreign-edit': 'release',
  'record-altered': 'release',
  'kept-as-evidence': 'release',
  'shared-containment': 'release',
  'input-missing': 'plan',
  'action-failed': 'execute',
};

/** Every reason for which Cordon does less than it could, by the stage that gives it. */
export const reasonReference = (): Generated =>
  page('reasons.md', [
    '# Reasons',
    '',
    'Whatever Cordon does not do has one of these reasons, in the run, its journal and every answer.',
    '',
    ...Object.entries(stages).flatMap(([stage, meaning]) => [
      `## ${stage}`,
      '',
      meaning,
      '',
      ...table(
        ['reason', 'meaning'],
        Object.entries(reasons).flatMap(
          ([word, sentence]) => (givenBy[word as Reason] === stage ? [[`\`${word}\``, sentence]] : []), // the keys of the table of reasons
        ),
      ),
      '',
    ]),
  ]);
