import { putEvents } from '../../shared/sandbox/aws/event-buses.ts';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding } from './attacker.ts';

const account = '999988887777';
export const busArn = `arn:aws:events:eu-west-1:${account}:event-bus/cordon`;
/** The queue that the rule on that bus alone may send to. */
export const forwardQueue = `arn:aws:sqs:eu-west-1:${account}:cordon-forwarded`;

/** The home's event bus, one who may put events on it, and the messages its rule has sent to the queue so far. */
export function forwardBus() {
  const sandbox = createSandbox(
    Estate.parse({
      name: 'home',
      now: '2026-11-20T09:05:00.000Z',
      aws: {
        accounts: {
          [account]: {
            name: 'home',
            users: [
              {
                name: 'forwarder',
                keys: [{ id: 'AKIAFORWARDER0000001', secret: 's' }],
                inline: { put: { allow: ['events:PutEvents'], on: [busArn] } },
              },
            ],
            regions: { 'eu-west-1': { eventBuses: [{ name: 'cordon' }] } },
          },
        },
      },
    }),
  );
  const { credentials, requestHandler } = holding(sandbox, 'AKIAFORWARDER0000001');
  let seen = 0;
  return {
    sandbox,
    options: { credentials: async () => credentials, requestHandler },
    /** What the rule sends to the queue, each event once. */
    deliver(): readonly string[] {
      const fresh = sandbox.rows.all(putEvents).slice(seen);
      seen += fresh.length;
      return fresh.map(([id, { source, detailType, resources, detail }]) =>
        JSON.stringify({
          ...{ version: '0', id, source, 'detail-type': detailType, account, time: '2026-11-20T09:05:00Z' },
          ...{ region: 'eu-west-1', resources, detail },
        }),
      );
    },
  };
}
