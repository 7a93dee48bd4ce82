import { describe, expect, it } from 'vitest';
import type { Action, Change, StepContext } from '../../../shared/action/action.ts';
import { carryOut, changesOf, inverse, isContained } from '../../../shared/action/change.ts';
import { eksIsolatePod } from '../../../shared/actions/aws/eks-isolate-pod.ts';
import { aksIsolatePod } from '../../../shared/actions/azure/aks-isolate-pod.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { keyOf, type ObjectRow, objects } from '../../../shared/sandbox/kubernetes/rows.ts';
import { type Company, company, production, subscription } from '../../support/company.ts';
import { rewrite } from '../../support/azure.ts';
import {
  aksClusterId,
  callsHome,
  cartPod,
  checkoutPod,
  eksHost,
  objectAt,
  rewriteObject,
} from '../../support/kubernetes.ts';

const onEks = { clusterName: 'shop', namespace: 'shop', kind: 'pods', workload: checkoutPod };
const policy = `cordon-pods-${checkoutPod}`;
const labelAt = (key: string, pod = checkoutPod): string => `shop/namespaces/shop/pods/${pod}/labels/${key}`;

const stepAt = ({ sandbox }: Company): StepContext => ({
  runId: 'abcdefghijklmnopqrstuvwxyz',
  key: 'abcdefghijklmnopqrstuvwxyz-isolate',
  startedAt: sandbox.clock.now(),
  signal: new AbortController().signal,
  wait: async () => undefined,
  learnt: new Map(),
});

/** An action at Northwind, with both sessions. */
async function at(action: Action, input: JsonObject, playing = company()) {
  const step = stepAt(playing);
  const place =
    action.cloud === 'aws' ? { account: production, region: 'eu-west-1' } : { account: subscription, region: '' };
  const open = (rights: 'reader' | 'writer') =>
    playing.clouds.session({ cloud: action.cloud, ...place, rights, runId: step.runId, signal: step.signal });
  const [reader, writer] = [await open('reader'), await open('writer')];
  const seen = () => action.capture(reader, input, step);
  const plan = async (): Promise<readonly Change[]> => {
    const now = await seen();
    return changesOf(action, input, now, action.plan(input, now, step));
  };
  const carry = (changes: readonly Change[]) => carryOut(action, { reader, writer }, input, changes, step);
  const contained = () => isContained(action, reader, input, step);
  const { sandbox } = playing;
  return { playing, sandbox, seen, plan, carry, contained, pod: () => objectAt(sandbox, eksHost, 'pods', checkoutPod) };
}

/** One more object of the shop on EKS. */
function add({ sandbox }: Company, row: Pick<ObjectRow, 'noun' | 'name' | 'spec'> & Partial<ObjectRow>): void {
  const made = {
    labels: {},
    annotations: {},
    createdAt: '2026-11-02T08:00:00.000Z',
    uid: 'u',
    status: {},
    revision: 1,
  };
  const whole: ObjectRow = { ...made, host: eksHost, namespace: 'shop', ...row };
  sandbox.rows.put(objects, keyOf(whole), whole);
}

describe('isolating a pod', () => {
  it('takes away just the labels by which services and policies select it', async () => {
    const { plan } = await at(eksIsolatePod, onEks);
    expect(await plan()).toEqual([
      {
        resource: `shop/namespaces/shop/networkpolicies/${policy}`,
        from: null,
        to: { quarantine: 'abcdefghijklmnopqrstuvwxyz', denies: 'all' },
      },
      { resource: labelAt('cordon.dev/quarantine'), from: null, to: 'abcdefghijklmnopqrstuvwxyz' },
      { resource: labelAt('app'), from: 'checkout', to: null },
    ]);
  });

  it('names its run and the way back on the policy', async () => {
    const { plan, carry, sandbox } = await at(eksIsolatePod, onEks);
    await carry(await plan());
    expect(objectAt(sandbox, eksHost, 'networkpolicies', policy).annotations).toEqual({
      'cordon.dev/run': 'abcdefghijklmnopqrstuvwxyz',
      'cordon.dev/way-back': 'cordon release abcdefghijklmnopqrstuvwxyz',
    });
  });

  it('is refused for a pod in the network of its node', async () => {
    const input = { ...onEks, namespace: 'kube-system', workload: 'aws-node-7x2k9' };
    await expect((await at(eksIsolatePod, input)).seen()).rejects.toThrow('in the network of its node');
  });

  it.each<readonly [string, JsonObject]>([
    ['every pod', {}],
    ['pods by what they lack', { matchExpressions: [{ key: 'trusted', operator: 'DoesNotExist' }] }],
    ['pods by another value', { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['payments'] }] }],
  ])('is not held for contained where a policy that selects %s lets something out', async (_, podSelector) => {
    const playing = company();
    add(playing, {
      noun: 'networkpolicies',
      name: 'dns',
      spec: { podSelector, policyTypes: ['Egress'], egress: [{}] },
    });
    const { plan, carry, contained, sandbox } = await at(eksIsolatePod, onEks, playing);
    await carry(await plan());
    expect(callsHome(sandbox, eksHost, checkoutPod)).toBe(true);
    expect(await contained()).toBe(false);
  });

  it('isolates a pod that bears a quarantine label of somebody else, by which a service selects it', async () => {
    const playing = company();
    rewriteObject(playing.sandbox, objectAt(playing.sandbox, eksHost, 'pods', checkoutPod), ({ labels }) => ({
      labels: { ...labels, 'cordon.dev/quarantine': 'mine' },
    }));
    add(playing, { noun: 'services', name: 'trap', spec: { selector: { 'cordon.dev/quarantine': 'mine' } } });
    const { plan, carry, contained, sandbox } = await at(eksIsolatePod, onEks, playing);
    const changes = await plan();
    await carry(changes);
    expect(callsHome(sandbox, eksHost, checkoutPod)).toBe(false);
    expect(await contained()).toBe(true);
    await carry(inverse(changes));
    expect(objectAt(sandbox, eksHost, 'pods', checkoutPod).labels['cordon.dev/quarantine']).toBe('mine');
  });

  it('strips a label to the letter of its name, also one that reads like the place of something else', async () => {
    const playing = company();
    rewriteObject(playing.sandbox, objectAt(playing.sandbox, eksHost, 'pods', checkoutPod), ({ labels }) => ({
      labels: { ...labels, 'namespaces/team': 'a' },
    }));
    add(playing, { noun: 'services', name: 'trap', spec: { selector: { 'namespaces/team': 'a' } } });
    const { plan, carry, contained, pod } = await at(eksIsolatePod, onEks, playing);
    const before = pod().labels;
    const changes = await plan();
    await carry(changes);
    expect(await contained()).toBe(true);
    expect(Object.keys(pod().labels)).not.toContain('namespaces/team');
    await carry(inverse(changes));
    expect(pod().labels).toEqual(before);
  });

  it('takes a policy that lets something out for none of ours, whatever it is called', async () => {
    const playing = company();
    const spec = { podSelector: { matchLabels: { team: 'shop' } }, policyTypes: ['Egress'], egress: [{}] };
    add(playing, { noun: 'networkpolicies', name: 'cordon-pods-open', spec });
    const { plan, carry, contained, sandbox } = await at(eksIsolatePod, onEks, playing);
    await carry(await plan());
    expect(callsHome(sandbox, eksHost, checkoutPod)).toBe(false);
    expect(await contained()).toBe(true);
  });

  it('strips what selects by one of several values, too', async () => {
    const playing = company();
    const matchExpressions = [{ key: 'team', operator: 'In', values: ['shop', 'payments'] }];
    const spec = { podSelector: { matchExpressions }, policyTypes: ['Egress'], egress: [{}] };
    add(playing, { noun: 'networkpolicies', name: 'teams', spec });
    const { plan, carry, contained, pod } = await at(eksIsolatePod, onEks, playing);
    await carry(await plan());
    expect(await contained()).toBe(true);
    expect(Object.keys(pod().labels).sort()).toEqual(['cordon.dev/quarantine', 'pod-template-hash']);
  });

  it('finds its pod on a later page', async () => {
    const playing = company();
    for (let at = 0; at < 501; at += 1) add(playing, { noun: 'pods', name: `batch-${at}`, spec: {} });
    expect(await (await at(eksIsolatePod, onEks, playing)).plan()).toHaveLength(3);
  });

  it('tries again where somebody has written the pod in between, and gives up where that goes on', async () => {
    const { plan, carry, pod, sandbox } = await at(eksIsolatePod, onEks);
    const changes = await plan();
    const fault = { kind: 'error', code: 'Conflict', status: 409 } as const;
    sandbox.faults.plant({ operation: 'kubernetes:patch pods', times: 3, fault });
    await carry(changes);
    expect(pod().labels['cordon.dev/quarantine']).toBe('abcdefghijklmnopqrstuvwxyz');
    sandbox.faults.plant({ operation: 'kubernetes:patch pods', fault });
    await expect(carry(inverse(changes))).rejects.toMatchObject({ code: 'written-all-the-time', retryable: true });
  });

  it('is nothing where another isolation holds the pod already', async () => {
    const deployment = await at(eksIsolatePod, { ...onEks, kind: 'deployments', workload: 'checkout' });
    await deployment.carry(await deployment.plan());
    expect(await (await at(eksIsolatePod, onEks, deployment.playing)).plan()).toEqual([]);
  });
});

describe('isolating a deployment', () => {
  it('isolates the pods that are there, and leaves those alone that come in their place', async () => {
    const input = { ...onEks, kind: 'deployments', workload: 'checkout' };
    const { plan, carry, contained, sandbox } = await at(eksIsolatePod, input);
    const changes = await plan();
    expect(changes.filter(({ resource }) => resource.endsWith('/labels/app'))).toHaveLength(2);
    await carry(changes);
    expect(await contained()).toBe(true);
    expect(callsHome(sandbox, eksHost, checkoutPod)).toBe(false);
    expect(callsHome(sandbox, eksHost, 'checkout-7d9f8c6b5-r0001')).toBe(true);
  });
});

describe('taking an isolation back', () => {
  it('leaves a pod that is gone, and deletes the policy', async () => {
    const { plan, carry, pod, sandbox, seen } = await at(eksIsolatePod, onEks);
    const changes = await plan();
    await carry(changes);
    sandbox.rows.delete(objects, keyOf(pod()));
    const { moved } = await carry(inverse(changes));
    expect(moved.map(({ resource }) => resource)).toEqual([labelAt('app')]);
    expect(await seen()).toEqual({});
  });

  it('leaves the policy where somebody has put another pod into it', async () => {
    const { plan, carry, pod, sandbox } = await at(eksIsolatePod, onEks);
    const changes = await plan();
    await carry(changes);
    const other = objectAt(sandbox, eksHost, 'pods', 'orders-db-0');
    const quarantine = pod().labels['cordon.dev/quarantine'] ?? '';
    rewriteObject(sandbox, other, ({ labels }) => ({ labels: { ...labels, 'cordon.dev/quarantine': quarantine } }));
    const { moved } = await carry(inverse(changes));
    expect(moved.map(({ resource }) => resource)).toEqual([`shop/namespaces/shop/networkpolicies/${policy}`]);
    expect(pod().labels).toEqual({ app: 'checkout', team: 'shop', 'pod-template-hash': '7d9f8c6b5' });
  });
});

describe('isolating a pod of AKS', () => {
  it('is not held for contained where no plugin enforces policies', async () => {
    const playing = company();
    rewrite(playing.sandbox, aksClusterId, ({ properties }) => ({
      properties: { ...properties, networkProfile: { networkPolicy: 'none' } },
    }));
    const input = { clusterId: aksClusterId, namespace: 'shop', kind: 'pods', workload: cartPod };
    const { plan, carry, contained } = await at(aksIsolatePod, input, playing);
    await carry(await plan());
    expect(await contained()).toBe(false);
  });

  it('finds nothing in a cluster that is gone', async () => {
    const input = {
      clusterId: aksClusterId.replace('aks-web', 'aks-old'),
      namespace: 'shop',
      kind: 'pods',
      workload: cartPod,
    };
    expect(await (await at(aksIsolatePod, input)).seen()).toEqual({});
  });
});
