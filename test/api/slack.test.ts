import { describe, expect, it } from 'vitest';
import { later } from '../../shared/model/duration.ts';
import { readApproval } from '../../shared/records/approvals.ts';
import { asked } from '../support/api.ts';
import { press, type Questioned, questioned, replyTo, slackRequest } from '../support/answering.ts';

const votesOf = async ({ deps, id }: Questioned) => (await readApproval(deps, id))?.votes ?? [];

/** What the route answers, with its JSON where it has some. */
async function sent(world: Pick<Questioned, 'send'>, request: RequestInit) {
  const answer = await world.send('/channels/slack', request);
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? '' : JSON.parse(text) };
}

describe('the route that Slack presses buttons on', () => {
  it('answers whoever pressed, and them alone', async () => {
    const world = await questioned('careful-key');
    const body = await press(world, 'U0ABE', 'approved');
    const answer = await sent(world, slackRequest(body, world.sandbox.clock.now()));
    expect(answer).toMatchObject({ status: 200, body: { response_type: 'ephemeral', replace_original: false } });
    expect(world.replies).toMatchObject([{ address: replyTo }]);
    expect(JSON.parse(world.replies[0]?.body ?? '')).toEqual(answer.body);
    expect(world.started).toHaveLength(1);
  });

  it('counts a press that is sent again as the same press', async () => {
    const world = await questioned('careful-key');
    const request = slackRequest(await press(world, 'U0ABE', 'approved'), world.sandbox.clock.now());
    for (const _ of [1, 2]) expect(await sent(world, request)).toMatchObject({ status: 200 });
    expect(await votesOf(world)).toHaveLength(1);
  });

  it('tells somebody whom the settings do not know, and does nothing', async () => {
    const world = await questioned('careful-key');
    const body = await press(world, 'U0MALLORY', 'approved');
    const answer = await sent(world, slackRequest(body, world.sandbox.clock.now()));
    expect(answer.status).toBe(200);
    expect(answer.body.text).toContain('Cordon does not');
    expect(await votesOf(world)).toEqual([]);
    expect(world.started).toEqual([]);
  });

  it('says nothing to what is no answer, as when the link to the plan is opened', async () => {
    const world = await questioned('careful-key');
    const payload = JSON.stringify({ type: 'block_actions', user: { id: 'U0ABE' }, actions: [{ action_id: 'open' }] });
    const body = new URLSearchParams({ payload }).toString();
    expect(await sent(world, slackRequest(body, world.sandbox.clock.now()))).toEqual({ status: 200, body: '' });
    expect(world.replies).toEqual([]);
  });

  it('believes nothing that Slack has not signed just now, whoever the caller is', async () => {
    const world = await questioned('careful-key');
    const now = world.sandbox.clock.now();
    const body = await press(world, 'U0ABE', 'approved');
    const signed = slackRequest(body, now);
    const requests: readonly RequestInit[] = [
      { method: 'POST', body },
      slackRequest(body, now, 'another secret'),
      slackRequest(body, later(now, -301)),
      slackRequest(body, later(now, 301)),
      { ...signed, body: `${body}&x=1` },
      { ...signed, headers: { 'x-caller': 'abe' } },
    ];
    for (const request of requests)
      expect(await sent(world, request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await votesOf(world)).toEqual([]);
  });

  it('believes nobody where no channel has a signing secret', async () => {
    const world = asked();
    const request = slackRequest('payload={}', world.sandbox.clock.now(), '');
    expect(await sent(world, request)).toMatchObject({ status: 401 });
  });

  it('keeps an answer that could not be told', async () => {
    const world = await questioned('careful-key');
    world.replies.push = () => {
      throw new Error('Slack is away');
    };
    const body = await press(world, 'U0ABE', 'approved');
    expect(await sent(world, slackRequest(body, world.sandbox.clock.now()))).toMatchObject({ status: 200 });
    expect(world.faults).toHaveLength(1);
    expect(await votesOf(world)).toHaveLength(1);
  });

  it('takes no body of any size', async () => {
    const world = asked();
    const request = slackRequest('x'.repeat(70_000), world.sandbox.clock.now());
    expect(await sent(world, request)).toMatchObject({ status: 413 });
  });
});
