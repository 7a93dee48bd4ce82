import { describe, expect, test } from 'vitest';
import { findingIn, readEvent } from '../support/events.ts';
import { closePorts, lived, openPort, planOf, playbook, road, type Told } from '../support/road.ts';

const told = (name: string): Told => ({ finding: findingIn(readEvent(name)), event: readEvent(name) });

const answering = (provider: string, type: string, step: string) =>
  playbook(`
id: portable
title: One verb on any cloud
on: { finding: { provider: [${provider}] } }
targets: { type: [${type}], role: [affected] }
mode: enforce
steps:
  - ${step}
`);

/** What the one step of a run was planned as. */
async function planned(how: ReturnType<typeof answering>, what: Told) {
  const one = road();
  const { runId, word } = await lived(one, how, what);
  const plan = await planOf(one, runId);
  return {
    word,
    digest: plan?.digest,
    steps: plan?.steps.map(({ id, action, input, reason }) => ({ id, action, input, reason })),
  };
}

describe('a plan names the action that a verb came down to', () => {
  const isolate = '{ id: isolate, action: isolate-compute, with: { target: "${target}" } }';

  test('on AWS', async () => {
    const { word, steps } = await planned(
      answering('guardduty', 'aws.ec2.instance', isolate),
      told('guardduty/instance-credential-exfiltration-outside'),
    );
    expect(steps).toMatchObject([{ id: 'isolate', action: 'aws.ec2.isolate-instance', reason: 'allowed' }]);
    expect(word).toBe('contained allowed');
  });

  test('on Azure', async () => {
    const { word, steps } = await planned(
      answering('defender', 'azure.compute.virtual-machine', isolate),
      told('defender/vm-brute-force-export'),
    );
    expect(steps).toMatchObject([
      { id: 'isolate', action: 'azure.compute.isolate-virtual-machine', reason: 'allowed' },
    ]);
    expect(word).toBe('contained allowed');
  });

  test('the digest is of the action: a verb and the action written out make the same changes', async () => {
    const step = '{ id: close-a, action: close-port, with: { target: "${target}", port: 22 } }';
    const verb = await planned(answering('defender', 'azure.network.security-group', step), openPort());
    const plain = await planned(closePorts(22), openPort());
    expect(verb.steps).toEqual(plain.steps);
    expect(verb.word).toBe(plain.word);
  });

  test('a list of groups is closed one by one, each by its id', async () => {
    const step =
      '{ id: close, action: close-port, forEach: "${target.networkSecurityGroups}", with: { target: "${item}", port: 22 } }';
    const { steps } = await planned(
      answering('defender', 'azure.compute.virtual-machine', step),
      told('defender/vm-brute-force-export'),
    );
    expect(new Set(steps?.map(({ action }) => action))).toEqual(new Set(['azure.network.close-nsg-port']));
  });
});

test('a verb without an action for the kind of target is denied with its reason', async () => {
  const step = '{ id: isolate, action: isolate-compute, with: { target: "${target}" } }';
  const { word, steps } = await planned(answering('guardduty', 'aws.s3.bucket', step), told('guardduty/public-bucket'));
  expect(steps).toEqual([{ id: 'isolate', action: 'isolate-compute', input: {}, reason: 'no-portable-action' }]);
  expect(word).toBe('denied no-portable-action');
});
