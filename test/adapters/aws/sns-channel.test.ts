import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { snsChannel } from '../../../shared/adapters/aws/sns-channel.ts';
import { SnsSettings } from '../../../shared/config/channels.ts';
import { noticeText } from '../../../shared/report/notice-text.ts';
import { holding, refusal } from '../../support/attacker.ts';
import { askNotice, endNotice } from '../../support/notices.ts';
import { fifoArn, topicArn, topicsWorld } from '../../support/topics.ts';

const signal = new AbortController().signal;
const settingsOf = (arn: string) => SnsSettings.parse({ kind: 'sns', name: 'topic', topicArn: arn });
const thrownBy = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'sent',
    (thrown: unknown) => thrown,
  );

describe('an SNS topic', () => {
  test('is published the text, a subject, a line for a telephone, and attributes to filter by', async () => {
    const { cordon, published } = topicsWorld();
    const answer = await snsChannel(settingsOf(topicArn), cordon).send(askNotice(), '', signal);
    expect(published()).toEqual([
      {
        topicArn,
        messageId: answer,
        subject: 'High: Approval needed, playbook stolen-instance-credentials, run runaaaaaaaaaaaaaaaaaaaaaaa',
        texts: {
          default: noticeText(askNotice()),
          sms: 'High: Approval needed, playbook stolen-instance-credentials, run runaaaaaaaaaaaaaaaaaaaaaaa',
        },
        attributes: { kind: 'approval-asked', severity: 'High', page: 'true', run: 'runaaaaaaaaaaaaaaaaaaaaaaa' },
      },
    ]);
  });

  test('has a subject of fewer than 100 characters of ASCII, whatever the playbook is called', async () => {
    const { cordon, published } = topicsWorld();
    await snsChannel(settingsOf(topicArn), cordon).send(
      askNotice({ playbook: `schlüssel-${'x'.repeat(200)}` }),
      '',
      signal,
    );
    expect(published()[0]?.subject).toMatch(/^[ -~]{1,99}$/);
  });

  test('that is FIFO has the messages of one run in order, and one message once', async () => {
    const { cordon, published } = topicsWorld();
    const channel = snsChannel(settingsOf(fifoArn), cordon);
    const first = await channel.send(askNotice(), '', signal);
    expect(await channel.send(askNotice(), '', signal)).toBe(first);
    await channel.send(endNotice(), '', signal);
    expect(published()).toHaveLength(2);
    expect(new Set(published().map(({ group }) => group)).size).toBe(1);
  });

  test('that is missing, or may not be published to, may be put right: it is tried again', async () => {
    const { cordon, nobody } = topicsWorld();
    const gone = snsChannel(settingsOf(`${topicArn}-2`), cordon).send(askNotice(), '', signal);
    expect(await thrownBy(gone)).toMatchObject({
      code: 'refused',
      message: 'channel topic: SNS says NotFound',
      retryable: true,
    });
    const denied = snsChannel(settingsOf(topicArn), nobody).send(askNotice(), '', signal);
    expect(await thrownBy(denied)).toMatchObject({
      code: 'refused',
      message: 'channel topic: SNS says AuthorizationError',
      retryable: true,
    });
  });

  test('whose answer is lost is tried again: nobody can tell, and twice is better than never', async () => {
    const { sandbox, cordon, published } = topicsWorld();
    sandbox.faults.plant({ operation: 'sns:Publish', fault: { kind: 'answer-lost' } });
    expect(await thrownBy(snsChannel(settingsOf(topicArn), cordon).send(askNotice(), '', signal))).toMatchObject({
      code: 'no-answer',
      retryable: true,
    });
    expect(published()).toHaveLength(1);
  });

  test('is not waited for longer than its signal', async () => {
    const { cordon } = topicsWorld();
    const attempt = snsChannel(settingsOf(topicArn), cordon).send(askNotice(), '', AbortSignal.abort());
    expect(await thrownBy(attempt)).toMatchObject({ code: 'no-answer', retryable: true });
  });
});

describe('SNS in the sandbox', () => {
  const publish = async (input: PublishCommandInput) => {
    const { sandbox } = topicsWorld();
    const client = new SNSClient(holding(sandbox, 'AKIACORDON0000000001'));
    await client.send(new PublishCommand({ TopicArn: topicArn, ...input }));
  };

  test.each<[string, PublishCommandInput]>([
    ['no message', { Message: '' }],
    ['more than 256 KB', { Message: 'x'.repeat(262_145) }],
    ['a subject of 100 characters', { Message: 'x', Subject: 'x'.repeat(100) }],
    ['a subject with a line break', { Message: 'x', Subject: 'a\nb' }],
    ['a subject that is not ASCII', { Message: 'x', Subject: 'ü' }],
    ['a structure that is not JSON', { Message: 'x', MessageStructure: 'json' }],
    ['a structure without a default', { Message: '{"sms":"x"}', MessageStructure: 'json' }],
    ['no group for a FIFO topic', { Message: 'x', TopicArn: fifoArn }],
  ])('refuses %s', async (_, input) => {
    expect(await refusal(publish(input))).toBe('InvalidParameterException');
  });

  test('takes a plain message', async () => {
    expect(await refusal(publish({ Message: 'x', Subject: 'y' }))).toBeUndefined();
  });
});
