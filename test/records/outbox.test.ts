import { describe, expect, test } from 'vitest';
import { CordonError } from '../../shared/model/error.ts';
import { later } from '../../shared/model/duration.ts';
import { deliver, messages, type OutboxItem, post, type Send } from '../../shared/records/outbox.ts';
import { memory, start } from '../support/store.ts';

const down = (more: object = {}) =>
  new CordonError({ code: 'no-answer', message: 'the other side did not answer', retryable: true, ...more });

/** A receiver that remembers what it took, and refuses while it is told to. */
function receiver() {
  const taken: string[] = [];
  const tried: string[] = [];
  const state: { refuses: (item: OutboxItem) => Error | undefined } = { refuses: () => undefined };
  const send: Send = async (item) => {
    tried.push(item.id);
    const refusal = state.refuses(item);
    if (refusal) throw refusal;
    taken.push(item.id);
    return `message ${taken.length}`;
  };
  return { taken, tried, state, send };
}

const message = (id: string, to = 'channel:slack') => ({ id, to, body: { text: id } });

describe('the outbox', () => {
  test('sends a message once, keeps its answer, and takes the same one again for the same', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    await post(deps, message('a'));
    await post(deps, { ...message('a'), body: { text: 'another' } });
    expect(await deliver(deps, send)).toEqual({ sent: 1, failed: [], putOff: [] });
    await post(deps, message('a'));
    deps.clock.advance(86_400);
    expect(await deliver(deps, send)).toEqual({ sent: 0, failed: [], putOff: [] });
    expect(taken).toEqual(['a']);
    expect(await messages(deps, 'sent')).toMatchObject([
      { id: 'a', body: { text: 'a' }, attempts: 1, answer: 'message 1', problem: '', postedAt: start },
    ]);
    expect(await messages(deps, 'waiting')).toEqual([]);
  });

  test('tries again ever more slowly for a day, and then gives up', async () => {
    const deps = memory();
    const { send, state, tried } = receiver();
    state.refuses = () => down();
    await post(deps, message('a'));
    const at: number[] = [];
    while ((await messages(deps, 'waiting')).length > 0) {
      const [due] = await deps.records.listDue('outbox', '9999-12-31T00:00:00.000Z', 1);
      deps.clock.moveTo(due?.due ?? '');
      at.push((Date.parse(deps.clock.now()) - Date.parse(start)) / 1_000);
      await deliver(deps, send);
    }
    expect(at.slice(0, 8)).toEqual([0, 5, 20, 80, 380, 1_280, 4_880, 8_480]);
    expect(at.at(-1)).toBe(86_400);
    expect(tried).toHaveLength(at.length);
    expect(at.length).toBeLessThan(32);
    expect(await messages(deps, 'given-up')).toMatchObject([{ id: 'a', problem: 'the other side did not answer' }]);
    deps.clock.advance(86_400);
    expect(await deliver(deps, send)).toEqual({ sent: 0, failed: [], putOff: [] });
  });

  test('gives up at once where trying again makes no sense', async () => {
    const deps = memory();
    const { send, state } = receiver();
    state.refuses = () => down({ retryable: false });
    await post(deps, message('a'));
    expect((await deliver(deps, send)).failed).toMatchObject([{ id: 'a', state: 'given-up', attempts: 1 }]);
    expect(await messages(deps, 'given-up')).toHaveLength(1);
  });

  test.each([
    ['longer than its own wait', 120, 120],
    ['shorter than its own wait', 1, 5],
    ['longer than a day', 200_000, 86_400],
  ])('waits as long as the other side asks: %s', async (_, asked, waited) => {
    const deps = memory();
    const { send, state } = receiver();
    state.refuses = () => down({ retryAfterSeconds: asked });
    await post(deps, message('a'));
    await deliver(deps, send);
    const [stored] = await deps.records.listDue('outbox', '9999-12-31T00:00:00.000Z', 1);
    expect(stored?.due).toBe(later(start, waited));
  });

  test('two deliverers at once send each message once', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    const ids = Array.from({ length: 30 }, (_, at) => `m${String(at).padStart(2, '0')}`);
    for (const id of ids) await post(deps, message(id, `channel:${id.slice(-1)}`));
    const passes = await Promise.all(Array.from({ length: 5 }, () => deliver(deps, send)));
    expect(taken.toSorted()).toEqual(ids);
    expect(passes.reduce((sum, { sent }) => sum + sent, 0)).toBe(30);
  });

  test('a deliverer that dies after sending leaves the message claimed: it is sent again, once, a minute later', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    await post(deps, message('a'));
    const dead = Promise.withResolvers<'dead'>();
    const dying: Send = async (item) => {
      await send(item);
      dead.resolve('dead');
      return new Promise(() => {});
    };
    await Promise.race([deliver(deps, dying), dead.promise]);
    deps.clock.advance(59);
    expect((await deliver(deps, send)).sent).toBe(0);
    deps.clock.advance(1);
    expect((await deliver(deps, send)).sent).toBe(1);
    deps.clock.advance(3_600);
    expect((await deliver(deps, send)).sent).toBe(0);
    expect(taken).toEqual(['a', 'a']);
  });

  test('a deliverer that dies between claim and sending loses nothing', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    await post(deps, message('a'));
    const claimed = Promise.withResolvers<'claimed'>();
    await Promise.race([
      deliver(deps, () => {
        claimed.resolve('claimed');
        return new Promise(() => {});
      }),
      claimed.promise,
    ]);
    deps.clock.advance(60);
    await deliver(deps, send);
    expect(taken).toEqual(['a']);
    expect(await messages(deps, 'sent')).toMatchObject([{ attempts: 2 }]);
  });

  test('a store that fails after sending says so, and the message is sent again', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    await post(deps, message('a'));
    let writes = 0;
    const failing = {
      ...deps.records,
      replace: async (...given: Parameters<typeof deps.records.replace>) => {
        writes += 1;
        if (writes === 2) throw new Error('no store');
        return deps.records.replace(...given);
      },
    };
    await expect(deliver({ ...deps, records: failing }, send)).rejects.toThrow('no store');
    deps.clock.advance(60);
    await deliver(deps, send);
    expect(taken).toEqual(['a', 'a']);
  });

  test('a receiver that hangs holds up no other', async () => {
    const deps = memory();
    const { send, taken } = receiver();
    for (const id of ['a', 'b', 'c']) await post(deps, message(id, 'channel:hangs'));
    await post(deps, message('z', 'channel:works'));
    const over = Promise.withResolvers<string>();
    const pass = deliver(deps, (item) => (item.to === 'channel:hangs' ? over.promise : send(item)));
    while ((await messages(deps, 'sent')).length === 0) await Promise.resolve();
    expect(taken).toEqual(['z']);
    over.reject(down());
    expect(await pass).toMatchObject({ sent: 1, failed: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
  });

  test('a receiver that takes nothing is left alone after three, and a hundred that wait for it hide nobody else', async () => {
    const deps = memory();
    const { send, state, taken, tried } = receiver();
    state.refuses = ({ to }) => (to === 'channel:down' ? down() : undefined);
    for (let at = 0; at < 120; at += 1) await post(deps, message(`m${String(at).padStart(3, '0')}`, 'channel:down'));
    deps.clock.advance(1);
    await post(deps, message('z', 'channel:works'));
    const first = await deliver(deps, send);
    expect([first.failed.length, first.putOff.length]).toEqual([3, 97]);
    await deliver(deps, send);
    expect(taken).toEqual(['z']);
    expect(tried).toHaveLength(3 + 3 + 1);
  });

  test('one bad message does not keep those behind it', async () => {
    const deps = memory();
    const { send, state, taken } = receiver();
    state.refuses = ({ id }) => (id === 'a' ? down() : undefined);
    for (const id of ['a', 'b', 'c']) await post(deps, message(id));
    await deliver(deps, send);
    expect(taken).toEqual(['b', 'c']);
  });

  test('ten minutes without the receiver: all goes out afterwards, each once', async () => {
    const deps = memory();
    const { send, state, taken } = receiver();
    const back = later(start, 600);
    state.refuses = () => (deps.clock.now() < back ? down() : undefined);
    const ids = Array.from({ length: 25 }, (_, at) => `m${String(at).padStart(2, '0')}`);
    for (const id of ids) await post(deps, message(id));
    for (let minute = 0; minute < 80; minute += 1) {
      await deliver(deps, send);
      deps.clock.advance(60);
    }
    expect(taken.toSorted()).toEqual(ids);
    expect(await messages(deps, 'waiting')).toEqual([]);
  });

  test('keeps nothing of an error that is not ours: it may hold a secret', async () => {
    const deps = memory();
    const { send, state } = receiver();
    state.refuses = () => new TypeError('Bearer xoxb-secret is an invalid header value');
    await post(deps, message('a'));
    await deliver(deps, send);
    expect(await messages(deps, 'waiting')).toMatchObject([{ problem: 'an unexpected TypeError' }]);
  });
});
