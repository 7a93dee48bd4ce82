import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createHandler as onEvent } from '../../functions/aws/on-event.ts';
import { powertoolsMetrics } from '../../functions/aws/powertools-metrics.ts';
import { round } from '../../functions/round.ts';
import { visit } from '../../functions/visit.ts';
import { activeFindings } from '../../functions/wire.ts';
import { memoryAnchor } from '../../shared/adapters/system/folder-anchor.ts';
import { later } from '../../shared/model/duration.ts';
import type { Measured, Metrics } from '../../shared/ports/metrics.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { type MetricName, measure, metrics as known } from '../../shared/report/metrics.ts';
import { heard } from '../support/console.ts';
import { type Doors, doors, lambdaContext, leakedKey, playbooks, sqsEvent } from '../support/doors.ts';
import { disableKey, keyId } from '../support/road.ts';

const lines = heard();

/** Metrics that are remembered. */
function remembering(): { readonly metrics: Metrics; readonly all: Measured[]; value(name: MetricName): number[] } {
  const all: Measured[] = [];
  return {
    all,
    metrics: { put: async (measured) => void all.push(...measured) },
    value: (name) => all.filter((one) => one.name === name).map(({ value }) => value),
  };
}

/** docs.aws.amazon.com/AmazonCloudWatch, "Specification: embedded metric format": its schema, for what we write. */
const Emf = z
  .object({
    _aws: z.strictObject({
      Timestamp: z.int().positive(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: z.literal('Cordon'),
            Dimensions: z.array(z.array(z.string().min(1)).min(1).max(30)).length(1),
            Metrics: z
              .array(z.strictObject({ Name: z.string(), Unit: z.enum(['Count', 'Milliseconds', 'Seconds']) }))
              .min(1)
              .max(100),
          }),
        )
        .length(1),
    }),
  })
  .catchall(z.union([z.string(), z.number(), z.array(z.number()).max(100)]));

/** What stands in a line of EMF that is right: every dimension is a text in it, every metric a number or several. */
function emfOf(line: string) {
  expect(line.endsWith('\n')).toBe(true);
  const { _aws, ...members } = Emf.parse(JSON.parse(line));
  const [directive] = _aws.CloudWatchMetrics;
  const dimensions = directive?.Dimensions[0] ?? [];
  const names = directive?.Metrics.map(({ Name }) => Name) ?? [];
  for (const dimension of dimensions) expect(members[dimension]).toBeTypeOf('string');
  for (const name of names) expect(members[name]).not.toBeTypeOf('string');
  return { dimensions, names, members };
}

/** What is written to the process's own output meanwhile, write by write, in place of being printed. */
async function written(work: () => Promise<void>): Promise<readonly string[]> {
  const writes: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((words) => {
    writes.push(String(words));
    return true;
  });
  await work().finally(() => spy.mockRestore());
  return writes;
}

describe('metrics on AWS', () => {
  afterEach(() => void vi.unstubAllEnvs());
  const emf = powertoolsMetrics('production');
  const measured = [
    measure('BreakersOpen', 1),
    measure('RunsNeverStarted', 2),
    measure('TimeToPlan', 300, { playbook: 'a' }),
    measure('TimeToPlan', 400, { playbook: 'a' }),
    measure('TimeToPlan', 500, { playbook: 'b' }),
  ];

  it.each([undefined, 'payments'])(
    'are lines in the embedded metric format, one for each set of dimensions, whatever service is named: %s',
    async (service) => {
      vi.stubEnv('POWERTOOLS_SERVICE_NAME', service);
      vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', service);
      const parsed = (await written(() => emf.put(measured, { runId: 'r' }))).map(emfOf);
      expect(parsed.map(({ dimensions }) => dimensions)).toEqual([
        ['stage'],
        ['stage', 'playbook'],
        ['stage', 'playbook'],
      ]);
      expect(parsed.map(({ members }) => members)).toEqual([
        { stage: 'production', runId: 'r', BreakersOpen: 1, RunsNeverStarted: 2 },
        { stage: 'production', runId: 'r', playbook: 'a', TimeToPlan: [300, 400] },
        { stage: 'production', runId: 'r', playbook: 'b', TimeToPlan: 500 },
      ]);
      expect(lines).toEqual([]);
    },
  );

  it('never have more than a hundred values or metrics in a line, and each line has all that it is about', async () => {
    const values = Array.from({ length: 250 }, (_, at) => measure('TimeToApprove', at, { playbook: 'a' }));
    const names = Array.from({ length: 250 }, (_, at) => ({ ...measure('BreakersOpen', at), name: `m${at}` }));
    const parsed = (await written(() => emf.put([...values, ...names], { runId: 'r' }))).map(emfOf);
    expect(parsed.map((one) => one.names.length)).toEqual([1, 1, 1, 100, 100, 50]);
    expect(parsed.flatMap(({ members }) => members['TimeToApprove'] ?? [])).toHaveLength(250);
    for (const { members } of parsed) expect(members).toMatchObject({ stage: 'production', runId: 'r' });
    expect(lines).toEqual([]);
  });

  it('are no line where nothing was measured', async () => {
    expect(await written(() => emf.put([], { runId: 'r' }))).toEqual([]);
  });

  it('of invocations at the same time are kept apart', async () => {
    const put = async (playbook: string) => emf.put([measure('TimeToPlan', 1, { playbook })], { runId: playbook });
    const parsed = (await written(async () => void (await Promise.all(['a', 'b', 'c'].map(put))))).map(emfOf);
    expect(parsed.map(({ members }) => [members['runId'], members['playbook'], members['TimeToPlan']])).toEqual([
      ['a', 'a', 1],
      ['b', 'b', 1],
      ['c', 'c', 1],
    ]);
  });

  it('that cannot be written hold nothing up, and that is told', async () => {
    expect(await written(() => emf.put([measure('BreakersOpen', 1)], { BreakersOpen: 'r' }))).toEqual([]);
    expect(lines.join()).toMatch(/measurements were lost.*"measured":1.*key collision/);
  });
});

describe('what is measured by', () => {
  it('names no resource, account or run', () => {
    const allowed = ['cloud', 'playbook', 'outcome', 'reason'];
    for (const { by } of Object.values(known)) for (const dimension of by) expect(allowed).toContain(dimension);
  });
});

/** A run of the leaked key, visited to its end or to its question. */
async function lived(company: Doors, metrics: Metrics): Promise<string> {
  company.known(leakedKey());
  await onEvent({ ...company.deps, metrics })(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
  const [runId = ''] = company.started;
  for (let at = 0; at < 8; at += 1) {
    const { againAt, waitsFor } = await visit({ ...company.engine, metrics }, runId, 300);
    if (againAt === null || waitsFor !== null) break;
    company.sandbox.clock.moveTo(againAt);
  }
  return runId;
}

describe('a run', () => {
  it('is measured once, at its end, by the times of its journal', async () => {
    const company = doors();
    const { metrics, value, all } = remembering();
    const runId = await lived(company, metrics);
    company.sandbox.clock.moveTo(later(company.sandbox.clock.now(), 1));
    await visit({ ...company.engine, metrics }, runId, 300);
    expect(value('RunsEnded')).toEqual([1]);
    expect(all.find(({ name }) => name === 'RunsEnded')?.dimensions).toEqual({ outcome: 'contained' });
    const [plan = -1, contain = -1, verify = -1] = [
      ...value('TimeToPlan'),
      ...value('TimeToContain'),
      ...value('TimeToVerify'),
    ];
    expect(0 <= plan && plan <= contain && contain < verify).toBe(true);
    expect(verify).toBeGreaterThanOrEqual(15_000); // the key settles for 15 seconds before it is read again
    expect(value('VerifyFailed')).toEqual([]);
  });

  it('that asked a person tells how long the answer took, and what it had to wait for', async () => {
    const asks = disableKey('approve: { by: [on-call], within: 30m }');
    const company = doors();
    const careful: Doors = { ...company, deps: { ...company.deps, playbooks: [asks] } };
    const { metrics, value } = remembering();
    company.sandbox.faults.plant({ operation: 'guardduty:GetFindings', fault: { kind: 'throttle' }, times: 1 });
    const runId = await lived(careful, metrics);
    expect(value('RunsEnded')).toEqual([]);
    const [question] = await openApprovals(company.deps);
    company.sandbox.clock.moveTo(later(company.sandbox.clock.now(), 300));
    const given = { verdict: 'approved', person: 'maria', note: '', channel: 'cli' } as const;
    await answer(company.deps, question?.id ?? '', question?.digest ?? '', given);
    for (let at = 0; at < 8; at += 1) {
      const { againAt } = await visit({ ...company.engine, metrics }, runId, 300);
      if (againAt === null) break;
      company.sandbox.clock.moveTo(againAt);
    }
    expect(value('RunsEnded')).toEqual([1]);
    expect(value('TimeToApprove')).toEqual([300_000]);
    expect(value('TimeToContain')[0]).toBeGreaterThanOrEqual(300_000);
    expect(value('ThrottleWait')[0]).toBeGreaterThanOrEqual(1_000);
  });

  it('whose change does not show counts as not verified', async () => {
    const company = doors();
    const { metrics, value } = remembering();
    company.sandbox.faults.plant({ operation: 'iam:UpdateAccessKey', fault: { kind: 'effect-lost' } });
    await lived(company, metrics);
    expect(value('VerifyFailed')).toEqual([1]);
    expect(value('TimeToVerify')).toEqual([]);
    expect(company.sandbox.can({ accessKeyId: keyId, action: 'iam:ListUsers', resource: '*' })).toBe(true);
  });
});

describe('a round', () => {
  it('measures how things stand', async () => {
    const company = doors();
    const { metrics, value, all } = remembering();
    await onEvent({ ...company.deps, starter: { start: async () => undefined } })(
      sqsEvent([JSON.stringify(leakedKey())]),
      lambdaContext(),
    );
    const { clock } = company.sandbox;
    const wired = { ...company.deps, metrics, playbooks, anchor: memoryAnchor() };
    await round(wired);
    expect(value('RunsNeverStarted')).toEqual([0]);
    clock.moveTo(later(clock.now(), 180));
    await round(wired);
    expect(value('RunsNeverStarted')).toEqual([0, 1]);
    expect(value('AuditLagSeconds')).toEqual([0, 180]);
    for (const name of ['BreakersOpen', 'ApprovalsPending', 'ContainmentsHeld', 'OutboxWaiting'] as const)
      expect(value(name)).toEqual([0, 0]);
    const budgets = all.filter(({ name }) => name === 'BudgetRemaining');
    expect(
      budgets
        .map(({ dimensions }) => dimensions['playbook'])
        .sort()
        .slice(0, 2),
    ).toEqual(['careful-key', 'careful-key']);
  });

  it('measures what the providers hold and never sent, and the account of the day', async () => {
    const company = doors();
    const { metrics, value, all } = remembering();
    const active = activeFindings(company.clouds);
    await round({ ...company.deps, metrics, active, homeRegion: 'eu-west-1' });
    const clouds = all.filter(({ name }) => name === 'FindingsMissed').map(({ dimensions }) => dimensions['cloud']);
    expect(clouds.sort()).toEqual(['aws', 'azure']);
    expect(value('RunsUnaccounted')).toEqual([0]);
  });

  it('that measures nothing asks nothing of the store for it, and does the rest', async () => {
    const company = doors();
    expect(await round(company.deps)).toEqual({ started: [], attended: 0 });
  });
});

describe('on-event', () => {
  it('takes events though their account cannot be written, and says so', async () => {
    const { deps, started } = doors();
    const records: typeof deps.records = {
      ...deps.records,
      create: async (draft) => {
        if (draft.kind === 'tally') throw new Error('no tally today');
        return deps.records.create(draft);
      },
    };
    const answered = await onEvent({ ...deps, records })(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    expect(answered).toEqual({ batchItemFailures: [] });
    expect(started).toHaveLength(1);
    expect(lines.join()).toMatch(/events are missing in the account of the day.*"lost":1.*no tally today/);
  });

  it('joins its lines by the ids of invocation, message, finding and run', async () => {
    const { deps, started } = doors();
    await onEvent(deps)(sqsEvent([JSON.stringify(leakedKey())]), lambdaContext());
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        ...{ level: 'info', message: 'opened', kind: 'opened', findingDigest: expect.stringMatching(/^[a-z2-7]{26}$/) },
        ...{ runId: started[0], playbook: 'leaked-key', fresh: true },
        ...{ requestId: '0f0e0d0c-0b0a-4000-8000-000000000001', eventId: 'message-0' },
      },
    ]);
  });
});
