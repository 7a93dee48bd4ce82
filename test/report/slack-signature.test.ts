import { createHmac, createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isFromSlack, type SlackRequest } from '../../shared/report/slack-signature.ts';

/** The example in docs.slack.dev, "Verifying requests from Slack". */
const published: SlackRequest = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
};
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const now = new Date(1_531_420_618_000).toISOString();
const after = (seconds: number): string => new Date((1_531_420_618 + seconds) * 1_000).toISOString();

describe('a request of Slack', () => {
  test('is known by the signature that Slack publishes as an example', () => {
    expect(isFromSlack(published, secret, now)).toBe(true);
  });

  test.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])('%i seconds off: %s', (seconds, taken) => {
    expect(isFromSlack(published, secret, after(seconds))).toBe(taken);
  });

  test('is refused in 10,000 mutations of body, signature, time and secret', () => {
    const accepted: string[] = [];
    for (let at = 0; at < 10_000; at += 1) {
      const [field = 0, where = 0, flip = 0] = createHash('sha256').update(String(at)).digest();
      const change = (text: string): string => {
        const place = (where * 256 + at) % text.length;
        const letter = String.fromCharCode(text.charCodeAt(place) ^ (1 << (flip % 7)));
        return text.slice(0, place) + letter + text.slice(place + 1);
      };
      const names = ['body', 'signature', 'timestamp'] as const;
      const name = names[field % 4];
      const request = name ? { ...published, [name]: change(published[name]) } : published;
      if (isFromSlack(request, name ? secret : change(secret), now)) accepted.push(`${at} ${name}`);
    }
    expect(accepted).toEqual([]);
  });

  test.each([
    ['no signature', { signature: '' }],
    ['a signature in capitals', { signature: published.signature.toUpperCase() }],
    ['another version', { signature: published.signature.replace('v0', 'v1') }],
    ['half a signature', { signature: published.signature.slice(0, 35) }],
    ['no time', { timestamp: '' }],
    ['a time that is no number', { timestamp: '1531420618.0' }],
    ['a time with a sign', { timestamp: '+1531420618' }],
    ['a body that was written again', { body: decodeURIComponent(published.body) }],
  ])('is refused with %s', (_, changed) => {
    expect(isFromSlack({ ...published, ...changed }, secret, now)).toBe(false);
  });

  test('is refused where there is no secret or no clock, even when it fits', () => {
    const hash = createHmac('sha256', '').update(`v0:${published.timestamp}:${published.body}`).digest('hex');
    expect(isFromSlack({ ...published, signature: `v0=${hash}` }, '', now)).toBe(false);
    expect(isFromSlack(published, secret, 'no instant')).toBe(false);
  });
});
