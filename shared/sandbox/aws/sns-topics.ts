import type * as sns from '@aws-sdk/client-sns';
import * as z from 'zod';
import { own } from '../../model/json.ts';
import { table } from '../rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** A message as the topic hands it to its subscribers. */
export type SnsMessageRow = {
  readonly topicArn: string;
  readonly messageId: string;
  readonly subject?: string;
  /** By protocol, with `default` for all others. */
  readonly texts: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group?: string;
};

/** Who is told, and whether they have said that they want to be. */
export type SubscriptionRow = {
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
};

/** Keyed by ARN. */
export const topics = table<{
  readonly account: string;
  readonly region: string;
  readonly subscriptions?: readonly SubscriptionRow[];
}>('aws.sns.topics');
/** Keyed by `topic ARN/message id`, or `topic ARN/deduplication id` where the topic is FIFO. */
export const snsMessages = table<SnsMessageRow>('aws.sns.messages');

const invalid = (message: string) => new AwsFault('InvalidParameter', `Invalid parameter: ${message}`);

const mostBytes = 262_144;
/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII, begins with a letter, number or mark, no line break. */
const subjectForm = /^[!-~][ -~]{0,98}$/;

function textsIn({ Message = '', MessageStructure }: sns.PublishCommandInput): Record<string, string> {
  if (MessageStructure === undefined) return { default: Message };
  if (MessageStructure !== 'json') throw invalid('MessageStructure');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const texts = z.record(z.string(), z.string()).safeParse(parsed);
  if (!texts.success || own(parsed, 'default') === undefined)
    throw invalid('Message Structure - No default entry in JSON message body');
  return texts.data;
}

function checkMessage({ Message = '', Subject, TopicArn = '', MessageGroupId }: sns.PublishCommandInput): void {
  if (Message === '') throw invalid('Empty message');
  if (Buffer.byteLength(Message) > mostBytes) throw invalid('Message too long');
  if (Subject !== undefined && !subjectForm.test(Subject)) throw invalid('Subject');
  if (TopicArn.endsWith('.fifo') && MessageGroupId === undefined)
    throw invalid('The MessageGroupId parameter is required for FIFO topics');
}

const operations = operationsOf<typeof sns>()({
  ListSubscriptionsByTopic: {
    on: ({ TopicArn = '*' }) => TopicArn,
    does({ TopicArn = '', NextToken }, { view }) {
      const topic = view.get(topics, TopicArn);
      if (!topic) throw new AwsFault('NotFound', 'Topic does not exist', { status: 404 });
      const { items, next } = page(topic.subscriptions ?? [], NextToken);
      const Subscriptions = items.map(({ protocol: Protocol, endpoint: Endpoint, confirmed }, at) => ({
        ...{ TopicArn, Protocol, Endpoint, Owner: topic.account },
        SubscriptionArn: confirmed
          ? `${TopicArn}:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
          : 'PendingConfirmation',
      }));
      return { Subscriptions, ...(next !== undefined && { NextToken: next }) };
    },
  },
  Publish: {
    reads: false,
    on: ({ TopicArn = '*' }) => TopicArn,
    does(input, { world, view }) {
      const { TopicArn = '', Subject, MessageAttributes = {}, MessageGroupId, MessageDeduplicationId } = input;
      if (!view.get(topics, TopicArn)) throw new AwsFault('NotFound', 'Topic does not exist', { status: 404 });
      checkMessage(input);
      const texts = textsIn(input);
      const known = MessageDeduplicationId && view.get(snsMessages, `${TopicArn}/${MessageDeduplicationId}`);
      if (known) return { MessageId: known.messageId };
      const messageId = `00000000-0000-4000-8000-${String(world.next('sns.message')).padStart(12, '0')}`;
      const attributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      );
      world.rows.put(snsMessages, `${TopicArn}/${MessageDeduplicationId ?? messageId}`, {
        topicArn: TopicArn,
        messageId,
        texts,
        attributes,
        ...(Subject !== undefined && { subject: Subject }),
        ...(MessageGroupId !== undefined && { group: MessageGroupId }),
      });
      return { MessageId: messageId };
    },
  },
});

/** Topics of the Simple Notification Service, and what was published to them. */
export const snsTopics = awsNoun({
  name: 'snsTopics',
  scope: 'region',
  estate: z.array(z.strictObject({ name: z.string().regex(/^[\w-]{1,256}(\.fifo)?$/) })).default([]),
  seed(rows, named, { partition, account, region }) {
    for (const { name } of named)
      rows.put(topics, `arn:${partition}:sns:${region}:${account}:${name}`, { account, region });
  },
  operations: { sns: operations },
});
