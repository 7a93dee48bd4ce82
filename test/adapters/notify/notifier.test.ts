import { describe, expect, test } from 'vitest';
import { notifierOf } from '../../../shared/adapters/notify/notifier.ts';
import { environmentSecrets } from '../../../shared/adapters/system/secrets.ts';
import { Settings } from '../../../shared/config/settings.ts';
import type { Notice } from '../../../shared/model/notice.ts';
import type { Channel } from '../../../shared/ports/notifier.ts';
import { virtualClock } from '../../../shared/sandbox/clock.ts';
import { signer } from '../../support/channels.ts';
import { askedAt, askNotice, endNotice } from '../../support/notices.ts';
import { topicArn } from '../../support/topics.ts';

const topic = (name: string, more: object = {}) => ({ kind: 'sns', name, topicArn, ...more });

function routes(...channels: object[]) {
  const sent: string[] = [];
  const notifier = notifierOf({
    settings: Settings.parse({ channels }),
    secrets: environmentSecrets({}),
    signer,
    clock: virtualClock(askedAt),
    sns: async ({ name }): Promise<Channel> => ({ name, send: async ({ id }) => `${sent.push(`${name} ${id}`)}` }),
  });
  const to = (notice: Notice) => notifier.channelsFor(notice).map(({ name }) => name);
  return { notifier, sent, to };
}

describe('a notice goes', () => {
  test('nowhere without channels', () => {
    expect(routes().to(askNotice())).toEqual([]);
  });

  test('to every channel that takes its kind, its severity and its urgency', () => {
    const { to } = routes(
      topic('all'),
      topic('questions', { kinds: ['approval-asked', 'approval-escalated'] }),
      topic('grave', { severity: 'Critical' }),
      topic('pager', { pageOnly: true }),
    );
    expect(to(askNotice())).toEqual(['all', 'questions', 'pager']);
    expect(to(askNotice({ severity: 'Fatal' }))).toEqual(['all', 'questions', 'grave', 'pager']);
    expect(to(endNotice())).toEqual(['all']);
    expect(to(endNotice({ severity: 'Critical', page: true }))).toEqual(['all', 'grave', 'pager']);
  });

  test('to all where it is to wake somebody up and no route takes it, and nowhere where it is not', () => {
    const { to } = routes(topic('a', { kinds: ['halted'] }), topic('b', { severity: 'Fatal' }));
    expect(to(askNotice())).toEqual(['a', 'b']);
    expect(to(endNotice())).toEqual([]);
  });

  test('through a channel that is opened when it is first used', async () => {
    const { notifier, sent } = routes(topic('one'), topic('two'));
    await notifier.channels[1]?.send(askNotice(), '', new AbortController().signal);
    expect(sent).toEqual(['two noticeaaaaaaaaaaaaaaaaaaaa']);
  });
});

describe('settings refuse', () => {
  const hook = { kind: 'webhook', name: 'hook', url: 'https://hooks.northwind.example/x', secret: 'env:HOOK_SECRET' };
  const slack = { kind: 'slack', name: 'slack', channel: 'C0123456789', token: 'env:SLACK_TOKEN' };
  test.each([
    ['two channels of one name', [topic('a'), topic('a')]],
    ['a token that is written out', [{ ...slack, token: 'xoxb-1' }]],
    ['the name of a conversation', [{ ...slack, channel: '#security' }]],
    ['a web hook without TLS', [{ ...hook, url: 'http://hooks.northwind.example/' }]],
    ['a secret that is written out', [{ ...hook, secret: 'whsec_AAAA' }]],
    ['a topic that is no topic', [topic('a', { topicArn: 'arn:aws:sqs:eu-west-1:111122223333:x' })]],
    ['an unknown kind of notice', [topic('a', { kinds: ['everything'] })]],
    ['an unknown member', [{ ...slack, tokens: 'env:X' }]],
    ['an unknown way', [{ kind: 'pigeon', name: 'a' }]],
  ])('%s', (_, channels) => {
    expect(Settings.safeParse({ channels }).success).toBe(false);
  });

  test('nothing that is right', () => {
    expect(Settings.safeParse({ channels: [slack, hook, topic('topic')] }).success).toBe(true);
  });
});
