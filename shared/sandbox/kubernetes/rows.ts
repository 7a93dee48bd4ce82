import type { Json, JsonObject } from '../../model/json.ts';
import { table } from '../rows.ts';

/** What a role of a cluster may do, as its manifest has it. */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

/** A cluster of either cloud, by the host of its API server. */
export type ClusterRow = {
  readonly cloud: 'aws' | 'azure';
  /** ARN or ARM id. */
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly host: string;
  /** Whether a plugin enforces policies: where none does they are kept and do nothing. */
  readonly enforcesPolicies: boolean;
  /** EKS: the groups of Kubernetes that an access entry puts an IAM role or user into, by its ARN. */
  readonly accessEntries: Readonly<Record<string, readonly string[]>>;
  /** What groups may do; AKS asks Azure RBAC instead. */
  readonly groups: Readonly<Record<string, readonly Rule[]>>;
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** An object of a cluster as its API shows it; the version is counted apart. */
export type ObjectRow = {
  readonly host: string;
  readonly namespace: string;
  readonly noun: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly uid: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly spec: JsonObject;
  readonly status: JsonObject;
  /** Counts the writes. */
  readonly revision: number;
};

/** Keyed by the host of the API server. */
export const clusters = table<ClusterRow>('kubernetes.api.clusters');
/** Keyed by `host/namespace/noun/name`. */
export const objects = table<ObjectRow>('kubernetes.api.objects');

export const keyOf = ({
  host,
  namespace,
  noun,
  name,
}: Pick<ObjectRow, 'host' | 'namespace' | 'noun' | 'name'>): string => `${host}/${namespace}/${noun}/${name}`;

/** An object as the wire shows it. */
export const onWire = ({
  namespace,
  name,
  labels,
  annotations,
  uid,
  owner,
  createdAt,
  ...row
}: ObjectRow): JsonObject => ({
  metadata: {
    name,
    namespace,
    uid,
    resourceVersion: String(row.revision),
    creationTimestamp: createdAt.replace(/\.\d+Z$/, 'Z'),
    labels: { ...labels },
    annotations: { ...annotations },
    ...(owner && {
      ownerReferences: [{ apiVersion: 'apps/v1', ...owner, uid: `uid-of-${owner.name}`, controller: true } as Json],
    }),
  },
  spec: row.spec,
  status: row.status,
});
