import { type Finding, ocsfVersion, severities } from '../model/finding.ts';
import { type Outcome, outcomes } from '../model/outcome.ts';
import { reasons } from '../model/reason.ts';
import type { RunOrder, RunResult, StepResult } from '../model/run.ts';
import { d3fendVersion, tactics, techniqueOf } from './d3fend.ts';
import type { RemediationEvent } from '../model/remediation-event.ts';
import { exactId, inert } from './inert.ts';

/** The direction of traffic by technique, as OCSF numbers it; the others cut both ways. */
const directions: Readonly<Record<string, number>> = { 'D3-ITF': 1, 'D3-OTF': 2, 'D3-NTF': 0, 'D3-NI': 0 };

/** What OCSF says of an outcome: `status_id` and its caption; dry-run has no word of its own there. */
const statuses: Readonly<Record<Outcome, readonly [RemediationEvent['status_id'], string]>> = {
  contained: [1, 'Success'],
  'nothing-to-do': [1, 'Success'],
  released: [1, 'Success'],
  'rolled-back': [2, 'Failure'],
  'partly-contained': [4, 'Partial'],
  'not-contained': [2, 'Failure'],
  unverified: [4, 'Partial'],
  told: [99, 'Told'],
  planned: [99, 'Simulated'],
  denied: [99, 'Denied'],
  rejected: [99, 'Rejected'],
  lapsed: [99, 'Lapsed'],
  unconfirmed: [99, 'Unconfirmed'],
  'target-gone': [3, 'Does Not Exist'],
  halted: [99, 'Halted'],
  failed: [6, 'Error'],
};

/** A run that is over, with when. */
export type Ended = { readonly order: RunOrder; readonly result: RunResult; readonly at: string };

/** What an action declares, as far as these events say it. */
export type Declared = (action: string) => { readonly d3fend: string } | undefined;

type Classed =
  | { readonly class_uid: 7001; readonly class_name: string }
  | {
      readonly class_uid: 7002;
      readonly class_name: string;
      readonly file: { readonly name: string; readonly type_id: 1 };
    }
  | {
      readonly class_uid: 7004;
      readonly class_name: string;
      readonly connection_info: { readonly direction_id: number };
    };

function classOf(technique: string | undefined, { target }: RunOrder): Classed {
  if (technique === 'D3-FEV') {
    const file = { name: inert(target.name, 300), type_id: 1 } as const;
    return { class_uid: 7002, class_name: 'File Remediation Activity', file };
  }
  const direction_id = technique === undefined ? undefined : directions[technique];
  if (direction_id === undefined) return { class_uid: 7001, class_name: 'Remediation Activity' };
  return { class_uid: 7004, class_name: 'Network Remediation Activity', connection_info: { direction_id } };
}

const severityOf = ({ severity }: Finding) => ({ severity, severity_id: severities.indexOf(severity) });

function countermeasure(id: string): NonNullable<RemediationEvent['countermeasures']>[number] {
  const { name, tactic: serves } = techniqueOf(id);
  const src_url = `https://d3fend.mitre.org/technique/d3f:${name.replaceAll(' ', '')}/`;
  return { version: d3fendVersion, d3f_tactic: { name: serves }, d3f_technique: { uid: id, name, src_url } };
}

/** A step, or the run itself where it ended before any. */
type Told = Pick<StepResult, 'id' | 'action' | 'outcome' | 'reason'>;

function eventOf({ order, result, at }: Ended, step: Told, technique: string | undefined): RemediationEvent {
  const { finding, target, id: run, kind, mode, playbook, playbookHash } = order;
  const serves = technique === undefined ? 'Other' : techniqueOf(technique).tactic;
  const activity = kind === 'release' ? 'Restore' : serves;
  const classed = classOf(technique, order);
  const [status_id, status] = statuses[step.outcome];
  const uid = `${run}/${step.id}`;
  return {
    ...classed,
    activity_id: tactics[activity],
    activity_name: activity,
    category_uid: 7,
    category_name: 'Remediation',
    type_uid: classed.class_uid * 100 + tactics[activity],
    ...severityOf(finding),
    time: Date.parse(at),
    timezone_offset: 0,
    status_id,
    status,
    status_detail: reasons[step.reason],
    message: `${step.action}: ${outcomes[step.outcome]}`,
    command_uid: uid,
    ...(technique !== undefined && { countermeasures: [countermeasure(technique)] }),
    metadata: {
      version: ocsfVersion,
      uid,
      correlation_uid: run,
      product: { name: 'Cordon', vendor_name: 'Cordon', uid: 'cordon' },
      labels: [kind, mode],
      profiles: ['cloud'],
    },
    cloud: {
      provider: finding.cloud === 'aws' ? 'AWS' : 'Azure',
      account: { uid: inert(target.account, 80) },
      ...(target.region !== '' && { region: inert(target.region, 40) }),
    },
    remediation: { desc: `Playbook ${playbook}, step ${step.id}.` },
    observables: [{ name: 'target.id', type_id: 10, value: exactId(target.id) }],
    unmapped: {
      run,
      playbook,
      playbookHash,
      action: step.action,
      outcome: step.outcome,
      reason: step.reason,
      ...(result.planDigest !== undefined && { planDigest: result.planDigest }),
      finding: { provider: finding.provider, id: exactId(finding.id), type: inert(finding.type, 160) },
      ...(order.kind === 'release' && { releases: order.releases }),
    },
  };
}

/** One event for each step of a run that is over, or one for the run where it ended before any step. */
export function remediationEvents(ended: Ended, declared: Declared): readonly RemediationEvent[] {
  const { result, order } = ended;
  const whole: Told = { id: 'run', action: order.playbook, outcome: result.outcome, reason: result.reason };
  const told: readonly Told[] = result.steps.length > 0 ? result.steps : [whole];
  return told.map((step) => eventOf(ended, step, declared(step.action)?.d3fend));
}
