import type { SlackSettings } from '../../config/channels.ts';
import type { Notice } from '../../model/notice.ts';
import { oneLine } from '../../report/inert.ts';
import { type NoticePart, noticeParts } from '../../report/notice-text.ts';
import { slackActions } from '../../report/slack-answer.ts';

/** Text that Slack shows letter by letter: no markup, no emoji (docs.slack.dev, "Text object"). */
type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };

type Button = {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly style?: 'primary' | 'danger';
  readonly value?: string;
  readonly url?: string;
  readonly confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText };
};

type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] };

/** What chat.postMessage takes, as far as we use it (docs.slack.dev, chat.postMessage). */
export type SlackMessage = {
  readonly channel: string;
  /** For a lock screen: Cordon's own words alone. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly mrkdwn: false;
  readonly parse: 'none';
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
  readonly metadata: { readonly event_type: string; readonly event_payload: { readonly id: string } };
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
};

/** What the buttons send back. */
export type Tokens = { readonly approved: string; readonly rejected: string };

/** Slack's limits on one text, less what writing & < > as entities may add. */
const most = { header: 150, section: 2_900, context: 1_900 } as const;

const plainText = (text: string): PlainText => ({ type: 'plain_text', text, emoji: false });

/** Lines in as few texts as hold them. */
function pages(lines: readonly string[], limit: number): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last === undefined || last.length + line.length + 1 > limit) texts.push(line.slice(0, limit));
    else texts[texts.length - 1] = `${last}\n${line}`;
  }
  return texts;
}

function blocksOf({ name, heading, lines }: NoticePart): Block[] {
  if (name === 'more')
    return pages(lines, most.context).map((text) => ({ type: 'context', elements: [plainText(text)] }));
  return pages([heading, ...lines], most.section).map((text) => ({ type: 'section', text: plainText(text) }));
}

const answerButton = (verdict: keyof Tokens, tokens: Tokens, step: string): Button => {
  const word = verdict === 'approved' ? 'Approve' : 'Reject';
  return {
    type: 'button',
    action_id: slackActions[verdict],
    text: plainText(word),
    style: verdict === 'approved' ? 'primary' : 'danger',
    value: tokens[verdict],
    confirm: {
      title: plainText(`${word}?`),
      text: plainText(`Your answer to the step ${oneLine(step, 100)} is recorded under your name and is final.`),
      confirm: plainText(word),
      deny: plainText('Not yet'),
    },
  };
};

function buttonsOf({ asks }: Notice, { approvals }: SlackSettings, tokens: Tokens | undefined): Block[] {
  if (!asks) return [];
  const answers = tokens
    ? [answerButton('approved', tokens, asks.step), answerButton('rejected', tokens, asks.step)]
    : [];
  const page: Button[] =
    approvals === undefined
      ? []
      : [
          {
            type: 'button',
            action_id: 'cordon-open',
            text: plainText('Open the plan'),
            url: `${approvals.replace(/\/$/, '')}/${encodeURIComponent(asks.approval)}`,
          },
        ];
  const elements = [...answers, ...page];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** A notice in Block Kit: every word of it in plain text, and nothing is unfurled, linked or mentioned. */
export function slackMessage(
  notice: Notice,
  settings: SlackSettings,
  { thread, tokens }: { readonly thread: string; readonly tokens: Tokens | undefined },
): SlackMessage {
  const { headline, parts } = noticeParts(notice);
  return {
    channel: settings.channel,
    text: oneLine(headline, most.header),
    blocks: [
      { type: 'header', text: plainText(oneLine(headline, most.header)) },
      ...parts.flatMap(blocksOf),
      ...buttonsOf(notice, settings, tokens),
    ],
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'cordon_notice', event_payload: { id: notice.id } },
    ...(thread !== '' && { thread_ts: thread, reply_broadcast: notice.page }),
  };
}
