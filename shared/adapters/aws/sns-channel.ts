import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { awsCode, awsFault } from '../../actions/aws/fault.ts';
import type { SnsSettings } from '../../config/channels.ts';
import { CordonError, ProviderError } from '../../model/error.ts';
import { shortDigest } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Channel } from '../../ports/notifier.ts';
import { noticeParts, noticeText } from '../../report/notice-text.ts';
import type { Credentials } from './sessions.ts';

type SnsOptions = {
  /** The SDK's own chain when left out. */
  readonly credentials?: () => Promise<Credentials>;
  readonly requestHandler?: object;
};

const deadlineMilliseconds = 10_000;
/** A short message has 140 bytes; a subject fewer than 100 characters of ASCII (docs.aws.amazon.com/sns, Publish). */
const most = { short: 140, subject: 99 } as const;

const ascii = (text: string, length: number): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, length);
const word = (value: string) => ({ DataType: 'String', StringValue: value });

/** What Publish is given: the whole text for mail and queues, the headline for a telephone, attributes to filter by. */
export function publishInput(topicArn: string, notice: Notice): PublishCommandInput {
  const { headline } = noticeParts(notice);
  const texts = { default: noticeText(notice), sms: ascii(headline, most.short) };
  const fifo = topicArn.endsWith('.fifo');
  return {
    TopicArn: topicArn,
    Subject: ascii(headline, most.subject),
    MessageStructure: 'json',
    Message: JSON.stringify(texts),
    MessageAttributes: {
      kind: word(notice.kind),
      severity: word(notice.severity),
      page: word(String(notice.page)),
      ...(notice.run !== null && { run: word(notice.run) }),
    },
    ...(fifo && {
      MessageGroupId: shortDigest(notice.run ?? notice.id),
      MessageDeduplicationId: shortDigest({ notice: notice.id }),
    }),
  };
}

/** Mistakes in the message itself; a topic that is missing, or a right, somebody may put right meanwhile. */
const final = ['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid', 'ValidationException'];

function fault(name: string, thrown: unknown): CordonError {
  const known = awsFault(thrown);
  const code = known instanceof ProviderError ? known.code : 'no-answer';
  const refused = known instanceof ProviderError && known.status > 0;
  return new CordonError({
    code: refused ? 'refused' : 'no-answer',
    message: `channel ${name}: ${refused ? `SNS says ${code}` : 'SNS did not answer'}`,
    retryable: !final.includes(awsCode(thrown)) && !final.includes(code),
  });
}

/** Tells the subscribers of an SNS topic, in the topic's own region. */
export function snsChannel({ name, topicArn }: SnsSettings, options: SnsOptions = {}): Channel {
  const [, , , region = ''] = topicArn.split(':');
  return {
    name,
    async send(notice, _, signal) {
      // credentials may last for minutes only: a client for each message asks for them anew
      const client = new SNSClient({ region, maxAttempts: 1, ...options });
      const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
      try {
        const { MessageId = '' } = await client.send(new PublishCommand(publishInput(topicArn, notice)), {
          abortSignal,
        });
        return MessageId;
      } catch (thrown) {
        throw fault(name, thrown);
      } finally {
        client.destroy();
      }
    },
  };
}
