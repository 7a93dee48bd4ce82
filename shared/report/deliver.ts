import { later } from '../model/duration.ts';
import { CordonError } from '../model/error.ts';
import { Notice } from '../model/notice.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Records } from '../ports/records.ts';
import { type Delivered, deliver, type OutboxItem, post, type Send } from '../records/outbox.ts';

type Deps = { readonly records: Records; readonly clock: Clock };
type NoticeDeps = Deps & { readonly notifier: Notifier; readonly signal: AbortSignal };

/** Who sends what is addressed to `channel:…`, to `finding` and to `outcome:…`. */
export type Senders = { readonly channel: Send; readonly finding?: Send; readonly outcome?: Send };

const refuse = (code: string, message: string, remedy: string) =>
  new CordonError({ code, message, remedy, retryable: true }); // another deployment may know it

/** Sends whatever is due in the outbox, each message by the sender for the first word of its address. */
export const deliverAll = (deps: Deps, senders: Senders, limit?: number): Promise<Delivered> => {
  const table = new Map<string, Send>(Object.entries(senders));
  const send: Send = (item) => {
    const [word = ''] = item.to.split(':', 1);
    const sender = table.get(word);
    if (!sender) throw refuse('no-sender', `nothing sends to ${word}`, 'Deploy every function in the same version.');
    return sender(item);
  };
  return deliver(deps, async (item) => send(item), limit);
};

const channelOf = ({ to }: OutboxItem): string => to.slice('channel:'.length);
const threadId = ({ run }: Notice, channel: string): string => `thread:${run}:${channel}`;

/** What the channel answered to the first message about the run, or nothing. */
async function threadOf({ records }: Deps, notice: Notice, channel: string): Promise<string> {
  if (notice.run === null) return '';
  const stored = await records.read('thread', threadId(notice, channel));
  return typeof stored?.body === 'string' ? stored.body : '';
}

async function sendNotice(deps: NoticeDeps, item: OutboxItem): Promise<string> {
  const notice = Notice.parse(item.body);
  const name = channelOf(item);
  const channel = deps.notifier.channels.find((one) => one.name === name);
  if (!channel) throw refuse('no-such-channel', `the settings name no channel ${name}`, 'Add it under `channels`.');
  const thread = await threadOf(deps, notice, name);
  const answer = await channel.send(notice, thread, deps.signal);
  if (thread === '' && answer !== '' && notice.run !== null)
    await deps.records.create({ kind: 'thread', id: threadId(notice, name), body: answer });
  return answer;
}

/** A channel that has not taken a question for so long is not waited for. */
const patienceSeconds = 60;

/** A question that one channel does not take is asked in all others: silence must not be a broken channel's. */
async function askElsewhere(deps: NoticeDeps, item: OutboxItem): Promise<void> {
  const { data: notice } = Notice.safeParse(item.body);
  const stuck = item.state === 'given-up' || deps.clock.now() >= later(item.postedAt, patienceSeconds);
  if (!notice?.asks || !stuck || !item.to.startsWith('channel:')) return;
  const others = deps.notifier.channels.filter(({ name }) => name !== channelOf(item));
  await Promise.all(
    others.map(({ name }) => post(deps, { id: `${notice.id}:${name}`, to: `channel:${name}`, body: item.body })),
  );
}

/** Sends what is due: notices through the channels, and the rest by those given. */
export async function deliverNotices(deps: NoticeDeps, others: Omit<Senders, 'channel'> = {}): Promise<Delivered> {
  const delivered = await deliverAll(deps, { channel: (item) => sendNotice(deps, item), ...others });
  const stuck = [...delivered.failed, ...delivered.putOff];
  await Promise.all(stuck.map((item) => askElsewhere(deps, item)));
  return delivered;
}
