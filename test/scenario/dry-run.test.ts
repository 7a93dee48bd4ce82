import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { northwind } from '../../functions/local/desk.ts';
import { makeKnown } from '../../functions/local/known.ts';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import { fixtureEvent } from '../../functions/local/try.ts';
import { local, sandboxClouds } from '../../functions/local/wire.ts';
import { envelopeOf } from '../../shared/ingest/message.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { type Json, own } from '../../shared/model/json.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { carryOn, farOff } from '../../shared/run/carry-on.ts';
import { openRuns } from '../../shared/run/open.ts';
import { readPlan } from '../../shared/run/stored-plan.ts';
import { applyContext, resolved } from '../../shared/run/step-context.ts';
import { readRun } from '../../shared/run/turn.ts';

import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
const cases = files.flatMap(({ read }) =>
  (read?.playbook.tests ?? []).flatMap((one) =>
    one.expect.matched === false || !read ? [] : [{ playbook: read.playbook, name: one.name, event: one.event }],
  ),
);

const company = await northwind();

/** In staging there is no writer at all, in either cloud. */
async function stageOf(stage: 'staging' | 'production') {
  const { settings, identities } = company;
  const sandbox = company.sandbox.fork();
  const { azure, ...aws } = identities;
  if (stage === 'staging')
    for (const [key] of sandbox.rows.all(roles)) if (key.endsWith('CordonWriter')) sandbox.rows.delete(roles, key);
  const who = stage === 'staging' ? { ...aws, azure: { reader: azure.reader } } : identities;
  const clouds = sandboxClouds(sandbox, { ...settings, stage }, who);
  return { sandbox, ...local({ settings: { ...settings, stage }, clouds, clock: sandbox.clock, file: ':memory:' }) };
}
type Stage = Awaited<ReturnType<typeof stageOf>>;

async function opened({ sandbox, deps }: Stage, playbook: Playbook, event: Json): Promise<readonly string[]> {
  const { reading } = normalise(event);
  const findings = reading.kind === 'findings' ? reading.findings : [];
  const openings = findings.map(async (finding) => {
    makeKnown(sandbox, finding, event);
    const requester = { kind: 'event', id: finding.id } as const;
    return openRuns(deps, playbookSet([playbook]), {
      finding,
      event,
      envelope: envelopeOf(event),
      requester,
      wants: 'enforce',
    });
  });
  return (await Promise.all(openings)).flat().flatMap((opening) => (opening.opened ? [opening.runId] : []));
}

const valuesOf = (changes: readonly Change[]): Json[] => changes.map(({ resource, to }) => ({ resource, to }));

/** What a run has planned first, and what its journal says it has changed. */
async function traceOf({ deps }: Stage, runId: string) {
  const entries = (await readJournal(deps.records, runId)).flatMap((row) => row.entries);
  const first = entries.find((entry) => entry.type === 'reply' && entry.key === 'plan#0');
  const digest = first?.type === 'reply' ? own(own(first.reply, 'value'), 'plan') : undefined;
  const applied = entries.flatMap((entry) => (entry.type === 'applied' ? [entry] : []));
  return { plan: typeof digest === 'string' ? await readPlan(deps, digest) : undefined, applied };
}

/** Plays one event at the company. */
async function played(playbook: Playbook, event: Json, name: 'staging' | 'production') {
  const stage = await stageOf(name);
  const signal = new AbortController().signal;
  const runs = [];
  for (const runId of await opened(stage, playbook, event)) {
    await carryOn(stage.engine, runId, { signal, until: farOff });
    const state = await readRun(stage.deps.records, runId);
    if (state) runs.push({ state, ...(await traceOf(stage, runId)) });
  }
  const calls = [...stage.sandbox.recorder.calls];
  stage.store.close();
  return { runs, calls };
}

describe.each(cases)('$playbook.id: $name', ({ playbook, event: { fixture, with: changed } }) => {
  test('is planned by the reader alone, and the plan is what production then does', async () => {
    const event = await fixtureEvent(fixture, changed);
    const dry = await played(playbook, event, 'staging');
    expect(dry.runs.length).toBeGreaterThan(0);
    for (const { state, applied } of dry.runs) {
      expect(state).toMatchObject({ order: { mode: 'dry-run' }, status: 'ended' });
      expect(state.result?.outcome).not.toBe('failed');
      expect(applied).toEqual([]);
    }
    expect(dry.calls.filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole')).toEqual([]);

    const real = await played(playbook, event, 'production');
    expect(real.runs.map(({ plan }) => plan?.digest)).toEqual(dry.runs.map(({ plan }) => plan?.digest));
    const signal = new AbortController().signal;
    for (const [at, { state, applied }] of real.runs.entries()) {
      const steps = dry.runs[at]?.plan?.steps ?? [];
      for (const { step, changes } of applied) {
        const context = applyContext({ now: () => '', sleep: async () => {} }, { order: state.order, signal }, step);
        const planned = steps.find(({ id }) => id === step)?.changes ?? [];
        expect(valuesOf(changes)).toEqual(valuesOf(resolved(planned, context)));
      }
      const contained = state.result?.steps.some(({ outcome }) => outcome === 'contained') ?? false;
      if (contained) expect(applied.length).toBeGreaterThan(0);
    }
  });
});
