import type { WebhookSettings } from '../../config/channels.ts';
import { CordonError } from '../../model/error.ts';
import { retryAfterSeconds } from '../../model/retry-after.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Channel } from '../../ports/notifier.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { noticeEvent } from '../../report/cloud-event.ts';
import { webhookHeaders } from '../../report/standard-webhook.ts';
import { type GuardedRequest, guardedPost } from './guarded-post.ts';

type WebhookDeps = Pick<GuardedRequest, 'resolve' | 'allowLoopback'> & {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly stage: string;
};

/** The receiver wants nothing more, for good (Standard Webhooks, "410 Gone"). */
const gone = 410;

/** Tells a program: one signed request for a notice, its id the same whenever it is sent again. */
export function webhookChannel({ name, url, secret }: WebhookSettings, deps: WebhookDeps): Channel {
  const { secrets, clock, stage, resolve, allowLoopback = false } = deps;
  return {
    name,
    async send(notice, _, signal) {
      const address = url.startsWith('https:') ? url : await secrets.read(url);
      const body = JSON.stringify(noticeEvent(notice, stage));
      const signed = webhookHeaders(await secrets.read(secret), { id: notice.id, at: clock.now(), body });
      const headers = { ...signed, 'content-type': 'application/cloudevents+json', 'user-agent': 'cordon' };
      const { status, header } = await guardedPost({
        url: address,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        body,
        signal,
        allowLoopback,
        ...(resolve && { resolve }),
      });
      if (status >= 200 && status < 300) return '';
      const after = retryAfterSeconds(header);
      throw new CordonError({
        code: 'refused',
        message: `channel ${name}: the web hook answers HTTP ${status}`,
        retryable: status !== gone,
        ...(after !== undefined && { retryAfterSeconds: after }),
      });
    },
  };
}
