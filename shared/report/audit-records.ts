import { asJson, type Json, type JsonObject, own } from '../model/json.ts';
import type { StepPlan } from '../model/plan.ts';
import type { Entry, Row } from '../records/journal.ts';
import type { Story } from '../run/story.ts';

type At = { readonly story: Story; readonly row: Row; readonly attempts: ReadonlyMap<string, number> };

/** The part of every record that says which run, what it answers and on what. */
function common({ story, row }: At): JsonObject {
  const { order } = story.state;
  const { finding, target, requester } = order;
  return {
    schemaVersion: 1,
    runId: order.id,
    seq: row.seq,
    prevHash: row.prev,
    hash: row.hash,
    eventTime: finding.updatedAt,
    recordedTime: row.at,
    mode: order.mode,
    actor: { type: 'system', sessionName: `cordon-${order.id}` },
    trigger: { source: requester.kind, requester: requester.id, eventSha256: order.event },
    finding: {
      provider: finding.provider,
      id: finding.id,
      type: finding.type,
      severity: finding.severity,
      version: finding.updatedAt,
      count: finding.count,
    },
    playbook: { id: order.playbook, sha256: order.playbookHash },
    target: {
      cloud: finding.cloud,
      account: finding.account,
      region: target.region ?? finding.region,
      resourceType: target.type,
      resourceId: target.id,
    },
    ...(order.kind === 'release' && { rollbackOf: order.releases }),
  };
}

/** The step as the last plan before this record has it. */
const stepIn = ({ story, row }: At, id: string): StepPlan | undefined =>
  story.plans
    .filter(({ at }) => at <= row.at)
    .at(-1)
    ?.plan.steps.find((step) => step.id === id);

const ofStep = (at: At, step: string): JsonObject => ({
  stepKey: step,
  attempt: at.attempts.get(step) ?? 0,
  ...(stepIn(at, step) && { action: stepIn(at, step)?.action ?? '' }),
});

/** Replies say by their key what was asked for. */
function ofReply(at: At, key: string, reply: Json): JsonObject {
  const step = key.includes('#') && !key.startsWith('plan#') ? { stepKey: key.slice(0, key.indexOf('#')) } : {};
  const value = own(reply, 'value') as Json | undefined; // a member of JSON
  if (key.startsWith('plan#')) {
    const plan = at.story.plans.find(({ plan: made }) => made.digest === own(value, 'digest'))?.plan;
    const decisions = plan?.steps.map(({ id, decision, reason, detail }) => ({
      step: id,
      decision,
      reason,
      detail: detail ?? '',
    }));
    return { kind: 'plan', planHash: plan?.digest ?? null, ...(decisions && { decision: { guardrails: decisions } }) };
  }
  if (key === 'result') return { kind: 'outcome', outcome: reply };
  if (/\/(verify-\d+|probe)$/.test(key))
    return { ...step, kind: 'verify', verify: { at: at.row.at, result: value ?? reply } };
  return { ...step, kind: 'reply', key, reply };
}

function ofApproval(at: At, entry: Extract<Entry, { type: 'approval' }>): JsonObject {
  const { step, digest, verdict, person, note, at: approvedAt } = entry;
  const approval = { required: true, approver: person, approvedAt, verdict, planHash: digest, note };
  return { kind: 'approval', ...ofStep(at, step), actor: { type: 'user', id: person }, approval };
}

function ofEntry(at: At, entry: Entry): JsonObject {
  switch (entry.type) {
    case 'opened':
      return { kind: 'opened', order: entry.order };
    case 'reply':
      return ofReply(at, entry.key, entry.reply);
    case 'intent': {
      const { step, captured, changes } = entry;
      const before = typeof captured === 'string' ? { beforeRef: captured } : { before: asJson(captured) };
      return { kind: 'intent', ...ofStep(at, step), ...before, changes: asJson(changes) };
    }
    case 'call': {
      const { step, operation, requestId, status, error } = entry;
      const [service = '', op = ''] = operation.includes(':') ? operation.split(':') : ['', operation];
      return {
        kind: 'call',
        ...ofStep(at, step),
        call: { service, op, requestId, httpStatus: status, errorCode: error ?? null },
      };
    }
    case 'applied':
      return { kind: 'applied', ...ofStep(at, entry.step), after: asJson(entry.changes) };
    case 'approval':
      return ofApproval(at, entry);
    case 'decision':
      return { kind: 'decision', ...ofStep(at, entry.step), decision: { reason: entry.reason, detail: entry.detail } };
  }
}

/** The journal of a run as audit records, one for each entry, with what the entry refers to filled in. */
export function auditRecords(story: Story): readonly JsonObject[] {
  const attempts = new Map<string, number>();
  return story.journal.flatMap((row) =>
    row.entries.map((entry, index) => {
      if (entry.type === 'intent') attempts.set(entry.step, (attempts.get(entry.step) ?? 0) + 1);
      const at = { story, row, attempts };
      return { ...common(at), entry: index, ...ofEntry(at, entry) };
    }),
  );
}
