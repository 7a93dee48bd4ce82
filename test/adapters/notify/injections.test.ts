import { describe, expect, test } from 'vitest';
import { publishInput, snsChannel } from '../../../shared/adapters/aws/sns-channel.ts';
import { slackMessage } from '../../../shared/adapters/notify/slack-message.ts';
import { SlackSettings, SnsSettings } from '../../../shared/config/channels.ts';
import { exactId } from '../../../shared/report/inert.ts';
import { noticeEvent } from '../../../shared/report/cloud-event.ts';
import { toHook, toSlack } from '../../support/channels.ts';
import { dangers, everywhere, injections, isFormula, places, shapeOf, stringsIn } from '../../support/injections.ts';
import { askNotice, endNotice } from '../../support/notices.ts';
import { receiver, slackTakes } from '../../support/receiver.ts';
import { topicArn, topicsWorld } from '../../support/topics.ts';

const signal = new AbortController().signal;
const slackSettings = SlackSettings.parse({ kind: 'slack', name: 'slack', channel: 'C0123456789', token: 'env:TOKEN' });

/** What each channel shows of a notice: every string that a person or a program reads of it. */
const shownBy = {
  slack: (text: string, place: keyof typeof places) => {
    const notice = places[place]?.(text, askNotice()) ?? askNotice();
    const { blocks, ...rest } = slackMessage(notice, slackSettings, { thread: '', tokens: undefined });
    return { shape: shapeOf({ blocks, ...rest }), shown: stringsIn([blocks, rest.text]) };
  },
  sns: (text: string, place: keyof typeof places) => {
    const {
      Subject = '',
      Message = '',
      ...rest
    } = publishInput(topicArn, places[place]?.(text, askNotice()) ?? askNotice());
    const parsed: unknown = JSON.parse(Message);
    return { shape: shapeOf([parsed, rest]), shown: [Subject, ...stringsIn(parsed)] };
  },
  webhook: (text: string, place: keyof typeof places) => {
    const event: unknown = JSON.parse(
      JSON.stringify(noticeEvent(places[place]?.(text, askNotice()) ?? askNotice(), 'production')),
    );
    const { data } = event as ReturnType<typeof noticeEvent>; // it was one before it was written
    return { shape: shapeOf(event), shown: stringsIn(data) };
  },
} as const;

/** Strings that an untouched notice has already, with their host names: our own types and ids. */
const known = (how: keyof typeof shownBy): ReadonlySet<string> => new Set(shownBy[how]('', 'detail').shown);

describe.each(Object.keys(shownBy) as (keyof typeof shownBy)[])('attackers’ text in %s', (how) => {
  test.each(Object.keys(places))('is inert in %s, and changes nothing else', (place) => {
    const harmless = shownBy[how]('x', place);
    const own = known(how);
    for (const injection of injections) {
      const { shape, shown } = shownBy[how](injection, place);
      const live = shown.filter((text) => !own.has(text) && text !== exactId(text)).flatMap(dangers);
      expect([injection.slice(0, 40), live]).toEqual([injection.slice(0, 40), []]);
      expect(shape).toEqual(harmless.shape);
    }
  });
});

test('no member of a web hook’s notice is a formula', () => {
  for (const injection of injections) {
    const { finding, target, detail } = noticeEvent(everywhere(injection, askNotice()), 'production').data.notice;
    expect(stringsIn([finding, target, detail]).filter(isFormula)).toEqual([]);
  }
});

describe('over the wire', () => {
  test('every injection in every place at once arrives, whole and inert, in all three', async () => {
    const headers: string[] = [];
    const [slack, hook] = [await receiver(slackTakes), await receiver()];
    const { cordon, published } = topicsWorld();
    const topic = snsChannel(SnsSettings.parse({ kind: 'sns', name: 'topic', topicArn }), cordon);
    const channels = [toSlack(slack.url), toHook(hook.url), topic];
    for (const [at, injection] of injections.entries())
      for (const channel of channels)
        await channel.send(everywhere(injection, endNotice({ id: `notice${at}` })), '', signal);
    expect([slack.received.length, hook.received.length, published().length]).toEqual(
      channels.map(() => injections.length),
    );
    for (const request of [...slack.received, ...hook.received]) {
      headers.push(Object.keys(request.headers).sort().join());
      expect(() => JSON.parse(request.body)).not.toThrow();
      expect(Buffer.byteLength(request.body)).toBeLessThan(32_000);
    }
    expect(new Set(headers).size).toBe(2);
    for (const { body } of slack.received)
      expect(stringsIn(JSON.parse(body)).filter((text) => /[<>]|&lt;|https?:/.test(text))).toEqual([]);
    for (const { texts, subject } of published()) {
      expect(subject).toMatch(/^[ -~]{1,99}$/);
      expect(dangers(texts['default'] ?? '')).toEqual([]);
    }
  });
});
