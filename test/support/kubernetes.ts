import { reachPod } from '../../shared/sandbox/kubernetes/reach.ts';
import { keyOf, type ObjectRow, objects } from '../../shared/sandbox/kubernetes/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { azureId } from './azure.ts';

/** The API server of Northwind's EKS cluster `shop`, and one of the pods in it. */
export const eksHost = '3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c.gr7.eu-west-1.eks.amazonaws.com';
export const checkoutPod = 'checkout-7d9f8c6b5-x2x4z';
/** The API server of Northwind's AKS cluster, and one of the pods in it. */
export const aksHost = 'aks-web-dns-1a2b3c4d.hcp.westeurope.azmk8s.io';
export const cartPod = 'cart-7d9f8b6c5-x2k4q';
export const aksClusterId = azureId('rg-web', 'Microsoft.ContainerService/managedClusters', 'aks-web');

/** The attacker's machine: a mining pool, the other end of a shell. */
const outside = { address: '203.0.113.61' };

/** Whether a pod of the shop gets out to the attacker. */
export const callsHome = (sandbox: Sandbox, host: string, pod: string): boolean =>
  reachPod(sandbox, { host, from: { namespace: 'shop', pod }, to: outside, port: 443 }) === 'connected';

/** Whether a pod of the shop gets to another one. */
export const reaches = (
  sandbox: Sandbox,
  host: string,
  pods: readonly [from: string, to: string],
  port: number,
): boolean =>
  reachPod(sandbox, {
    host,
    from: { namespace: 'shop', pod: pods[0] },
    to: { namespace: 'shop', pod: pods[1] },
    port,
  }) === 'connected';

/** An object of the shop's namespace as it stands. */
export function objectAt({ rows }: Pick<Sandbox, 'rows'>, host: string, noun: string, name: string): ObjectRow {
  const row = rows.get(objects, `${host}/shop/${noun}/${name}`);
  if (!row) throw new Error(`the estate has no ${noun} ${name}`);
  return row;
}

/** Changes an object behind Cordon's back. */
export function rewriteObject(
  sandbox: Pick<Sandbox, 'rows'>,
  row: ObjectRow,
  change: (row: ObjectRow) => Partial<ObjectRow>,
): void {
  sandbox.rows.put(objects, keyOf(row), { ...row, ...change(row), revision: row.revision + 1 });
}
