import { describe, expect, test } from 'vitest';
import { asJson, canonical, type Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { readJournal } from '../../shared/records/journal.ts';
import { openRelease, previewRelease, type ReleaseWish } from '../../shared/run/release.ts';
import { readRun } from '../../shared/run/turn.ts';
import { northwind } from '../support/company.ts';
import { type Lasting, lasting, living } from '../support/killing.ts';
import {
  carryOn,
  changing,
  closePorts,
  disableKey,
  leakedKey,
  openOne,
  openPort,
  type Road,
  type Told,
} from '../support/road.ts';

type Story = {
  readonly how: Playbook;
  readonly told: () => Told;
  /** Takes the containment back; the story before it is lived without a death. */
  readonly release: boolean;
};
type Job = (one: Road) => Promise<string>;

const estate = northwind();
const wish: ReleaseWish = { requester: { kind: 'person', id: 'maria' }, wants: 'enforce', reactivateCredentials: true };

/** A host: delivers the event, again and again if need be, and carries the run on. */
const contains =
  ({ how, told }: Story): Job =>
  async (one) => {
    const runId = await openOne(one, how, told());
    await carryOn(one, runId);
    return runId;
  };

/** A host that carries the release on; whoever is asked says yes, from a machine that does not die. */
const releases =
  (released: string, { store, sandbox }: Lasting): Job =>
  async (one) => {
    const { digest: agreedDigest } = await previewRelease(
      { ...one.deps, records: store.records },
      released,
      wish,
      one.signal,
    );
    const known = (await readRun(store.records, released))?.order.kind === 'containment' && ids.get(store);
    const runId =
      known || (await openRelease({ ...one.deps, records: store.records }, released, { ...wish, agreedDigest }));
    ids.set(store, runId);
    await carryOn(one, runId);
    const people = { records: store.records, clock: sandbox.clock, signer: one.deps.signer };
    for (const { id, digest } of await openApprovals(people))
      await answer(people, id, digest, { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' });
    await carryOn(one, runId);
    return runId;
  };
const ids = new WeakMap<Lasting['store'], string>();

/** What is left in the end, but for instants, which deaths may move. */
async function endState({ sandbox, store }: Lasting, runId: string): Promise<string> {
  const { 'aws.sts.sessions': _, ...tables } = sandbox.rows.snapshot();
  const kept = Object.fromEntries(
    Object.entries(tables).filter(([name]) => /^aws\.iam\.|^azure\.arm\.resources$/.test(name)),
  );
  const containments = [
    ...(await store.records.list('containment', 'held')),
    ...(await store.records.list('containment', 'released')),
  ];
  const timeless = (key: string, value: unknown) =>
    ['revision', 'since', 'reviewAt', 'releasedAt', 'etag', 'version', 'due', 'watch', 'at'].includes(key)
      ? undefined
      : value;
  const state: Json = JSON.parse(
    JSON.stringify({ kept, containments, result: (await readRun(store.records, runId))?.result }, timeless),
  );
  return canonical(asJson(state));
}

const changes = ({ sandbox }: Lasting) =>
  changing({ sandbox })
    .map(({ operation, resource, error }) => `${operation} ${resource} ${error}`)
    .toSorted();

/** A world whose reads lag behind its writes, in which the story may begin, and the job that lives it. */
async function begun(story: Story): Promise<{ on: Lasting; job: Job }> {
  const on = lasting(estate);
  on.sandbox.clock.advance(60);
  for (const [service, seconds] of Object.entries({ 'aws.iam': 12, 'azure.arm': 4 }))
    on.sandbox.rows.setLag(service, seconds);
  if (!story.release) return { on, job: contains(story) };
  let runId = '';
  await living(on, async (one) => {
    runId = await contains(story)(one);
  });
  on.sandbox.recorder.clear();
  return { on, job: releases(runId, on) };
}

async function faultFree(story: Story) {
  const { on, job } = await begun(story);
  let runId = '';
  const { calls } = await living(on, async (one) => {
    runId = await job(one);
  });
  return {
    calls,
    runId,
    state: await endState(on, runId),
    changes: changes(on),
    outcome: (await readRun(on.store.records, runId))?.result?.outcome,
  };
}

const stories: readonly (readonly [string, Story, string])[] = [
  ['a leaked key that is turned off', { how: disableKey(), told: leakedKey, release: false }, 'contained'],
  ['a leaked key that is turned on again', { how: disableKey(), told: leakedKey, release: true }, 'released'],
  ['two ports that are closed', { how: closePorts(22, 3389), told: openPort, release: false }, 'contained'],
  ['two ports that are opened again', { how: closePorts(22, 3389), told: openPort, release: true }, 'released'],
];

describe.each(stories)('%s', (_, story, outcome) => {
  test.each([false, true])(
    'ends as it would have, whichever call on store or cloud the process dies at (after its effect: %s), once or twice',
    { timeout: 120_000 },
    async (after) => {
      const fine = await faultFree(story);
      expect(fine.outcome).toBe(outcome);
      expect(fine.calls).toBeGreaterThan(8);
      for (let at = 1; at <= fine.calls; at += 1) {
        const { on, job } = await begun(story);
        const first = await living(on, job, { at, after });
        expect(first.died).toBe(true);
        await living(on, job, { at: ((at * 7) % 17) + 1, after: !after });
        let runId = '';
        await living(on, async (one) => {
          runId = await job(one);
        });
        const where = `killed at call ${at}`;
        expect([where, runId]).toEqual([where, fine.runId]);
        expect([where, (await readRun(on.store.records, runId))?.status]).toEqual([where, 'ended']);
        expect([where, ...changes(on)]).toEqual([where, ...fine.changes]);
        expect(await endState(on, runId)).toBe(fine.state);
        await readJournal(on.store.records, runId);
      }
    },
  );
});
