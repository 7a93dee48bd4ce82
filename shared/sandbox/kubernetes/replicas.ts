import * as z from 'zod';
import type { World } from '../world.ts';
import { keyOf, type ObjectRow, objects } from './rows.ts';

const Spec = z.object({ replicas: z.int(), selector: z.record(z.string(), z.string()), image: z.string() });

const holds = (selector: Readonly<Record<string, string>>, { labels }: ObjectRow): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

type Set = { readonly row: ObjectRow; readonly spec: z.infer<typeof Spec> };

/** The set lets go of pods that it does not select any more, and takes back those that nobody owns. */
function claim({ rows }: World, { row, spec }: Set, pods: readonly ObjectRow[]): readonly ObjectRow[] {
  const owner = { kind: 'ReplicaSet', name: row.name };
  return pods.flatMap((pod): ObjectRow[] => {
    const isOwn = pod.owner?.kind === owner.kind && pod.owner.name === owner.name;
    const fits = holds(spec.selector, pod);
    if (isOwn === fits || (fits && pod.owner)) return isOwn && fits ? [pod] : [];
    const { owner: _, ...free } = pod;
    const next: ObjectRow = { ...free, ...(fits && { owner }), revision: pod.revision + 1 };
    rows.put(objects, keyOf(next), next);
    return fits ? [next] : [];
  });
}

function start({ rows, clock, next }: World, { row, spec }: Set): void {
  const number = next('kubernetes.pod');
  const name = `${row.name}-r${String(number).padStart(4, '0')}`;
  const pod: ObjectRow = {
    ...{ host: row.host, namespace: row.namespace, noun: 'pods', name, labels: spec.selector, annotations: {} },
    ...{ createdAt: clock.now(), uid: `uid-of-${name}`, owner: { kind: 'ReplicaSet', name: row.name }, revision: 1 },
    spec: { serviceAccountName: 'default', hostNetwork: false, containers: [{ name: 'app', image: spec.image }] },
    status: { phase: 'Running', podIP: `10.60.${number >> 8}.${number & 255}` },
  };
  rows.put(objects, keyOf(pod), pod);
}

/** What controllers do when a pod of a namespace has changed: as many pods as are wanted, the youngest ended first. */
export function reconcile(world: World, { host, namespace }: Pick<ObjectRow, 'host' | 'namespace'>): void {
  const inside = () =>
    world.rows.all(objects).flatMap(([, row]) => (row.host === host && row.namespace === namespace ? [row] : []));
  for (const row of inside().filter(({ noun }) => noun === 'replicasets')) {
    const set = { row, spec: Spec.parse(row.spec) };
    const held = claim(
      world,
      set,
      inside().filter(({ noun }) => noun === 'pods'),
    );
    for (let missing = set.spec.replicas - held.length; missing > 0; missing -= 1) start(world, set);
    const youngest = [...held].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    for (const pod of youngest.slice(0, Math.max(0, held.length - set.spec.replicas)))
      world.rows.delete(objects, keyOf(pod));
  }
}
