import { describe, expect, test } from 'vitest';
import { eventBus } from '../../../shared/adapters/aws/event-bus.ts';
import { putEvents } from '../../../shared/sandbox/aws/event-buses.ts';
import { Estate } from '../../../shared/sandbox/estate.ts';
import { createSandbox } from '../../../shared/sandbox/sandbox.ts';
import { holding } from '../../support/attacker.ts';
import { manyRemediations } from '../../support/remediations.ts';

const account = '111122223333';
const arn = `arn:aws:events:eu-west-1:${account}:event-bus/cordon`;
const signal = new AbortController().signal;

function world() {
  const sandbox = createSandbox(
    Estate.parse({
      name: 'buses',
      now: '2026-11-20T09:05:00.000Z',
      aws: {
        accounts: {
          [account]: {
            name: 'home',
            users: [
              {
                name: 'cordon',
                keys: [{ id: 'AKIACORDON0000000001', secret: 's' }],
                inline: { put: { allow: ['events:PutEvents'], on: [arn] } },
              },
              { name: 'nobody', keys: [{ id: 'AKIANOBODY0000000001', secret: 's' }] },
            ],
            regions: { 'eu-west-1': { eventBuses: [{ name: 'cordon' }] } },
          },
        },
      },
    }),
  );
  const as = (key: string) => {
    const { credentials, requestHandler } = holding(sandbox, key);
    return { credentials: async () => credentials, requestHandler };
  };
  return { sandbox, as, taken: () => sandbox.rows.all(putEvents).map(([, row]) => row) };
}

describe('an event bus', () => {
  test('takes every event, ten at a time, with the OCSF event as detail', async () => {
    const { as, taken, sandbox } = world();
    const events = manyRemediations(23);
    const answer = await eventBus(arn, as('AKIACORDON0000000001')).publish(events, signal);
    expect(taken().map(({ detail }) => detail)).toEqual(events);
    expect(new Set(taken().map(({ source, detailType }) => `${source}: ${detailType}`))).toEqual(
      new Set(['cordon: Remediation Activity']),
    );
    expect(taken()[0]?.resources).toEqual([events[0]?.observables[0]?.value]);
    expect(sandbox.recorder.calls.filter(({ operation }) => operation === 'events:PutEvents')).toHaveLength(3);
    expect(answer.split(' ')).toHaveLength(3);
  });

  test('that may not be put to is tried again: somebody may put it right', async () => {
    const { as, taken } = world();
    const put = eventBus(arn, as('AKIANOBODY0000000001')).publish(manyRemediations(1), signal);
    await expect(put).rejects.toMatchObject({ code: 'refused', retryable: true });
    expect(taken()).toEqual([]);
  });
});
