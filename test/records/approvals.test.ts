import { describe, expect, test } from 'vitest';
import type { Approval } from '../../shared/model/approval.ts';
import { answer, ask, openApprovals, readApproval } from '../../shared/records/approvals.ts';
import { beforeWrite, memory, start } from '../support/store.ts';

const question: Approval = {
  id: 'question',
  run: 'run',
  step: 'isolate',
  digest: 'digest-of-the-plan',
  reason: 'approval-asked',
  by: ['oncall'],
  requester: 'maria',
  askedAt: start,
  deadline: '2026-11-20T09:35:00.000Z',
  answer: null,
};
const yes = { verdict: 'approved', person: 'jonas', note: 'go on' } as const;

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
    expect(answered.answer).toEqual({ ...yes, at: start });
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
