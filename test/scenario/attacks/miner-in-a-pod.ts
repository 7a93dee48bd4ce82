import { expect } from 'vitest';
import { behindService } from '../../../shared/sandbox/kubernetes/reach.ts';
import type { Attack } from '../../support/attack.ts';
import { readEvent } from '../../support/events.ts';
import { checkoutPod, eksHost, callsHome, reaches } from '../../support/kubernetes.ts';

/** A pod of EKS mines, and gets to the database that only its deployment may reach. */
export const attack: Attack = {
  title: 'A miner in a pod of EKS talks to its pool and gets to the orders database',
  known: 'GuardDuty tester: CryptoCurrency:Runtime/BitcoinTool.B on EKS; ATT&CK T1496, T1610',
  answer: 'The pod is cut off and taken out of its service; another one takes its place',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    await works('talks to the pool', () => callsHome(sandbox, eksHost, checkoutPod));
    await works('gets to the database', () => reaches(sandbox, eksHost, [checkoutPod, 'orders-db-0'], 5432));
    const [run] = await arrives(readEvent('guardduty/eks-workload'));
    expect(run?.result?.outcome).toBe('contained');
    await fails('talks to the pool');
    await fails('gets to the database');
    const serving = behindService(sandbox, { host: eksHost, namespace: 'shop', service: 'checkout' });
    expect(serving).toHaveLength(2);
    expect(serving).not.toContain(checkoutPod);
    for (const pod of serving) expect(reaches(sandbox, eksHost, [pod, 'orders-db-0'], 5432), pod).toBe(true);
  },
};
