import { createHmac, timingSafeEqual } from 'node:crypto';

/** Requests older than this are replays (docs.slack.dev, "Verifying requests from Slack"). */
const toleranceSeconds = 300;

/** What Slack sends with every request: the headers X-Slack-Request-Timestamp and X-Slack-Signature, and the body as it came. */
export type SlackRequest = {
  readonly timestamp: string;
  readonly signature: string;
  /** Not read and written again: the signature is over these very bytes. */
  readonly body: string;
};

/**
 * Whether Slack sent it, with the signing secret of our app, within five minutes of `now` (ISO): the signature is
 * `v0=` and the HMAC-SHA256 of `v0:<timestamp>:<body>`, compared in constant time.
 */
export function isFromSlack({ timestamp, signature, body }: SlackRequest, secret: string, now: string): boolean {
  if (secret === '' || !/^[1-9]\d{0,11}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  const off = Math.abs(Date.parse(now) / 1_000 - Number(timestamp));
  if (!(off <= toleranceSeconds)) return false; // an instant that cannot be read is not near
  const wanted = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest();
  return timingSafeEqual(wanted, Buffer.from(signature.slice(3), 'hex'));
}
