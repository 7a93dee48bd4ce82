import { describe, expect, test } from 'vitest';
import { slackChannel } from '../../../shared/adapters/notify/slack.ts';
import { environmentSecrets } from '../../../shared/adapters/system/secrets.ts';
import { noSigner } from '../../../shared/adapters/system/signer.ts';
import { SlackSettings } from '../../../shared/config/channels.ts';
import { own } from '../../../shared/model/json.ts';
import { readSlackAnswer } from '../../../shared/report/slack-answer.ts';
import { Person } from '../../../shared/config/settings.ts';
import { planted, signer, toSlack } from '../../support/channels.ts';
import { stringsIn } from '../../support/injections.ts';
import { askedAt, askNotice, endNotice, planDigest } from '../../support/notices.ts';
import { type Receiver, receiver, slackTakes } from '../../support/receiver.ts';

const signal = new AbortController().signal;

const bodyOf = ({ received }: Receiver, at = -1): object => JSON.parse(received.at(at)?.body ?? '{}');
const membersOf = (value: unknown, key: string): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((one) => membersOf(one, key));
  if (typeof value !== 'object' || value === null) return [];
  const here = own(value, key);
  return [...(here === undefined ? [] : [here]), ...Object.values(value).flatMap((one) => membersOf(one, key))];
};
/** Buttons by their action id. */
const buttonsIn = (body: object): Map<unknown, object> =>
  new Map(
    membersOf(body, 'elements')
      .flat()
      .flatMap((one) => (typeof one === 'object' && one !== null && own(one, 'type') === 'button' ? [one] : []))
      .map((button) => [own(button, 'action_id'), button]),
  );
const thrownBy = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'sent',
    (thrown: unknown) => thrown,
  );

describe('Slack', () => {
  test('is sent one message with the token in its header, and its name for the message is the answer', async () => {
    const slack = await receiver(slackTakes);
    expect(await toSlack(slack.url).send(askNotice(), '', signal)).toBe('1763629500.000001');
    expect(slack.received).toHaveLength(1);
    expect(slack.received[0]).toMatchObject({
      path: '/api/chat.postMessage',
      headers: {
        authorization: `Bearer ${planted.CORDON_SLACK_TOKEN}`,
        'content-type': 'application/json; charset=utf-8',
      },
    });
    expect(slack.received[0]?.body).not.toMatch(/canary/);
  });

  test('shows what was found, cut and waits, until when, and the commands, in plain text and nothing else', async () => {
    const slack = await receiver(slackTakes);
    await toSlack(slack.url).send(askNotice(), '', signal);
    const body = bodyOf(slack);
    expect(body).toMatchObject({
      channel: 'C0123456789',
      text: 'High: Approval needed, playbook stolen-instance-credentials, run runaaaaaaaaaaaaaaaaaaaaaaa',
      mrkdwn: false,
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
    expect(body).not.toHaveProperty('thread_ts');
    const shown = stringsIn(body).join('\n');
    for (const told of [
      'Credentials of web-1 are used from outside',
      'Already cut\nDeny the stolen session (1 change)',
      'Waits\nIsolate the instance (3 changes)',
      'Until: 2026-11-20 09:35 UTC, 30 minutes after this message',
      `cordon approve approvalaaaaaaaaaaaaaaaaaa --digest ${planDigest}`,
      'cordon release runaaaaaaaaaaaaaaaaaaaaaaa',
    ])
      expect(shown).toContain(told);
    expect(membersOf(body, 'emoji')).not.toContain(true);
    expect(new Set(membersOf(own(body, 'blocks'), 'type'))).toEqual(
      new Set(['header', 'plain_text', 'section', 'context', 'actions', 'button']),
    );
  });

  test('has buttons whose press is the answer of that person to that plan', async () => {
    const slack = await receiver(slackTakes);
    await toSlack(slack.url).send(askNotice(), '', signal);
    const buttons = buttonsIn(bodyOf(slack));
    const press = (id: string) => {
      const actions = [{ action_id: id, value: own(buttons.get(id), 'value') }];
      const payload = JSON.stringify({ type: 'block_actions', user: { id: 'U0JONAS' }, actions });
      const people = [Person.parse({ id: 'jonas', roles: ['approver'], slack: 'U0JONAS' })];
      return readSlackAnswer(new URLSearchParams({ payload }).toString(), { people, signer, now: askedAt });
    };
    const answer = { person: 'jonas', approval: 'approvalaaaaaaaaaaaaaaaaaa', digest: planDigest };
    expect(await press('cordon-approve')).toEqual({ ...answer, verdict: 'approved' });
    expect(await press('cordon-reject')).toEqual({ ...answer, verdict: 'rejected' });
    expect(own(buttons.get('cordon-open'), 'url')).toBe(
      'https://cordon.northwind.example/approvals/approvalaaaaaaaaaaaaaaaaaa',
    );
  });

  test.each([
    ['nothing is asked', endNotice(), {}],
    ['no press would be believed', askNotice(), { signingSecret: undefined, approvals: undefined }],
  ])('has no buttons where %s', async (_, notice, changed) => {
    const slack = await receiver(slackTakes);
    await toSlack(slack.url, changed).send(notice, '', signal);
    expect(buttonsIn(bodyOf(slack)).size).toBe(0);
  });

  test('is still told, with the commands alone, where Cordon has no key to sign with', async () => {
    const slack = await receiver(slackTakes);
    const settings = SlackSettings.parse({
      kind: 'slack',
      name: 'slack',
      channel: 'C0123456789',
      token: 'env:CORDON_SLACK_TOKEN',
      signingSecret: 'env:CORDON_SLACK_SECRET',
    });
    const deps = { secrets: environmentSecrets(planted), signer: noSigner('KEYS'), baseUrl: `${slack.url}/api` };
    await slackChannel(settings, deps).send(askNotice(), '', signal);
    expect(buttonsIn(bodyOf(slack)).size).toBe(0);
    expect(slack.received[0]?.body).toContain('cordon approve');
  });

  test('has the messages about one run in one thread, and shows those that page to everybody', async () => {
    const slack = await receiver(slackTakes);
    await toSlack(slack.url).send(endNotice(), '1763629500.000001', signal);
    expect(bodyOf(slack)).toMatchObject({ thread_ts: '1763629500.000001', reply_broadcast: false });
    await toSlack(slack.url).send(askNotice(), '1763629500.000001', signal);
    expect(bodyOf(slack)).toMatchObject({ thread_ts: '1763629500.000001', reply_broadcast: true });
  });

  test('keeps to its limits however much there is to say', async () => {
    const slack = await receiver(slackTakes);
    const long = 'long '.repeat(200);
    const step = { id: 's', title: long, state: 'contained', reason: 'allowed', changes: 1 } as const;
    const notice = askNotice({
      detail: long.repeat(20),
      steps: Array.from({ length: 200 }, () => step),
      commands: Array.from({ length: 200 }, (_, at) => `cordon release ${at}${long}`),
    });
    await toSlack(slack.url).send(notice, '', signal);
    const body = bodyOf(slack);
    expect(membersOf(body, 'blocks').flat().length).toBeLessThanOrEqual(50);
    expect(Math.max(...stringsIn(body).map(({ length }) => length))).toBeLessThanOrEqual(3_000);
    for (const button of buttonsIn(body).values())
      expect(String(own(button, 'value') ?? '').length).toBeLessThan(2_000);
  });

  const json = (value: object, status = 200) => ({ status, body: JSON.stringify(value) });
  test.each([
    [
      'too many messages',
      { ...json({ ok: false, error: 'ratelimited' }, 429), headers: { 'retry-after': '37' } },
      { code: 'refused', retryable: true, retryAfterSeconds: 37 },
    ],
    [
      'a token that somebody must renew',
      json({ ok: false, error: 'token_revoked' }),
      { message: 'channel slack: Slack says token_revoked', retryable: true },
    ],
    ['a conversation that is gone', json({ ok: false, error: 'channel_not_found' }), { retryable: true }],
    ['a message it will never take', json({ ok: false, error: 'invalid_blocks' }), { retryable: false }],
    ['an error of its own', json({ ok: false, error: 'internal_error' }, 500), { retryable: true }],
    [
      'a page of a gateway',
      { status: 502, body: '<html>' },
      { message: 'channel slack: Slack answers HTTP 502', retryable: true },
    ],
    ['success without a message', json({ ok: true }), { retryable: true }],
    [
      'an error that is not one of its words',
      json({ ok: false, error: 'xoxb canary' }),
      { message: 'channel slack: Slack answers HTTP 200' },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://evil.example/' } },
      { code: 'no-answer', retryable: true },
    ],
    ['a broken connection', 'hang-up', { code: 'no-answer', retryable: true }],
    ['an answer without end', { body: Buffer.alloc(3_000_000, 32) }, { retryable: true }],
  ] as const)('says what is wrong: %s', async (_, reply, expected) => {
    const slack = await receiver(() => reply);
    const thrown = await thrownBy(toSlack(slack.url).send(askNotice(), '', signal));
    expect(thrown).toMatchObject(expected);
    expect(`${String(thrown)} ${JSON.stringify(thrown)}`).not.toMatch(/canary|xox/);
  });

  test('is not waited for when it is silent', async () => {
    const stop = new AbortController();
    const slack = await receiver(() => {
      stop.abort();
      return 'silence';
    });
    expect(await thrownBy(toSlack(slack.url).send(askNotice(), '', stop.signal))).toMatchObject({
      code: 'no-answer',
      retryable: true,
    });
  });

  test.each([
    ['is not there', undefined, 'no-secret'],
    ['cannot stand in a header', 'xoxb-canary\r\nX-Evil: 1', 'bad-secret'],
    ['is not ASCII', 'xoxb-canary-ü', 'bad-secret'],
  ])('a token that %s sends nothing and is not quoted', async (_, token, code) => {
    const slack = await receiver(slackTakes);
    const thrown = await thrownBy(
      toSlack(slack.url, {}, { ...planted, CORDON_SLACK_TOKEN: token }).send(askNotice(), '', signal),
    );
    expect(thrown).toMatchObject({ code, retryable: true });
    expect(String(thrown)).toContain('env:CORDON_SLACK_TOKEN');
    expect(String(thrown)).not.toContain('canary');
    expect(slack.received).toEqual([]);
  });
});
