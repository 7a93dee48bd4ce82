import { describe, expect, test } from 'vitest';
import { makeKnown } from '../../functions/local/known.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { deliver } from '../../shared/records/outbox.ts';
import { sendWriteBack } from '../../shared/report/write-back.ts';
import { receive } from '../../shared/run/receive.ts';
import { type HubFinding, hubFindings } from '../../shared/sandbox/aws/securityhub-rows.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { grantWriteBack } from '../support/reporting.ts';
import { carryOn, disableKey, operations, playbook, type Road, road } from '../support/road.ts';

const requester = { kind: 'event', id: 'queue' } as const;
const copy = readEvent('security-hub/guardduty-leaked-access-key');
const direct = readEvent('guardduty/leaked-access-key');
const bucket = readEvent('security-hub/public-bucket');
const blockBucket = playbook(`
id: public-bucket
title: Block a bucket
on: { finding: { provider: [security-hub] } }
mode: enforce
steps:
  - { id: block, action: aws.s3.block-public-access-bucket, with: { bucket: "\${target.bucket}" } }
`);
const playbooks = playbookSet([disableKey(), blockBucket]);

type Loop = Road & { readonly runs: string[] };

/** Delivers an event, lets the runs it starts end, and tells what became of it. */
async function delivered(one: Loop, event: Json, set = playbooks): Promise<readonly string[]> {
  const before = one.runs.length;
  const starter = { start: async (runId: string) => void one.runs.push(runId) };
  const received = await receive({ ...one.deps, starter }, set, event, requester);
  for (const runId of one.runs.slice(before)) await carryOn(one, runId);
  return received.map((got) =>
    got.kind === 'opened' ? (got.fresh ? 'opened' : 'known') : got.kind === 'skipped' ? got.reason : got.kind,
  );
}

/** What is Security Hub's after a write, as the event that it sends of it. */
function echo({ sandbox }: Road, like: JsonObject, changed: Partial<HubFinding> = {}): JsonObject {
  const [[, row] = []] = sandbox.rows.all(hubFindings);
  const time = sandbox.clock.now();
  return withMembers(like, { time, 'detail.findings': [{ ...row, ...changed }] as unknown as Json }); // rows are JSON
}

/** A finding in Security Hub whose run has ended, and which Cordon has written back to. */
async function answered(event: JsonObject, settings: Parameters<typeof road>[0] = {}): Promise<Loop> {
  const one = { ...road(settings), runs: [] };
  makeKnown(one.sandbox, findingIn(event), event);
  expect(await delivered(one, event)).toEqual(['opened']);
  grantWriteBack(one.sandbox);
  await deliver(one.deps, sendWriteBack({ ...one.deps, signal: one.signal }));
  expect(operations(one).at(-1)).toBe('securityhub:BatchUpdateFindings');
  return one;
}

const inspected = (one: Road) => one.deps.records.list('run', '2026-11-20');

describe.each([
  ['a copy of a GuardDuty finding', copy],
  ['a control', bucket],
])('our own note on %s', (_, event) => {
  test('opens no run when it comes back', async () => {
    const one = await answered(event);
    expect(await delivered(one, echo(one, event))).toEqual(['own-change']);
    expect(await inspected(one)).toHaveLength(1);
  });

  test('opens none either where the settings let us resolve the finding', async () => {
    const one = await answered(event, { writeBack: { enabled: true, resolve: true, archive: false } });
    const back = echo(one, event);
    expect(back).toMatchObject({ detail: { findings: [{ Workflow: { Status: 'RESOLVED' } }] } });
    expect(await delivered(one, back)).toEqual(['own-change']);
    expect(await inspected(one)).toHaveLength(1);
  });

  test('hides no update that is not known yet', async () => {
    const one = await answered(event);
    one.sandbox.clock.moveTo('2026-11-20T20:00:00.000Z');
    const UpdatedAt = '2026-11-20T15:00:00.000Z';
    const Note = {
      Text: `cordon run ${one.runs[0]}: noted.`,
      UpdatedBy: 'cordon',
      UpdatedAt: '2026-11-20T15:05:00.000Z',
    };
    expect(await delivered(one, echo(one, event, { UpdatedAt, Note }))).toEqual(['known']);
  });

  test('hides no state that a person has set since', async () => {
    const one = await answered(event);
    expect(await delivered(one, echo(one, event, { Workflow: { Status: 'SUPPRESSED' } }))).toEqual([
      'archived-finding',
    ]);
  });
});

test('a note on the copy of what came directly opens no run', async () => {
  const one = { ...road(), runs: [] };
  makeKnown(one.sandbox, findingIn(copy), copy);
  expect(await delivered(one, direct)).toEqual(['opened']);
  grantWriteBack(one.sandbox);
  await deliver(one.deps, sendWriteBack({ ...one.deps, signal: one.signal }));
  expect(await delivered(one, echo(one, copy))).toEqual(['own-change']);
});

test('the finding that a person pressed the button on is told what became of it', async () => {
  const pressed = readEvent('security-hub-action/isolate');
  const one = { ...road(), runs: [] };
  const [, key] = (pressed['detail'] as { findings: readonly Json[] }).findings; // the fixture has two
  const event = withMembers(pressed, { 'detail.findings': [key ?? null] });
  makeKnown(one.sandbox, findingIn(event), event);
  const button = playbook(`
id: button
title: Turn off what a person picked
on: { finding: { provider: [security-hub-action], type: [Cordon isolate] } }
targets: { type: [aws.iam.access-key] }
mode: enforce
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
`);
  expect(await delivered(one, event, playbookSet([button]))).toEqual(['opened']);
  grantWriteBack(one.sandbox);
  await deliver(one.deps, sendWriteBack({ ...one.deps, signal: one.signal }));
  const [[, row] = []] = one.sandbox.rows.all(hubFindings);
  expect(row).toMatchObject({
    Id: findingIn(event).link['findingArn'],
    Workflow: { Status: 'NOTIFIED' },
    Note: { UpdatedBy: 'cordon', Text: expect.stringContaining(`cordon release ${one.runs[0]}`) },
  });
  // pressed again, which is another run; the note that came back is none
  expect(await delivered(one, event, playbookSet([button]))).toEqual(['known']);
  expect(await delivered(one, { ...event, id: 'another' }, playbookSet([button]))).toEqual(['opened']);
});
