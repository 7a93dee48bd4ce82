import { describe, expect, test } from 'vitest';
import { type Approval, askedNow, rungsOf } from '../../shared/model/approval.ts';
import { Json } from '../../shared/model/json.ts';
import { answer, ask, openApprovals, readApproval, verdictOf } from '../../shared/records/approvals.ts';
import { beforeWrite, memory, start } from '../support/store.ts';

const question: Approval = {
  id: 'question',
  run: 'run',
  step: 'isolate',
  digest: 'digest-of-the-plan',
  reason: 'approval-asked',
  playbook: 'leaked-key',
  account: '111122223333',
  by: ['oncall'],
  silence: 'lapse',
  withinSeconds: 1_800,
  quorum: 1,
  requester: 'maria',
  askedAt: start,
  deadline: '2026-11-20T09:35:00.000Z',
  votes: [],
  answer: null,
};
const yes = { verdict: 'approved', person: 'jonas', note: 'go on', channel: 'cli' } as const;
const { channel: _, ...told } = yes;

async function asked() {
  const deps = memory();
  await ask(deps, question);
  return deps;
}

describe('an approval', () => {
  test('waits until it is answered, once', async () => {
    const deps = await asked();
    expect(await openApprovals(deps)).toEqual([question]);
    const answered = await answer(deps, 'question', question.digest, yes);
    expect(answered.answer).toEqual({ ...told, at: start });
    expect(answered.votes).toMatchObject([{ ...yes, at: start }]);
    expect(await openApprovals(deps)).toEqual([]);
    expect(await readApproval(deps, 'question')).toEqual(answered);
    await expect(
      answer(deps, 'question', question.digest, { ...yes, verdict: 'rejected', person: 'ada' }),
    ).rejects.toMatchObject({
      code: 'already-answered',
      message: `jonas has approved it at ${start}`,
    });
    expect((await readApproval(deps, 'question'))?.answer?.verdict).toBe('approved');
  });

  test('asked again, before or after its answer, is the same question', async () => {
    const deps = await asked();
    deps.clock.advance(60);
    await ask(deps, { ...question, deadline: '2027-01-01T00:00:00.000Z' });
    expect(await openApprovals(deps)).toEqual([question]);
    await answer(deps, 'question', question.digest, yes);
    await ask(deps, question);
    expect((await readApproval(deps, 'question'))?.answer?.person).toBe('jonas');
  });

  test.each([
    ['an unknown question', 'no-such-question', question.digest, 'jonas', 'no-such-approval'],
    ['another plan', 'question', 'another-digest', 'jonas', 'other-plan'],
    ['no plan', 'question', '', 'jonas', 'other-plan'],
    ['the one who asked', 'question', question.digest, 'maria', 'four-eyes'],
    ['the one who asked, in other letters', 'question', question.digest, 'Maria', 'four-eyes'],
  ])('is refused for %s', async (_, id, digest, person, code) => {
    const deps = await asked();
    for (const verdict of ['approved', 'rejected'] as const)
      await expect(answer(deps, id, digest, { ...yes, person, verdict })).rejects.toMatchObject({ code });
    expect((await readApproval(deps, 'question'))?.answer).toBeNull();
  });

  test('lapses at its deadline, to the millisecond', async () => {
    const deps = await asked();
    deps.clock.moveTo('2026-11-20T09:34:59.999Z');
    const early = await asked();
    early.clock.moveTo('2026-11-20T09:35:00.000Z');
    await expect(answer(early, 'question', question.digest, yes)).rejects.toMatchObject({ code: 'approval-lapsed' });
    expect((await answer(deps, 'question', question.digest, yes)).answer?.verdict).toBe('approved');
  });

  test('of two answers at once has one', async () => {
    const deps = await asked();
    const no = { ...yes, verdict: 'rejected', person: 'ada' } as const;
    const racing = {
      ...deps,
      records: beforeWrite(deps.records, 'approval', () => answer(deps, 'question', question.digest, no)),
    };
    await expect(answer(racing, 'question', question.digest, yes)).rejects.toMatchObject({
      code: 'already-answered',
      message: expect.stringContaining('ada has rejected'),
    });
    expect((await readApproval(deps, 'question'))?.answer?.person).toBe('ada');
    const many = await asked();
    const people = Array.from({ length: 10 }, (_, at) =>
      answer(many, 'question', question.digest, { ...yes, person: `p${at}` }),
    );
    expect((await Promise.allSettled(people)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a quorum', () => {
  const two: Approval = { ...question, quorum: 2 };
  async function askedTwo() {
    const deps = memory();
    await ask(deps, two);
    return deps;
  }

  test('of two needs two people', async () => {
    const deps = await askedTwo();
    const once = await answer(deps, 'question', question.digest, yes);
    expect(once.answer).toBeNull();
    expect(await verdictOf(deps, 'question')).toBeNull();
    for (const person of ['jonas', 'JONAS'])
      await expect(answer(deps, 'question', question.digest, { ...yes, person })).rejects.toMatchObject({
        code: 'already-voted',
      });
    const twice = await answer(deps, 'question', question.digest, { ...yes, person: 'ada' });
    expect(twice.answer?.person).toBe('ada');
    expect(await verdictOf(deps, 'question')).toBe('approved');
  });

  test('is ended by one no', async () => {
    const deps = await askedTwo();
    await answer(deps, 'question', question.digest, yes);
    await answer(deps, 'question', question.digest, { ...yes, person: 'ada', verdict: 'rejected' });
    expect(await verdictOf(deps, 'question')).toBe('rejected');
  });

  test('loses no vote of people who answer at once', async () => {
    const deps = memory();
    await ask(deps, { ...question, quorum: 5 });
    const people = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(people.map((person) => answer(deps, 'question', question.digest, { ...yes, person })));
    expect((await readApproval(deps, 'question'))?.votes.map(({ person }) => person).sort()).toEqual(people);
    expect(await verdictOf(deps, 'question')).toBe('approved');
  });
});

describe('a vote that somebody wrote into the store', () => {
  test.each<[string, (approval: Approval) => Approval]>([
    ['out of nothing', (one) => ({ ...one, votes: [{ ...yes, at: start, signature: `test.${'A'.repeat(43)}` }] })],
    ['under another name', (one) => ({ ...one, votes: one.votes.map((vote) => ({ ...vote, person: 'ada' })) })],
    ['as a yes', (one) => ({ ...one, votes: one.votes.map((vote) => ({ ...vote, verdict: 'approved' as const })) })],
    ['for another plan', (one) => ({ ...one, digest: 'another' })],
    [
      'for another question',
      (one) => ({
        ...one,
        id: 'question',
        votes: one.votes.map((vote) => ({ ...vote, at: '2026-11-20T09:06:00.000Z' })),
      }),
    ],
  ])('%s is never believed', async (_, forge) => {
    const deps = await asked();
    const answered = await answer(deps, 'question', question.digest, { ...yes, verdict: 'rejected' });
    const stored = await deps.records.read('approval', 'question');
    const forged = { ...forge(answered), answer: { ...told, at: start } };
    await deps.records.replace(
      { kind: 'approval', id: 'question', group: 'answered', body: Json.parse(forged) },
      stored?.version ?? 0,
    );
    await expect(verdictOf(deps, 'question')).rejects.toMatchObject({ code: 'vote-forged' });
  });
});

describe('the ladder', () => {
  test('of a question that may lapse has one rung', () => {
    expect(rungsOf({ ...question, by: ['a', 'b'] })).toEqual([{ asked: ['a', 'b'], until: question.deadline }]);
  });

  test('of one that escalates asks one after the other, and everyone at the end', () => {
    const ladder: Approval = {
      ...question,
      by: ['a', 'b'],
      silence: 'escalate',
      deadline: '2026-11-20T10:35:00.000Z',
    };
    expect(rungsOf(ladder)).toEqual([
      { asked: ['a'], until: '2026-11-20T09:35:00.000Z' },
      { asked: ['a', 'b'], until: '2026-11-20T10:05:00.000Z' },
      { asked: ['a', 'b', 'approver'], until: '2026-11-20T10:35:00.000Z' },
    ]);
    expect(askedNow(ladder, start)).toEqual(['a']);
    expect(askedNow(ladder, '2026-11-20T09:35:00.000Z')).toEqual(['a', 'b']);
    expect(askedNow(ladder, '2026-11-20T10:34:59.999Z')).toEqual(['a', 'b', 'approver']);
    expect(askedNow(ladder, '2026-11-20T10:35:00.000Z')).toEqual([]);
  });
});
