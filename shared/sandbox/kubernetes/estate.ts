import * as z from 'zod';
import { Json, type JsonObject } from '../../model/json.ts';
import type { World } from '../world.ts';
import { type ClusterRow, clusters, keyOf, type ObjectRow, objects } from './rows.ts';

const Labels = z.record(z.string(), z.string()).default({});
const Spec = z.record(z.string(), Json);

const Pod = z.strictObject({
  name: z.string(),
  labels: Labels,
  ip: z.ipv4(),
  owner: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
  hostNetwork: z.boolean().default(false),
  serviceAccount: z.string().default('default'),
  image: z.string(),
});
const Namespace = z.strictObject({
  labels: Labels,
  pods: z.array(Pod).default([]),
  /** By name: the spec as the API has it. */
  services: z.record(z.string(), Spec).default({}),
  networkPolicies: z.record(z.string(), Spec).default({}),
  replicaSets: z
    .record(z.string(), z.strictObject({ replicas: z.int(), selector: Labels, image: z.string() }))
    .default({}),
});

const names = z.array(z.string());

/** What stands in a cluster of either cloud, as an estate file spells it. */
export const ClusterContents = z.strictObject({
  name: z.string(),
  host: z.string(),
  enforcesPolicies: z.boolean().default(true),
  tags: Labels,
  accessEntries: z.record(z.string(), names).default({}),
  groups: z
    .record(z.string(), z.array(z.strictObject({ apiGroups: names, resources: names, verbs: names })))
    .default({}),
  namespaces: z.record(z.string(), Namespace).default({}),
});
export type ClusterContents = z.infer<typeof ClusterContents>;

type Named = Pick<ObjectRow, 'noun' | 'name' | 'spec'> & Partial<ObjectRow>;

const podOf = ({ ip, owner, hostNetwork, image, serviceAccount, ...pod }: z.infer<typeof Pod>): Named => ({
  noun: 'pods',
  ...pod,
  ...(owner && { owner }),
  spec: { serviceAccountName: serviceAccount, hostNetwork, containers: [{ name: 'app', image }] },
  status: { phase: 'Running', podIP: ip },
});

const objectsIn = ({ pods, services, networkPolicies, replicaSets }: z.infer<typeof Namespace>): readonly Named[] => [
  ...pods.map(podOf),
  ...Object.entries(services).map(([name, spec]) => ({ noun: 'services', name, spec })),
  ...Object.entries(networkPolicies).map(([name, spec]) => ({ noun: 'networkpolicies', name, spec })),
  ...Object.entries(replicaSets).map(([name, spec]) => ({ noun: 'replicasets', name, spec: spec as JsonObject })), // texts, numbers and objects of them
];

/** Some day before the story begins. */
const made = '2026-11-02T08:00:00.000Z';

/** Puts a cluster and what is in it into the rows. */
export function seedCluster(
  rows: World['rows'],
  { name, host, accessEntries, groups, namespaces, enforcesPolicies }: ClusterContents,
  place: Pick<ClusterRow, 'cloud' | 'id' | 'account' | 'region'>,
): void {
  rows.put(clusters, host, {
    ...place,
    ...{ name, host, accessEntries, groups, enforcesPolicies },
    namespaces: Object.fromEntries(
      Object.entries(namespaces).map(([one, { labels }]) => [one, { 'kubernetes.io/metadata.name': one, ...labels }]),
    ),
  });
  for (const [namespace, held] of Object.entries(namespaces))
    for (const one of objectsIn(held)) {
      const empty = {
        labels: {},
        annotations: {},
        status: {},
        createdAt: made,
        uid: `uid-of-${one.name}`,
        revision: 1,
      };
      const row: ObjectRow = { ...empty, ...one, host, namespace };
      rows.put(objects, keyOf(row), row);
    }
}
