import { EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { awsFault } from '../../shared/actions/aws/fault.ts';
import { ProviderError } from '../../shared/model/error.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import type { Fault } from '../../shared/sandbox/faults.ts';
import { httpResponse } from '../../shared/sandbox/http.ts';
import { turn } from '../../shared/run/turn.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import {
  carryOn,
  closePorts,
  disableKey,
  leakedKey,
  openOne,
  openPort,
  type Road,
  road,
  type Told,
} from '../support/road.ts';

const throttle: Fault = { kind: 'throttle', retryAfterSeconds: 20 };
const down: Fault = { kind: 'error', code: 'InternalError', status: 500 };

/** One cloud: how something is contained there, and every kind of call on the way. */
const clouds: readonly {
  readonly name: string;
  readonly how: Playbook;
  readonly told: () => Told;
  readonly calls: readonly string[];
}[] = [
  {
    name: 'AWS',
    how: disableKey(),
    told: () => leakedKey(),
    calls: ['guardduty:GetFindings', 'iam:ListAccessKeys', 'iam:UpdateAccessKey', 'sts:AssumeRole'],
  },
  {
    name: 'Azure',
    how: closePorts(22),
    told: openPort,
    calls: [
      'Microsoft.Security/locations/alerts/read',
      'Microsoft.Network/networkSecurityGroups/read',
      'Microsoft.Network/networkSecurityGroups/securityRules/write',
      'Microsoft.Network/locations/operations/read',
    ],
  },
];

/** How often an operation was asked in each turn that asked for it. */
async function attemptsAt(one: Road, runId: string, operation: string): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let standing = await one.sandbox.clock.now(); standing; ) {
    const before = one.sandbox.recorder.calls.length;
    const { status, dueAt } = await turn(one.engine, runId, one.signal);
    const asked = one.sandbox.recorder.calls.slice(before).filter((call) => call.operation === operation);
    if (asked.length > 0) counts.push(asked.filter(({ error }) => error !== '').length);
    standing = status === 'ended' ? '' : (dueAt ?? '');
    if (standing) one.sandbox.clock.moveTo(standing);
  }
  return counts;
}

describe.each(clouds)('on $name', ({ how, told, calls }) => {
  test.each(
    calls.flatMap((operation) => [['throttled', operation, throttle] as const, ['down', operation, down] as const]),
  )(
    '%s for ever, %s is asked five times by one piece of work and no more, whatever lies between',
    async (_, operation, fault) => {
      const one = road();
      const runId = await openOne(one, how, told());
      one.sandbox.faults.plant({ operation, fault });
      const failures = (await attemptsAt(one, runId, operation)).filter((count) => count > 0);
      // works that go on side by side each have their five
      const together = Math.max(...failures);
      expect(failures.length).toBeGreaterThan(0);
      expect(failures.length).toBeLessThanOrEqual(5);
      expect(together).toBeLessThanOrEqual(2);
    },
  );
});

test('Azure’s Retry-After is kept to the second, also where a person or the sweep comes earlier', async () => {
  const one = road();
  const runId = await openOne(one, closePorts(22), openPort());
  const operation = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
  one.sandbox.faults.plant({ operation, fault: throttle, times: 1 });
  const before = one.sandbox.clock.milliseconds;
  const { dueAt } = await turn(one.engine, runId, one.signal);
  expect(Date.parse(dueAt ?? '') - before).toBeGreaterThanOrEqual(20_000);
  one.sandbox.clock.advance(19);
  await turn(one.engine, runId, one.signal);
  const asked = () => one.sandbox.recorder.calls.filter((call) => call.operation === operation);
  expect(asked()).toHaveLength(1);
  expect(await carryOn(one, runId)).toMatchObject({ result: { outcome: 'contained' } });
  expect(asked()).toHaveLength(2);
});

test.each([
  [{ 'retry-after': '7' }, 7],
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:05:30 GMT', date: 'Fri, 20 Nov 2026 09:05:00 GMT' }, 30],
])('AWS’s Retry-After %j reaches the fault, which certainly had no effect', async (headers, seconds) => {
  const body =
    '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>r</RequestID></Response>';
  let asked = 0;
  const handler = requestHandler(async () => {
    asked += 1;
    return httpResponse(503, { 'content-type': 'text/xml', ...headers }, body);
  });
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
  const client = new EC2Client({ region: 'eu-west-1', maxAttempts: 1, credentials, requestHandler: handler });
  const thrown = await client.send(new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-1' })).catch(awsFault);
  expect(thrown).toBeInstanceOf(ProviderError);
  expect(thrown).toMatchObject({
    code: 'RequestLimitExceeded',
    retryable: true,
    indeterminate: false,
    retryAfterSeconds: seconds,
  });
  expect(asked).toBe(1);
});
