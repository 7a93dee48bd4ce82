import { snsMessages, type SnsMessageRow } from '../../shared/sandbox/aws/sns-topics.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { holding } from './attacker.ts';
import { askedAt } from './notices.ts';

const account = '111122223333';
export const topicArn = `arn:aws:sns:eu-west-1:${account}:security-oncall`;
export const fifoArn = `${topicArn}.fifo`;

/** A company with two topics, and somebody who may publish to them. */
export function topicsWorld() {
  const statement = { allow: ['sns:Publish'], on: [`arn:aws:sns:eu-west-1:${account}:security-oncall*`] };
  const sandbox: Sandbox = createSandbox(
    Estate.parse({
      name: 'topics',
      now: askedAt,
      aws: {
        accounts: {
          [account]: {
            name: 'home',
            users: [
              { name: 'cordon', keys: [{ id: 'AKIACORDON0000000001', secret: 's' }], inline: { all: statement } },
              { name: 'nobody', keys: [{ id: 'AKIANOBODY0000000001', secret: 's' }] },
            ],
            regions: { 'eu-west-1': { snsTopics: [{ name: 'security-oncall' }, { name: 'security-oncall.fifo' }] } },
          },
        },
      },
    }),
  );
  const as = (key: string) => {
    const { credentials, requestHandler } = holding(sandbox, key);
    return { credentials: async () => credentials, requestHandler };
  };
  const published = (): readonly SnsMessageRow[] => sandbox.rows.all(snsMessages).map(([, row]) => row);
  return { sandbox, cordon: as('AKIACORDON0000000001'), nobody: as('AKIANOBODY0000000001'), published };
}
