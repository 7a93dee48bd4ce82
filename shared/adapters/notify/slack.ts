import * as z from 'zod';
import type { SlackSettings } from '../../config/channels.ts';
import { CordonError } from '../../model/error.ts';
import type { Notice } from '../../model/notice.ts';
import { retryAfterSeconds } from '../../model/retry-after.ts';
import type { Channel } from '../../ports/notifier.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Signer } from '../../ports/signer.ts';
import { issue } from '../../report/approval-token.ts';
import { type SlackMessage, slackMessage, type Tokens } from './slack-message.ts';

type SlackDeps = {
  readonly secrets: Secrets;
  readonly signer: Signer;
  /** `https://slack.com/api` unless a test has its own. */
  readonly baseUrl?: string;
};

const deadlineMilliseconds = 10_000;
/** An answer of chat.postMessage repeats the message: more than this is not one. */
const mostBytes = 262_144;

const Answer = z.union([
  z.object({ ok: z.literal(true), ts: z.string().regex(/^[\d.]{1,40}$/) }),
  z.object({ ok: z.literal(false), error: z.string().regex(/^[a-z_]{1,80}$/) }),
]);

/** Refusals of the message itself: it would be refused again. All others somebody can put right meanwhile. */
const final = /^(invalid_(blocks|arguments|metadata|array|form)|msg_(too_long|blocks_too_long)|no_text|too_many_)/;

type Fault = { readonly code: string; readonly what: string; readonly retryable: boolean; readonly after?: number };

const fault = (name: string, { code, what, retryable, after }: Fault): CordonError =>
  new CordonError({
    code,
    message: `channel ${name}: ${what}`,
    retryable,
    ...(after !== undefined && { retryAfterSeconds: after }),
  });

/** Both answers, signed and bound to the plan; none where nothing is asked or nothing a button sends would be believed. */
async function tokensFor(notice: Notice, settings: SlackSettings, signer: Signer): Promise<Tokens | undefined> {
  const { asks } = notice;
  if (!asks || settings.signingSecret === undefined) return undefined;
  const { approval, digest, until: exp } = asks;
  const sign = (verdict: 'approved' | 'rejected') => issue(signer, { approval, digest, verdict, exp });
  try {
    return { approved: await sign('approved'), rejected: await sign('rejected') };
  } catch (thrown) {
    if (thrown instanceof CordonError && thrown.code === 'no-signing-key') return undefined; // the commands still answer
    throw thrown;
  }
}

/** The text of an answer, cut off where it grows beyond any. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function answerIn(text: string): z.infer<typeof Answer> | undefined {
  try {
    return Answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // a gateway's page
  }
}

/** One call of chat.postMessage (docs.slack.dev): the time stamp by which Slack names the message. */
async function postMessage(
  { name }: SlackSettings,
  { baseUrl = 'https://slack.com/api' }: SlackDeps,
  token: string,
  message: SlackMessage,
  signal: AbortSignal,
): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}/chat.postMessage`, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
      body: JSON.stringify(message),
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]),
    });
    text = await textOf(response);
  } catch {
    // the cause may quote the request, and that holds the token
    throw fault(name, { code: 'no-answer', what: 'Slack did not answer', retryable: true });
  }
  const after = retryAfterSeconds((header) => response.headers.get(header));
  const answer = answerIn(text);
  if (response.ok && answer?.ok) return answer.ts;
  const what = answer && !answer.ok ? `Slack says ${answer.error}` : `Slack answers HTTP ${response.status}`;
  const retryable = !(answer && !answer.ok && final.test(answer.error));
  throw fault(name, { code: 'refused', what, retryable, ...(after !== undefined && { after }) });
}

/** Tells people in a conversation of Slack; messages about one run stand in one thread, and those that page are shown to all. */
export function slackChannel(settings: SlackSettings, deps: SlackDeps): Channel {
  const { name, token: reference } = settings;
  return {
    name,
    async send(notice, thread, signal) {
      const token = await deps.secrets.read(reference);
      if (!/^[\x21-\x7e]+$/.test(token))
        throw fault(name, { code: 'bad-secret', what: `${reference} holds no token of Slack`, retryable: true });
      const tokens = await tokensFor(notice, settings, deps.signer);
      return postMessage(settings, deps, token, slackMessage(notice, settings, { thread, tokens }), signal);
    },
  };
}
