import { expect, test } from 'vitest';
import { Target } from '../../shared/model/target.ts';
import { openApprovals } from '../../shared/records/approvals.ts';
import { breakerFor, closeBreaker } from '../../shared/records/breakers.ts';
import { held } from '../../shared/records/containments.ts';
import { accessKeys } from '../../shared/sandbox/aws/iam-rows.ts';
import { reach } from '../../shared/sandbox/aws/network.ts';
import { production } from '../support/company.ts';
import { disableKey, leakedKey, lived, playbook, type Road, road, type Told } from '../support/road.ts';

const again = (number: number): Told =>
  leakedKey({
    'detail.id': `b${number}`,
    'detail.arn': `arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/b${number}`,
  });
const known = (one: Road) => breakerFor(one.deps, one.deps.settings.breaker, production);

test('the run past the limit of its account opens the breaker; until a person closes it, or an hour is quiet, all are asked', async () => {
  const one = road({ accountPerHour: 1 });
  const how = disableKey();
  expect((await lived(one, how, leakedKey())).word).toBe('contained allowed');
  expect(await known(one)).toBeUndefined();
  const { rows } = one.sandbox;
  const reopen = () => {
    for (const [id, key] of rows.all(accessKeys)) rows.put(accessKeys, id, { ...key, status: 'Active' });
  };
  const next = async (number: number) => {
    reopen();
    const { word, runId } = await lived(one, how, again(number));
    const asked = (await openApprovals(one.deps)).find(({ run }) => run === runId);
    return `${word}${asked ? ` ${asked.reason}` : ''}`;
  };
  expect(await next(1)).toBe('waiting limit-account');
  expect(await known(one)).toMatchObject({ open: true });
  expect(await next(2)).toBe('waiting breaker-open');
  one.sandbox.clock.advance(3_000);
  expect(await next(3)).toBe('waiting breaker-open');
  one.sandbox.clock.advance(3_000);
  expect(await known(one)).toMatchObject({ open: true });
  await closeBreaker(one.deps, { account: production, by: 'maria', why: 'looked' });
  expect(await next(4)).toBe('contained allowed');
});

const isolate = playbook(`
id: isolate
title: Isolate an instance
on: { finding: { type: [{ prefix: "" }] } }
targets: { type: [aws.ec2.instance] }
mode: enforce
steps:
  - id: isolate
    action: aws.ec2.isolate-instance
    with: { instanceId: "\${target.instanceId}" }
`);

function attacked(instanceId: string): Told {
  const { finding } = leakedKey();
  const { actor: _, ...rest } = finding;
  const target = Target.parse({
    type: 'aws.ec2.instance',
    id: `arn:aws:ec2:eu-west-1:${production}:instance/${instanceId}`,
    name: instanceId,
    account: production,
    region: 'eu-west-1',
    role: 'affected',
    instanceId,
    interfaces: [],
  });
  return { finding: { ...rest, id: instanceId, provider: 'defender', resources: [target], link: {} }, event: {} };
}

test('of a fleet one may be contained; for a further one a person is asked, until the first is released', async () => {
  const one = road({}, () => ({ confirm: async () => 'same' }));
  expect((await lived(one, isolate, attacked('i-0bb22cc33dd44ee55'))).word).toBe('contained allowed');
  expect(await held(one.deps)).toMatchObject([{ fleets: [`${production}/eu-west-1/checkout`] }]);
  const second = await lived(one, isolate, attacked('i-0cc33dd44ee55ff66'));
  expect(second.word).toBe('waiting');
  expect(await openApprovals(one.deps)).toMatchObject([{ run: second.runId, reason: 'limit-fleet' }]);
});

test('a fleet of the settings is found by its pattern', async () => {
  const fleets = [{ name: 'all web', size: 5, when: { target: { tags: { environment: ['production'] } } } }];
  const one = road({ fleets }, () => ({ confirm: async () => 'same' }));
  expect((await lived(one, isolate, attacked('i-0aa11bb22cc33dd44'))).word).toBe('contained allowed');
  expect(await held(one.deps)).toMatchObject([{ fleets: ['settings:all web'] }]);
  expect((await lived(one, isolate, attacked('i-0cc33dd44ee55ff66'))).word).toBe('waiting');
});

test('what isolation leaves open stands in the plan and in the group', async () => {
  const isolation = { allow: [{ cidr: '192.0.2.10/32', port: 22, why: 'forensics' }], instanceProfile: '' };
  const allowing = playbook(`
id: isolate
title: Isolate an instance
on: { finding: { type: [{ prefix: "" }] } }
targets: { type: [aws.ec2.instance] }
mode: enforce
steps:
  - id: isolate
    action: aws.ec2.isolate-instance
    with: { instanceId: "\${target.instanceId}", cutFlows: true, allow: "\${settings.isolation.allow}" }
`);
  const one = road({ isolation }, () => ({ confirm: async () => 'same' }));
  expect((await lived(one, allowing, attacked('i-0aa11bb22cc33dd44'))).word).toBe('contained allowed');
  const to = 'i-0aa11bb22cc33dd44';
  const from = (address: string, port: number) => reach(one.sandbox, { from: address, to, port });
  expect([from('192.0.2.10', 22), from('192.0.2.10', 443), from('192.0.2.11', 22), from('203.0.113.66', 443)]).toEqual([
    'connected',
    ...Array.from({ length: 3 }, () => expect.not.stringMatching('connected')),
  ]);
  expect(await held(one.deps)).toMatchObject([
    {
      changes: expect.arrayContaining([
        expect.objectContaining({ to: { ingress: ['tcp 22 192.0.2.10/32'], egress: [] } }),
      ]),
    },
  ]);
});
