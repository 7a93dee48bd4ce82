import * as z from 'zod';
import type { World } from '../world.ts';
import { type ClusterRow, clusters, type ObjectRow, objects } from './rows.ts';

type Labels = Readonly<Record<string, string>>;

const Selector = z.object({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});
const Peer = z.object({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.object({ cidr: z.string() }).optional(),
});
const Rule = z.object({
  from: z.array(Peer).optional(),
  to: z.array(Peer).optional(),
  ports: z.array(z.object({ port: z.int().optional() })).optional(),
});
const Policy = z.object({
  podSelector: Selector,
  policyTypes: z.array(z.string()).default(['Ingress']),
  ingress: z.array(Rule).default([]),
  egress: z.array(Rule).default([]),
});

/** One end of a connection: a pod, or an address outside of the cluster. */
export type End = { readonly namespace: string; readonly pod: string } | { readonly address: string };
type Known = { readonly pod?: ObjectRow; readonly address: string };

function selects({ matchLabels, matchExpressions }: z.infer<typeof Selector>, labels: Labels): boolean {
  const meets: Readonly<Record<string, (value: string | undefined, values: readonly string[]) => boolean>> = {
    Exists: (value) => value !== undefined,
    DoesNotExist: (value) => value === undefined,
    In: (value, values) => value !== undefined && values.includes(value),
    NotIn: (value, values) => value === undefined || !values.includes(value),
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => meets[operator]?.(labels[key], values) ?? false)
  );
}

const asNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function isIn(address: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(asNumber(address) / size) === Math.floor(asNumber(base) / size);
}

/** Whether the other end is one of a rule's peers; none named is everybody. */
function isPeer(
  cluster: ClusterRow,
  home: string,
  other: Known,
  peers: readonly z.infer<typeof Peer>[] | undefined,
): boolean {
  return (peers ?? [{}]).some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (ipBlock) return isIn(other.address, ipBlock.cidr);
    if (!podSelector && !namespaceSelector) return true;
    if (!other.pod) return false;
    const { namespace, labels } = other.pod;
    const inNamespace = namespaceSelector
      ? selects(namespaceSelector, cluster.namespaces[namespace] ?? {})
      : namespace === home;
    return inNamespace && (!podSelector || selects(podSelector, labels));
  });
}

type Way = { readonly cluster: ClusterRow; readonly direction: 'Ingress' | 'Egress'; readonly port: number };

/** Policies add up: what one of those that select the pod allows is allowed; where none selects it, everything is. */
function lets(world: World, { cluster, direction, port }: Way, { pod }: Known, other: Known): boolean {
  if (!pod || pod.spec['hostNetwork'] === true || !cluster.enforcesPolicies) return true;
  const selecting = world.rows
    .all(objects)
    .map(([, row]) => row)
    .filter(
      ({ noun, host, namespace }) => noun === 'networkpolicies' && host === pod.host && namespace === pod.namespace,
    )
    .map(({ spec }) => Policy.parse(spec))
    .filter(({ podSelector, policyTypes }) => policyTypes.includes(direction) && selects(podSelector, pod.labels));
  if (selecting.length === 0) return true;
  const rules = selecting.flatMap(({ ingress, egress }) => (direction === 'Ingress' ? ingress : egress));
  return rules.some(
    ({ from, to, ports }) =>
      isPeer(cluster, pod.namespace, other, direction === 'Ingress' ? from : to) &&
      (ports === undefined || ports.some((one) => one.port === undefined || one.port === port)),
  );
}

function known({ rows }: World, { host }: ClusterRow, end: End): Known | undefined {
  if ('address' in end) return end;
  const pod = rows.get(objects, `${host}/${end.namespace}/pods/${end.pod}`);
  return pod && { pod, address: String(pod.status['podIP'] ?? '') };
}

/** Whether a new connection gets from one end to the other: out of the one pod and into the other. */
export function reachPod(
  world: World,
  { host, from, to, port }: { readonly host: string; readonly from: End; readonly to: End; readonly port: number },
): 'connected' | 'blocked' {
  const cluster = world.rows.get(clusters, host);
  const [source, target] = cluster ? [known(world, cluster, from), known(world, cluster, to)] : [];
  if (!cluster || !source || !target) return 'blocked';
  const out = lets(world, { cluster, direction: 'Egress', port }, source, target);
  return out && lets(world, { cluster, direction: 'Ingress', port }, target, source) ? 'connected' : 'blocked';
}

/** The pods that a service sends to. */
export function behindService(
  { rows }: World,
  { host, namespace, service }: { readonly host: string; readonly namespace: string; readonly service: string },
): readonly string[] {
  const wanted = Selector.shape.matchLabels.parse(
    rows.get(objects, `${host}/${namespace}/services/${service}`)?.spec['selector'],
  );
  return rows
    .all(objects)
    .flatMap(([, row]) =>
      row.noun === 'pods' &&
      row.host === host &&
      row.namespace === namespace &&
      selects({ matchLabels: wanted, matchExpressions: [] }, row.labels)
        ? [row.name]
        : [],
    );
}
