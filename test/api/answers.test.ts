import { describe, expect, it } from 'vitest';
import { openApprovals, readApproval } from '../../shared/records/approvals.ts';
import { readRun } from '../../shared/run/turn.ts';
import { Json } from '../../shared/model/json.ts';
import { type Questioned, questioned, ways } from '../support/answering.ts';

const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };

const contained = async ({ carry, sandbox }: Questioned): Promise<boolean> => {
  await carry();
  return !sandbox.can(key);
};

const votesOf = async ({ deps, id }: Questioned) =>
  ((await readApproval(deps, id))?.votes ?? []).map(({ person, verdict, channel }) => [person, verdict, channel]);

const channels = { 'the command line': 'cli', HTTP: 'http', 'the form': 'http', Slack: 'slack' } as const;
type Way = keyof typeof channels;

describe.each(ways)('an answer by %s', (name, answer) => {
  it('counts, is recorded with the way it came, and lets the run go on', async () => {
    const world = await questioned('careful-key');
    expect(await answer(world, 'abe', 'approved')).toBe('ok');
    expect(await votesOf(world)).toEqual([['abe', 'approved', channels[name as Way]]]); // the names of the ways
    expect(world.started).toHaveLength(1);
    expect(await contained(world)).toBe(true);
  });

  it('given twice by the same person is one answer', async () => {
    const world = await questioned('careful-key');
    expect([await answer(world, 'abe', 'approved'), await answer(world, 'abe', 'approved')]).toEqual(['ok', 'ok']);
    expect(await votesOf(world)).toHaveLength(1);
  });

  it('comes too late once somebody has decided, whatever it says', async () => {
    const world = await questioned('two-of-us');
    expect(await answer(world, 'abe', 'rejected')).toBe('ok');
    expect(await answer(world, 'lea', 'approved')).toBe('already-answered');
    expect(await answer(world, 'abe', 'approved')).toBe('already-answered');
    expect(await contained(world)).toBe(false);
  });

  it('comes too late after the deadline', async () => {
    const world = await questioned('careful-key');
    world.sandbox.clock.advance(1_800);
    expect(await answer(world, 'abe', 'approved')).toBe('approval-lapsed');
    expect(world.started).toEqual([]);
    expect(await contained(world)).toBe(false);
  });

  it('is about the plan that waits and no other', async () => {
    const world = await questioned('careful-key');
    expect(await answer(world, 'abe', 'approved', 'f'.repeat(64))).toBe('other-plan');
    expect(await votesOf(world)).toEqual([]);
  });

  it('is none of the one who asked', async () => {
    const world = await questioned('careful-key');
    expect(await answer(world, 'rita', 'approved')).toBe('four-eyes');
    expect(await contained(world)).toBe(false);
  });

  it.each([
    ['another group', 'ada', 'not-asked'],
    ['outside the account', 'far', 'forbidden'],
    ['who only looks', 'vera', 'forbidden'],
    ['who starts runs', 'ron', 'forbidden'],
  ])('is none of somebody %s', async (_, who, code) => {
    const world = await questioned('careful-key');
    expect(await answer(world, who, 'approved')).toBe(code);
    expect(world.started).toEqual([]);
    expect(await votesOf(world)).toEqual([]);
  });

  it('needs a second one where two are wanted, and one person is never two', async () => {
    const world = await questioned('two-of-us');
    expect(await answer(world, 'abe', 'approved')).toBe('ok');
    expect(await answer(world, 'abe', 'approved')).toBe('ok');
    expect(await contained(world)).toBe(false);
    expect(await answer(world, 'abe', 'rejected')).toBe('already-voted');
    expect(await answer(world, 'lea', 'approved')).toBe('ok');
    expect(await contained(world)).toBe(true);
  });

  it('is for the next ones when it is their turn, and still for those before', async () => {
    const world = await questioned('up-the-ladder');
    expect(await answer(world, 'lea', 'approved')).toBe('not-asked');
    world.sandbox.clock.advance(1_800);
    expect(await answer(world, 'ada', 'approved')).toBe('not-asked');
    expect(await answer(world, 'lea', 'approved')).toBe('ok');
    expect(await contained(world)).toBe(true);
  });

  it('is for every approver at the end of the ladder', async () => {
    const world = await questioned('up-the-ladder');
    world.sandbox.clock.advance(3_600);
    expect(await answer(world, 'ada', 'approved')).toBe('ok');
    expect(await contained(world)).toBe(true);
  });

  it('is for nobody once the run is over', async () => {
    const world = await questioned('careful-key');
    const { records } = world.deps;
    const run = (await readApproval(world.deps, world.id))?.run ?? '';
    const stored = await records.read('run', run);
    const state = await readRun(records, run);
    const ended = Json.parse({ ...state, status: 'ended', dueAt: null, endedAt: world.sandbox.clock.now() });
    await records.replace({ kind: 'run', id: run, group: '2026-11-20', body: ended }, stored?.version ?? 0);
    expect(await answer(world, 'abe', 'approved')).toBe('nothing-to-answer');
    expect(await openApprovals(world.deps)).toMatchObject([{ votes: [], answer: null }]);
  });
});

it('a wake carries no authority: a run that is started without an answer waits on', async () => {
  const world = await questioned('careful-key');
  const run = (await readApproval(world.deps, world.id))?.run ?? '';
  for (const _ of [1, 2, 3]) {
    await world.deps.starter.start(run);
    expect(await world.carry()).toMatchObject([{ status: 'waiting' }]);
  }
  expect(world.sandbox.can(key)).toBe(true);
});

it('a vote that is written into the store by somebody else contains nothing', async () => {
  const world = await questioned('careful-key');
  const stored = await world.deps.records.read('approval', world.id);
  const approval = await readApproval(world.deps, world.id);
  if (!stored || !approval) throw new Error('the question is not there');
  const at = world.sandbox.clock.now();
  const vote = { verdict: 'approved', person: 'abe', at, note: '', channel: 'http', signature: 'test.AAAA' } as const;
  const body = Json.parse({ ...approval, votes: [vote], answer: { verdict: 'approved', person: 'abe', at, note: '' } });
  await world.deps.records.replace({ kind: 'approval', id: world.id, group: 'answered', body }, stored.version);
  await world.deps.starter.start(approval.run);
  await world.carry();
  expect(world.sandbox.can(key)).toBe(true);
});
