import { describe, expect, test } from 'vitest';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import { Person } from '../../shared/config/settings.ts';
import { later } from '../../shared/model/duration.ts';
import { issue } from '../../shared/report/approval-token.ts';
import { readSlackAnswer, slackActions } from '../../shared/report/slack-answer.ts';
import { askedAt, planDigest } from '../support/notices.ts';

const signer = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 7) }]);
const person = (id: string, slack?: string) => Person.parse({ id, roles: ['approver'], ...(slack && { slack }) });
const people = [person('maria'), person('jonas', 'U0JONAS'), person('ada', 'U0ADA'), person('adam', 'U0ADA')];
const deps = { people, signer, now: askedAt };
const claim = { approval: 'question', digest: planDigest, exp: later(askedAt, 1_800) };

type Press = { user?: unknown; actions?: unknown; type?: string };
const form = (payload: unknown): string => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

async function pressed(verdict: 'approved' | 'rejected', user: string, changed: Press = {}): Promise<string> {
  const value = await issue(signer, { ...claim, verdict });
  return form({
    type: 'block_actions',
    user: { id: user, username: 'maria', name: 'maria', team_id: 'T1' },
    actions: [{ action_id: slackActions[verdict], block_id: 'b', type: 'button', value, action_ts: '1' }],
    response_url: 'https://hooks.slack.com/actions/T1/2/3',
    ...changed,
  });
}

describe('a press of a button in Slack', () => {
  test.each(['approved', 'rejected'] as const)(
    'is the answer %s of the person with that member id',
    async (verdict) => {
      expect(await readSlackAnswer(await pressed(verdict, 'U0JONAS'), deps)).toEqual({
        person: 'jonas',
        approval: 'question',
        digest: planDigest,
        verdict,
      });
    },
  );

  test('is nobody by a name alone', async () => {
    expect(await readSlackAnswer(await pressed('approved', 'U0MARIA'), deps)).toEqual({ refused: 'unknown' });
  });

  test('is refused where two people have the member id', async () => {
    expect(await readSlackAnswer(await pressed('approved', 'U0ADA'), deps)).toEqual({ refused: 'ambiguous' });
  });

  test('is refused when its time is over', async () => {
    const body = await pressed('approved', 'U0JONAS');
    expect(await readSlackAnswer(body, { ...deps, now: claim.exp })).toEqual({ refused: 'expired' });
  });

  test('is refused with a token of ours under the other button, or one without an answer', async () => {
    const action = { action_id: slackActions.approved, value: await issue(signer, { ...claim, verdict: 'rejected' }) };
    const other = await pressed('approved', 'U0JONAS', { actions: [action] });
    expect(await readSlackAnswer(other, deps)).toEqual({ refused: 'forged' });
    const open = { ...action, value: await issue(signer, claim) };
    expect(await readSlackAnswer(await pressed('approved', 'U0JONAS', { actions: [open] }), deps)).toEqual({
      refused: 'forged',
    });
  });

  test('is refused with a token that Cordon did not make', async () => {
    const stranger = hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 8) }]);
    const value = await issue(stranger, { ...claim, verdict: 'approved' });
    const body = await pressed('approved', 'U0JONAS', { actions: [{ action_id: slackActions.approved, value }] });
    expect(await readSlackAnswer(body, deps)).toEqual({ refused: 'forged' });
  });

  test.each([
    ['nothing', ''],
    ['no payload', 'a=b'],
    ['two payloads', 'payload={}&payload={}'],
    ['a payload that is no JSON', 'payload=%7B'],
    ['a list', form([])],
    ['another kind of interaction', form({ type: 'view_submission', user: { id: 'U0JONAS' } })],
    ['no action', form({ type: 'block_actions', user: { id: 'U0JONAS' }, actions: [] })],
    [
      'the button that opens the page',
      form({ type: 'block_actions', user: { id: 'U0JONAS' }, actions: [{ action_id: 'cordon-open' }] }),
    ],
    ['a user with a prototype', form({ type: 'block_actions', user: { __proto__: { id: 'U0JONAS' } }, actions: [{}] })],
  ])('is no answer: %s', async (_, body) => {
    expect(await readSlackAnswer(body, deps)).toEqual({ refused: 'unreadable' });
  });
});
