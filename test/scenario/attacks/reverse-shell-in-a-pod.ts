import { expect } from 'vitest';
import type { JsonObject } from '../../../shared/model/json.ts';
import type { Attack } from '../../support/attack.ts';
import { readEvent } from '../../support/events.ts';
import { aksHost, cartPod, callsHome, reaches } from '../../support/kubernetes.ts';

const alert: JsonObject = { ...readEvent('defender/kubernetes-pod'), AlertType: 'K8S.NODE_ReverseShell' };

/** A shell out of a pod of AKS is used to get to the database beside it. */
export const attack: Attack = {
  title: 'A reverse shell out of a pod of AKS is used to get to the database beside it',
  known: 'Microsoft threat matrix for Kubernetes: exec into container, lateral movement; ATT&CK T1059, T1609',
  answer: 'The pod is cut off and taken out of its service; another one takes its place',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives }) {
    await works('keeps the shell', () => callsHome(sandbox, aksHost, cartPod));
    await works('gets to the database', () => reaches(sandbox, aksHost, [cartPod, 'cart-db-0'], 5432));
    const [run] = await arrives(alert);
    expect(run?.result?.outcome).toBe('contained');
    await fails('keeps the shell');
    await fails('gets to the database');
  },
};
