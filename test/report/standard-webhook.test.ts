import { describe, expect, test } from 'vitest';
import { webhookHeaders } from '../../shared/report/standard-webhook.ts';

/** The example of the Standard Webhooks specification and its libraries. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: '2021-02-25T20:00:30.000Z', body: '{"test": 2432232314}' };

describe('the headers of a web hook', () => {
  test('are those of the published example', () => {
    expect(webhookHeaders(secret, { ...message, at: new Date(1_614_265_330_000).toISOString() })).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('are signed with both secrets while one replaces the other', () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const both = webhookHeaders(` ${other}\n${secret} `, message)['webhook-signature'].split(' ');
    expect(both).toEqual([
      webhookHeaders(other, message)['webhook-signature'],
      webhookHeaders(secret, message)['webhook-signature'],
    ]);
  });

  test.each([
    '',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_',
    'whsec_c2hvcnQ=',
    'whsec_!!!',
    `whsec_${'A'.repeat(200)}`,
  ])('are not made with %j, which no error quotes', (bad) => {
    const thrown = ((): unknown => {
      try {
        return webhookHeaders(bad, message);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'bad-secret' });
    if (bad.length > 10) expect(String(thrown)).not.toContain(bad);
  });
});
