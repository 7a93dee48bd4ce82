import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { planted, toHook } from '../../support/channels.ts';
import { askedAt, askNotice, planDigest } from '../../support/notices.ts';
import { type Received, receiver } from '../../support/receiver.ts';

const signal = new AbortController().signal;
const thrownBy = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'sent',
    (thrown: unknown) => thrown,
  );

/** What a receiver does that follows standardwebhooks.com, written from the specification. */
function verified({ headers, body }: Received, secret: string, nowSeconds: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (Math.abs(nowSeconds - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return String(signatures)
    .split(' ')
    .some((one) => one.startsWith('v1,') && timingSafeEqual(Buffer.from(one.slice(3), 'base64'), wanted));
}

describe('a web hook', () => {
  test('is sent a signed CloudEvent with the text and the members of the notice', async () => {
    const hook = await receiver();
    expect(await toHook(hook.url).send(askNotice(), '', signal)).toBe('');
    const [request] = hook.received;
    if (!request) throw new Error('nothing came');
    expect(verified(request, planted.CORDON_HOOK_SECRET, Date.parse(askedAt) / 1_000)).toBe(true);
    expect(
      verified({ ...request, body: `${request.body} ` }, planted.CORDON_HOOK_SECRET, Date.parse(askedAt) / 1_000),
    ).toBe(false);
    expect(request.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': 'noticeaaaaaaaaaaaaaaaaaaaa',
      'content-length': String(Buffer.byteLength(request.body)),
    });
    expect(JSON.parse(request.body)).toMatchObject({
      specversion: '1.0',
      id: 'noticeaaaaaaaaaaaaaaaaaaaa',
      source: '/cordon/production',
      type: 'cordon.notice.approval-asked',
      subject: 'runaaaaaaaaaaaaaaaaaaaaaaa',
      time: askedAt,
      datacontenttype: 'application/json',
      data: {
        headline: 'High: Approval needed, playbook stolen-instance-credentials, run runaaaaaaaaaaaaaaaaaaaaaaa',
        text: expect.stringContaining('Already cut\n  Deny the stolen session (1 change)'),
        notice: {
          target: { id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718' },
          asks: { approval: 'approvalaaaaaaaaaaaaaaaaaa', digest: planDigest },
        },
      },
    });
  });

  test('is sent the same id when it is told again, so that it can tell', async () => {
    const hook = await receiver();
    await toHook(hook.url).send(askNotice(), '', signal);
    await toHook(hook.url).send(askNotice(), '', signal);
    expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test.each([
    [200, 'sent'],
    [204, 'sent'],
    [400, { code: 'refused', retryable: true, message: 'channel hook: the web hook answers HTTP 400' }],
    [410, { code: 'refused', retryable: false }],
    [429, { code: 'refused', retryable: true, retryAfterSeconds: 11 }],
    [302, { code: 'refused', retryable: true }],
    [503, { code: 'refused', retryable: true, retryAfterSeconds: 11 }],
  ])('that answers %i', async (status, expected) => {
    const hook = await receiver(() => ({
      status,
      headers: status === 302 ? { location: '/x' } : { 'retry-after': '11' },
    }));
    const outcome = await thrownBy(toHook(hook.url).send(askNotice(), '', signal));
    if (typeof expected === 'string') expect(outcome).toBe(expected);
    else expect(outcome).toMatchObject(expected);
    expect(String(outcome)).not.toMatch(/canary|127/);
  });

  test.each([
    ['is not there', undefined, 'no-secret'],
    ['is no secret of Standard Webhooks', 'canary', 'bad-secret'],
  ])('whose secret %s is sent nothing', async (_, secret, code) => {
    const hook = await receiver();
    const thrown = await thrownBy(toHook(hook.url, { CORDON_HOOK_SECRET: secret }).send(askNotice(), '', signal));
    expect(thrown).toMatchObject({ code, retryable: true });
    expect(String(thrown)).not.toContain('canary');
    expect(hook.received).toEqual([]);
  });
});
