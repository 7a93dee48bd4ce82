import { CordonError } from '../../model/error.ts';
import { guardedPost } from './guarded-post.ts';

/** Slack waits three seconds for our answer to a press; what is left is for that. */
const deadlineMilliseconds = 2_000;

/** Tells whoever pressed a button in Slack what came of it, at the address that Slack gave with the press. */
export async function replyInSlack(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const signal = AbortSignal.timeout(deadlineMilliseconds);
  const { status } = await guardedPost({ url, headers, body, signal });
  if (status >= 400) throw new CordonError({ code: 'refused', message: `Slack answers HTTP ${status} to a reply` });
}
