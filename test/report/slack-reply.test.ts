import { describe, expect, it } from 'vitest';
import { ephemeral, replyAddress } from '../../shared/report/slack-reply.ts';

const body = (response_url: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify({ response_url }) }).toString();

describe('where an answer to a press goes', () => {
  it.each(['https://hooks.slack.com/actions/T1/2/three', 'https://hooks.slack-gov.com/actions/T1/2/three'])(
    'is %s',
    (url) => {
      expect(replyAddress(body(url))).toBe(url);
    },
  );

  it.each([
    'http://hooks.slack.com/actions/T1/2/3',
    'https://hooks.slack.com.evil.example/actions/T1/2/3',
    'https://evil.example/actions/T1',
    'https://hooks.slack.com@evil.example/actions/T1',
    'https://hooks.slack.com/actions/../../services/T1',
    'https://hooks.slack.com:8443/actions/T1',
    7,
  ])('is never %s', (url) => {
    expect(replyAddress(body(url))).toBeUndefined();
  });

  it('is nowhere in what is no payload', () => {
    for (const text of ['', 'payload=', 'payload={', 'x=1']) expect(replyAddress(text)).toBeUndefined();
  });
});

it('is shown to whoever pressed alone, as text', () => {
  expect(ephemeral('<!channel> & more\u202e')).toEqual({
    response_type: 'ephemeral',
    replace_original: false,
    text: '&lt;!channel&gt; &amp; more\ufffd',
  });
});
