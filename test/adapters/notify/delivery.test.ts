import { describe, expect, test } from 'vitest';
import { tellPeople } from '../../../functions/tell.ts';
import { Json } from '../../../shared/model/json.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import type { Channel } from '../../../shared/ports/notifier.ts';
import { messages, post } from '../../../shared/records/outbox.ts';
import { deliverAll, deliverNotices } from '../../../shared/report/deliver.ts';
import { planted, toHook, toSlack } from '../../support/channels.ts';
import { heard } from '../../support/console.ts';
import { askNotice, endNotice } from '../../support/notices.ts';
import { type Receiver, receiver, slackTakes } from '../../support/receiver.ts';
import { memory } from '../../support/store.ts';

const lines = heard();

/** An outbox and its channels; a notice goes to the first unless it is said otherwise. */
function telling(...channels: Channel[]) {
  const store = memory();
  const notifier = { channels, channelsFor: () => channels };
  const deps = { ...store, notifier, signal: new AbortController().signal };
  const tell = async (notice: Notice, names: readonly string[] = [channels[0]?.name ?? '']) => {
    for (const name of names)
      await post(deps, { id: `${notice.id}:${name}`, to: `channel:${name}`, body: Json.parse(notice) });
  };
  return { deps, tell };
}

const json = ({ received }: Receiver): { thread_ts?: string; metadata: { event_payload: { id: string } } }[] =>
  received.map(({ body }) => JSON.parse(body));

describe('telling people', () => {
  test('puts what is told of one run into one thread, and another run into its own', async () => {
    const slack = await receiver(slackTakes);
    const { deps, tell } = telling(toSlack(slack.url));
    await tell(askNotice());
    await deliverNotices(deps);
    await tell(endNotice());
    await tell(endNotice({ id: 'other', run: 'runbbbbbbbbbbbbbbbbbbbbbbb' }));
    await tell(endNotice({ id: 'nothing', run: null }));
    await deliverNotices(deps);
    const threads = json(slack).map(({ thread_ts, metadata }) => [metadata.event_payload.id, thread_ts]);
    expect(new Map(threads.map(([id, thread]) => [id, thread]))).toEqual(
      new Map([
        ['noticeaaaaaaaaaaaaaaaaaaaa', undefined],
        ['noticebbbbbbbbbbbbbbbbbbbb', '1763629500.000001'],
        ['other', undefined],
        ['nothing', undefined],
      ]),
    );
  });

  test('a question that its channel does not take within a minute is asked in all others, once', async () => {
    const slack = await receiver(() => ({ status: 503 }));
    const hook = await receiver();
    const { deps, tell } = telling(toSlack(slack.url), toHook(hook.url));
    await tell(askNotice());
    await tell(endNotice());
    for (let pass = 0; pass < 20; pass += 1) {
      await deliverNotices(deps);
      if (deps.clock.now() < '2026-11-20T09:06:00.000Z') expect(hook.received).toEqual([]);
      deps.clock.advance(20);
    }
    expect(hook.received.map(({ headers }) => headers['webhook-id'])).toEqual(['noticeaaaaaaaaaaaaaaaaaaaa']);
  });

  test('a question that its channel will never take is asked in all others at once', async () => {
    const slack = await receiver(() => ({ body: JSON.stringify({ ok: false, error: 'invalid_blocks' }) }));
    const hook = await receiver();
    const { deps, tell } = telling(toSlack(slack.url), toHook(hook.url));
    await tell(askNotice());
    await deliverNotices(deps);
    await deliverNotices(deps);
    expect([slack.received.length, hook.received.length]).toEqual([1, 1]);
  });

  test('a question behind many messages that a broken channel does not take is asked elsewhere too', async () => {
    const slack = await receiver(() => ({ status: 503 }));
    const hook = await receiver();
    const { deps, tell } = telling(toSlack(slack.url), toHook(hook.url));
    for (let at = 0; at < 30; at += 1) await tell(endNotice({ id: `a${String(at).padStart(2, '0')}` }));
    await tell(askNotice());
    deps.clock.advance(60);
    await deliverNotices(deps);
    await deliverNotices(deps);
    expect(hook.received).toHaveLength(1);
    expect(slack.received).toHaveLength(3);
  });

  test('ten minutes of silence: the other channel hears at once, and this one hears all of it later, each once', async () => {
    let patience = new AbortController();
    const slack = await receiver(() => {
      patience.abort();
      return 'silence';
    });
    const quiet = toSlack(slack.url);
    const impatient: Channel = {
      ...quiet,
      send: (notice, thread, signal) => quiet.send(notice, thread, AbortSignal.any([signal, patience.signal])),
    };
    const hook = await receiver();
    const { deps, tell } = telling(impatient, toHook(hook.url));
    const ids = Array.from({ length: 12 }, (_, at) => `n${String(at).padStart(2, '0')}`);
    for (const id of ids) await tell(endNotice({ id, run: `run-${id}` }), ['slack', 'hook']);
    expect(await deliverNotices(deps)).toMatchObject({ sent: 12, failed: { length: 3 }, putOff: { length: 9 } });
    const before = slack.received.length;
    patience = new AbortController();
    slack.reply = () => ({ status: 503 });
    for (let minute = 0; minute < 10; minute += 1) {
      deps.clock.advance(60);
      await deliverNotices(deps);
    }
    expect(hook.received.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(ids);
    const down = slack.received.length;
    expect(down).toBeGreaterThan(before);
    slack.reply = slackTakes;
    for (let minute = 0; minute < 70; minute += 1) {
      deps.clock.advance(60);
      await deliverNotices(deps);
    }
    const told = json(slack)
      .slice(down)
      .map(({ metadata }) => metadata.event_payload.id);
    expect(told.toSorted()).toEqual(ids);
    expect(await messages(deps, 'waiting')).toEqual([]);
  });

  test('a message for a channel or a sender that is not there waits for one', async () => {
    const { deps, tell } = telling();
    await tell(askNotice(), ['gone']);
    await post(deps, { id: 'f', to: 'finding:guardduty', body: {} });
    const { failed } = await deliverNotices(deps);
    expect(failed.map(({ problem, state }) => [problem, state]).toSorted()).toEqual([
      ['nothing sends to finding', 'waiting'],
      ['the settings name no channel gone', 'waiting'],
    ]);
    deps.clock.advance(60);
    const sent: string[] = [];
    const finding = async ({ id }: { id: string }) => `${sent.push(id)}`;
    await deliverAll(deps, { channel: async ({ id }) => `${sent.push(id)}`, finding });
    expect(sent.toSorted()).toEqual(['f', 'noticeaaaaaaaaaaaaaaaaaaaa:gone']);
  });

  test('no secret stands in an error, in the outbox or in a log, whatever goes wrong', async () => {
    const canary = /canary|xox|planted|cGxhbnRlZ/;
    const broken = [
      { status: 500, body: planted.CORDON_SLACK_TOKEN },
      { status: 302, headers: { location: `https://x.example/${planted.CORDON_HOOK_SECRET}` } },
      { body: JSON.stringify({ ok: false, error: planted.CORDON_SLACK_TOKEN }) },
      'hang-up',
    ] as const;
    for (const reply of broken) {
      const [slack, hook] = [await receiver(() => reply), await receiver(() => reply)];
      const odd = { ...planted, CORDON_SLACK_TOKEN: 'xoxb\ncanary', CORDON_HOOK_SECRET: 'whsec_canary' };
      const closed = { ...planted, CORDON_HOOK_URL: 'https://10.0.0.1/canary' };
      const unresolved = { ...planted, CORDON_HOOK_URL: 'no address, canary' };
      const named = (channel: Channel, name: string): Channel => ({ ...channel, name });
      const { deps, tell } = telling(
        toSlack(slack.url),
        toHook(hook.url),
        named(toSlack(slack.url, {}, odd), 'odd-slack'),
        named(toHook(hook.url, odd), 'odd-hook'),
        named(toHook(hook.url, closed), 'closed'),
        named(toHook(hook.url, unresolved), 'unresolved'),
      );
      await tell(
        askNotice(),
        deps.notifier.channels.map(({ name }) => name),
      );
      await tellPeople(deps);
      const waiting = await messages(deps, 'waiting');
      expect(waiting.map(({ problem }) => problem === '')).not.toContain(true);
      expect(
        JSON.stringify([...waiting, ...(await messages(deps, 'given-up')), ...(await messages(deps, 'sent'))]),
      ).not.toMatch(canary);
    }
    expect(lines.join()).toMatch(/a message did not go out/);
    expect(lines.join()).not.toMatch(canary);
  });
});
