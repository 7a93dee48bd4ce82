import { describe, expect, it, test } from 'vitest';
import { sandboxClouds } from '../../../functions/local/wire.ts';
import { grantRole } from '../../../functions/local/rights.ts';
import type { FindingProgress } from '../../../shared/model/finding-progress.ts';
import { type JsonObject, own } from '../../../shared/model/json.ts';
import { writeBackBound, writeBackGrants } from '../../../shared/report/write-back-rights.ts';
import { addFinding, detectors } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import { requestHandler } from '../../../shared/sandbox/aws/protocol/request-handler.ts';
import type { HubFinding } from '../../../shared/sandbox/aws/securityhub-rows.ts';
import { httpResponse } from '../../../shared/sandbox/http.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, identities, northwindSettings, production } from '../../support/company.ts';
import { findingIn, readEvent, withMembers } from '../../support/events.ts';
import {
  copied,
  copyOf,
  grantWriteBack,
  isArchived,
  progress,
  runId,
  told,
  writeBacks,
} from '../../support/reporting.ts';

const event = readEvent('guardduty/leaked-access-key');
const finding = findingIn(event);
const detailOf = (of: JsonObject): JsonObject => own(of, 'detail') as JsonObject; // a fixture of GuardDuty has one
const detector = finding.link['detectorId'] ?? '';

const noteBy = (UpdatedBy: string, Text = 'mine') => ({ Text, UpdatedBy, UpdatedAt: '2026-11-20T08:00:00.000Z' });
const otherLine = 'cordon run zyxwvutsrqponmlkjihgfedcba: A guardrail forbade it.';
const before = noteBy('cordon', otherLine);

/** Northwind with GuardDuty's finding, and its copy in Security Hub where one is given. */
function stage(copy?: Partial<HubFinding>, settings = northwindSettings()) {
  const { sandbox } = company();
  grantWriteBack(sandbox);
  addFinding(sandbox.rows, detailOf(event));
  if (copy) copied(sandbox, finding, copy);
  const cloudsOn = (on: Sandbox) => sandboxClouds(on, settings, identities);
  const tell = (changed: Partial<FindingProgress> = {}) => told(cloudsOn(sandbox), finding, progress(changed));
  return { sandbox, tell, cloudsOn };
}

type State = FindingProgress['state'];
const states: readonly State[] = ['notified', 'in-progress', 'resolved'];
const status = (Status: 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED') => ({ Workflow: { Status } });
const wants = (stands: string, copy: Partial<HubFinding>, become: readonly (string | undefined)[]) =>
  states.map((state, at) => ({ stands, copy, state, becomes: become[at] }));

/** What stands in Security Hub, who set it, what we want; `becomes` is what we set, undefined where all is left. */
const transitions = [
  ...wants('NEW, untouched', status('NEW'), ['NOTIFIED', 'NOTIFIED', 'RESOLVED']),
  ...wants('NEW without a workflow', { Workflow: undefined }, ['NOTIFIED', 'NOTIFIED', 'RESOLVED']),
  ...wants('NEW, reset after a note of ours', { ...status('NEW'), Note: before }, ['NOTIFIED', 'NOTIFIED', 'RESOLVED']),
  ...wants('NEW, with news since the run began', { UpdatedAt: '2030-01-01T00:00:00.000Z' }, [
    'NOTIFIED',
    'NOTIFIED',
    'NOTIFIED',
  ]),
  ...wants('NOTIFIED by us', { ...status('NOTIFIED'), Note: before }, ['NOTIFIED', 'NOTIFIED', 'RESOLVED']),
  ...wants('NEW, with a note of a person', { ...status('NEW'), Note: noteBy('maria') }, []),
  ...wants('NEW, with a note of somebody who is called like us', { Note: noteBy('Cordon') }, []),
  ...wants('NOTIFIED by a person without a note', status('NOTIFIED'), []),
  ...wants('NOTIFIED by a person with a note', { ...status('NOTIFIED'), Note: noteBy('maria') }, []),
  ...wants('RESOLVED by a person', { ...status('RESOLVED'), Note: noteBy('maria') }, []),
  ...wants('RESOLVED by a person without a note', status('RESOLVED'), []),
  ...wants('RESOLVED after a note of ours', { ...status('RESOLVED'), Note: before }, []),
  ...wants('SUPPRESSED by a person', status('SUPPRESSED'), []),
  ...wants('SUPPRESSED after a note of ours', { ...status('SUPPRESSED'), Note: before }, []),
  ...wants('archived by its provider', { RecordState: 'ARCHIVED', ...status('NEW') }, []),
];

describe('the copy of a finding in Security Hub', () => {
  test.each(transitions)('$stands, wanted $state: becomes $becomes', async ({ copy, state, becomes }) => {
    const { sandbox, tell } = stage(copy);
    const untouched = copyOf(sandbox, finding);
    const reported = await tell({ state });
    const after = copyOf(sandbox, finding);
    if (becomes === undefined) {
      expect(reported).toBe('left');
      expect(after).toEqual(untouched);
      expect(writeBacks(sandbox)).toEqual([]);
    } else {
      expect(reported).toBe('told');
      expect(after.Workflow).toEqual({ Status: becomes });
      expect(after.Note?.UpdatedBy).toBe('cordon');
      expect(after.Note?.Text?.split('\n')[0]).toBe(progress().note);
      expect(after.UpdatedAt).toBe(untouched.UpdatedAt);
    }
  });

  test('is written once however often that is delivered, whatever people make of it meanwhile', async () => {
    const { sandbox, tell } = stage({});
    expect([await tell(), await tell(), await tell()]).toEqual(['told', 'told', 'told']);
    copied(sandbox, finding, { ...copyOf(sandbox, finding), ...status('NEW') });
    expect(await tell()).toBe('told');
    expect(copyOf(sandbox, finding).Workflow).toEqual({ Status: 'NEW' });
    expect(writeBacks(sandbox)).toHaveLength(1);
  });

  test('is written once where the answer was lost', async () => {
    const { sandbox, tell } = stage({});
    const operation = 'securityhub:BatchUpdateFindings';
    sandbox.faults.plant({ operation, fault: { kind: 'answer-lost' }, times: 1 });
    await expect(tell()).rejects.toMatchObject({ code: 'no-answer', retryable: true });
    expect(await tell()).toBe('told');
    expect(writeBacks(sandbox)).toHaveLength(1);
  });

  test('is written the same where Security Hub does not show yet what was written', async () => {
    const { sandbox, tell } = stage({});
    sandbox.clock.advance(600);
    sandbox.rows.setLag('aws.securityhub', 300);
    await tell();
    const first = copyOf(sandbox, finding);
    await tell();
    expect({ ...copyOf(sandbox, finding), Note: null }).toEqual({ ...first, Note: null });
    expect(copyOf(sandbox, finding).Note?.Text).toBe(first.Note?.Text);
  });

  test('keeps a line for each run, the newest first, as many as a note holds', async () => {
    const { sandbox, tell } = stage({});
    const runs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => letter.repeat(26));
    for (const run of runs) await tell({ run, note: `cordon run ${run}: ${'x'.repeat(60)}` });
    const lines = copyOf(sandbox, finding).Note?.Text?.split('\n') ?? [];
    expect(lines.map((line) => line.slice(11, 12))).toEqual(['g', 'f', 'e', 'd', 'c']);
    expect(lines.join('\n').length).toBeLessThanOrEqual(512);
  });

  test('a person who was quicker keeps what they set; only the instant between reading and writing remains', async () => {
    const { sandbox, cloudsOn } = stage({});
    const person = () => copied(sandbox, finding, { ...status('RESOLVED'), Note: noteBy('maria') });
    /** Lets the person act once, just before or just after the run has read. */
    const meanwhile = (when: 'before' | 'after') => {
      let waiting = true;
      const handle: Sandbox['handle'] = async (request) => {
        const reads =
          waiting && request.url.pathname === '/findings' && request.headers['host']?.startsWith('securityhub');
        if (!reads) return sandbox.handle(request);
        waiting = false;
        if (when === 'before') person();
        const answer = await sandbox.handle(request);
        if (when === 'after') person();
        return answer;
      };
      return cloudsOn({ ...sandbox, handle, requestHandler: requestHandler(handle) });
    };
    expect(await told(meanwhile('before'), finding, progress())).toBe('left');
    expect(copyOf(sandbox, finding)).toMatchObject({ ...status('RESOLVED'), Note: { UpdatedBy: 'maria' } });
    copied(sandbox, finding, {});
    expect(await told(meanwhile('after'), finding, progress())).toBe('told');
    expect(copyOf(sandbox, finding)).toMatchObject({ ...status('NOTIFIED'), Note: { UpdatedBy: 'cordon' } });
    const last = sandbox.recorder.calls.slice(-2).map(({ operation }) => operation);
    expect(last).toEqual(['securityhub:GetFindings', 'securityhub:BatchUpdateFindings']);
  });
});

describe('where a finding cannot be told', () => {
  it('is gone without a copy, without a hub, and without an ARN', async () => {
    const elsewhere = withMembers(event, { 'detail.id': 'f'.repeat(32) });
    const { sandbox, tell, cloudsOn } = stage();
    expect(await tell()).toBe('gone'); // no hub
    copied(sandbox, findingIn(elsewhere), { Id: 'another' });
    expect(await tell()).toBe('gone'); // a hub without the copy
    expect(await told(cloudsOn(sandbox), { ...finding, link: {} }, progress())).toBe('gone');
    expect(writeBacks(sandbox)).toEqual([]);
  });

  it.each<[string, string, number, boolean]>([
    ['ConcurrentUpdateError', 'ConcurrentUpdateError', 200, true],
    ['InternalFailure', 'InternalFailure', 200, true],
    ['InvalidInput', 'InvalidInput', 200, false],
  ])('says so where Security Hub answers 200 and %s', async (ErrorCode, code, statusCode, retryable) => {
    const { sandbox, cloudsOn } = stage({});
    const handle: Sandbox['handle'] = async (request) => {
      if (request.url.pathname !== '/findings/batchupdate') return sandbox.handle(request);
      const refused = { FindingIdentifier: {}, ErrorCode, ErrorMessage: 'No.' };
      const body = JSON.stringify({ ProcessedFindings: [], UnprocessedFindings: [refused] });
      return httpResponse(statusCode, { 'content-type': 'application/json' }, body);
    };
    const clouds = cloudsOn({ ...sandbox, handle, requestHandler: requestHandler(handle) });
    await expect(told(clouds, finding, progress())).rejects.toMatchObject({ code, retryable, indeterminate: false });
  });

  it('is gone where the copy goes between reading and writing', async () => {
    const { sandbox, cloudsOn } = stage({});
    const handle: Sandbox['handle'] = async (request) => {
      if (request.url.pathname !== '/findings/batchupdate') return sandbox.handle(request);
      const refused = { FindingIdentifier: {}, ErrorCode: 'FindingNotFound', ErrorMessage: 'Finding Not Found' };
      const body = JSON.stringify({ ProcessedFindings: [], UnprocessedFindings: [refused] });
      return httpResponse(200, { 'content-type': 'application/json' }, body);
    };
    const clouds = cloudsOn({ ...sandbox, handle, requestHandler: requestHandler(handle) });
    expect(await told(clouds, finding, progress())).toBe('gone');
  });

  it.each<[string, Parameters<Sandbox['faults']['plant']>[0]['fault'], object]>([
    ['throttled', { kind: 'throttle' }, { retryable: true, indeterminate: false }],
    ['over its limit', { kind: 'error', code: 'LimitExceededException', status: 429 }, { retryable: true }],
    ['broken', { kind: 'error', code: 'InternalException', status: 500 }, { retryable: true }],
  ])('says whether to try again where Security Hub is %s', async (_, fault, expected) => {
    const { sandbox, tell } = stage({});
    sandbox.faults.plant({ operation: 'securityhub:*', fault, times: 1 });
    await expect(tell()).rejects.toMatchObject(expected);
    expect(await tell()).toBe('told');
  });

  it.each(writeBackGrants.aws.map(({ allow }) => allow))('names %s where that right is missing', async (missing) => {
    const { sandbox, tell } = stage({});
    const rest = writeBackGrants.aws.filter(({ allow }) => allow !== missing);
    grantRole(sandbox, production, 'CordonWriter', rest, { partition: 'aws', account: production });
    const refused = { code: 'AccessDenied', retryable: false, message: expect.stringContaining(missing) };
    await expect(tell({ archive: true })).rejects.toMatchObject(refused);
  });

  it('is told by a session that may do nothing else', async () => {
    const { sandbox, tell, cloudsOn } = stage({});
    const clouds = cloudsOn(sandbox);
    grantRole(sandbox, production, 'CordonWriter', [{ allow: '*', on: '*' }], {});
    await tell({ archive: true });
    const bound = sandbox.recorder.calls.filter(({ caller }) => caller.includes(`cordon-${runId}`));
    expect([...new Set(bound.map(({ operation }) => operation))]).toEqual(
      writeBackGrants.aws.map(({ allow }) => allow),
    );
    expect(bound.every(({ error }) => error === '')).toBe(true);
    const { cloud, account, region } = finding;
    const narrow = writeBackBound(finding, progress(), 'aws');
    const request = { cloud, account, region, rights: 'writer', runId: 'other', bound: narrow } as const;
    const session = await clouds.session({ ...request, signal: new AbortController().signal });
    const beyond = clouds.report(session, finding, progress({ note: 'more', archive: true }));
    await expect(beyond).rejects.toMatchObject({ message: expect.stringContaining('guardduty:GetFindings') });
  });
});

describe('GuardDuty', () => {
  it('archives only what it is asked to', async () => {
    const { sandbox, tell } = stage({});
    await tell({ state: 'resolved' });
    expect(isArchived(sandbox, finding)).not.toBe(true);
    await tell({ run: 'b'.repeat(26), note: 'another', archive: true });
    expect(isArchived(sandbox, finding)).not.toBe(true); // resolved in Security Hub already: left
  });

  it('archives a finding with its copy in Security Hub, and one that has none', async () => {
    for (const copy of [{}, undefined]) {
      const { sandbox, tell } = stage(copy);
      expect(await tell({ archive: true })).toBe('told');
      expect(isArchived(sandbox, finding)).toBe(true);
      expect(await tell({ archive: true })).toBe(copy ? 'told' : 'left');
      const archived = writeBacks(sandbox).filter(({ operation }) => operation === 'guardduty:ArchiveFindings');
      expect(archived).toHaveLength(1);
    }
  });

  it('keeps a finding in sight that a person holds in Security Hub', async () => {
    const { sandbox, tell } = stage({ Note: noteBy('maria') });
    expect(await tell({ archive: true })).toBe('left');
    expect(isArchived(sandbox, finding)).not.toBe(true);
  });

  it('keeps a finding in sight that was seen again since the run began', async () => {
    const { sandbox, tell } = stage();
    const again = withMembers(event, { 'detail.updatedAt': '2030-01-01T00:00:00.000Z' });
    addFinding(sandbox.rows, detailOf(again));
    expect(await tell({ archive: true })).toBe('left');
    expect(writeBacks(sandbox)).toEqual([]);
  });

  it('is gone where GuardDuty no longer has it', async () => {
    const { cloudsOn, sandbox } = stage();
    const link = { ...finding.link, findingId: 'none' };
    expect(await told(cloudsOn(sandbox), { ...finding, link }, progress({ archive: true }))).toBe('gone');
    expect(await told(cloudsOn(sandbox), { ...finding, link: {} }, progress({ archive: true }))).toBe('gone');
  });

  it('says so where another account administers it, after Security Hub was told', async () => {
    const { sandbox, tell } = stage({});
    sandbox.rows.put(detectors, detector, { account: production, region: finding.region, administrator: '9' });
    await expect(tell({ archive: true })).rejects.toMatchObject({ code: 'BadRequest', retryable: false });
    expect(copyOf(sandbox, finding).Workflow).toEqual({ Status: 'NOTIFIED' });
  });
});
