import type { V1NetworkPolicy } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicy.js';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import * as z from 'zod';
import type { Change, State, StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import { CordonError } from '../../model/error.ts';
import type { Cluster } from './cluster.ts';
import {
  deletePolicy,
  listPods,
  listPolicies,
  listServices,
  patchLabels,
  readPod,
  readPolicy,
  writePolicy,
} from './kubernetes-api.ts';
import { keysAskedFor, type Labels, selects } from './selectors.ts';
import { belongsTo, refuseHostNetwork, type Workload } from './workload.ts';

const quarantine = 'cordon.dev/quarantine';

/** A label of a pod. */
const Label = z.string();
/** A policy of ours: the value of the quarantine label that it selects, and what it denies. */
const Policy = z.strictObject({ quarantine: z.string(), denies: z.enum(['all', 'not all']) });
/** A service or a policy of others: by which labels it has each pod. Seen, never changed. */
const Selector = z.strictObject({ selects: z.record(z.string(), z.array(z.string())) });
export const IsolationValue = z.union([Label, Policy, Selector]);
type Value = z.infer<typeof IsolationValue>;

/** What is said of the isolation on both clouds. */
export const cautions = [
  'Where no network plugin enforces policies, nothing is cut; reading the policy back does not tell.',
  'A policy that selects every pod of the namespace, or one of the plugin’s own kinds, still allows what it allows.',
  'Connections that are open may go on: that depends on the plugin.',
  'The pod is left to itself: its deployment starts another one from the same template, and a stateful set does not.',
  'What its service account and its cloud role were given stays valid.',
] as const;

type Place = { readonly namespace: string; readonly noun: string; readonly name: string; readonly label: string };

const inside = ({ name }: Cluster, namespace: string): string => `${name}/namespaces/${namespace}`;

/** `…/namespaces/shop/pods/cart-1/labels/app.kubernetes.io/name`: a resource group or a label may be called `namespaces` too. */
const resourceForm = /^(.+?)\/namespaces\/([^/]+)\/(pods|networkpolicies|services)\/([^/]+)(?:\/labels\/(.+))?$/;

function placeOf(resource: string): Place {
  const [, , namespace = '', noun = '', name = '', label = ''] = resourceForm.exec(resource) ?? [];
  return { namespace, noun, name, label };
}

/** The cluster that a resource of a plan is in, by its name or ARM id. */
export const clusterOf = (resource: string): string => resourceForm.exec(resource)?.[1] ?? '';

const policyName = ({ kind, workload }: Workload): string => `cordon-${kind}-${workload}`;
const isOurs = (name: string): boolean => /^cordon-[a-z]+-/.test(name);

const nameOf = ({ metadata }: V1Pod | V1NetworkPolicy | V1Service): string => metadata?.name ?? '';
const labelsOf = ({ metadata }: V1Pod): Labels => metadata?.labels ?? {};

function seenPolicy({ spec }: V1NetworkPolicy): z.infer<typeof Policy> {
  const { podSelector, policyTypes = [], ingress = [], egress = [] } = spec ?? {};
  const { [quarantine]: value = '', ...further } = podSelector?.matchLabels ?? {};
  const wide = Object.keys(further).length === 0 && (podSelector?.matchExpressions ?? []).length === 0;
  const shut = ingress.length === 0 && egress.length === 0;
  const both = ['Ingress', 'Egress'].every((type) => policyTypes.includes(type));
  return { quarantine: value, denies: wide && shut && both ? 'all' : 'not all' };
}

type Seen = {
  readonly pods: readonly V1Pod[];
  readonly policies: readonly V1NetworkPolicy[];
  readonly ours: V1NetworkPolicy | undefined;
};

/**
 * The pods that are meant: those in our policy already, and those of the workload. Once the policy is there, pods
 * younger than it have come in the place of the isolated ones.
 */
async function look(cluster: Cluster, of: Workload, signal: AbortSignal): Promise<Seen> {
  const [all, policies] = await Promise.all([
    listPods(cluster, of.namespace, signal),
    listPolicies(cluster, of.namespace, signal),
  ]);
  const ours = policies.find((policy) => nameOf(policy) === policyName(of));
  const value = ours && seenPolicy(ours).quarantine;
  const since = ours?.metadata?.creationTimestamp?.getTime();
  const isYounger = ({ metadata }: V1Pod): boolean =>
    of.kind !== 'pods' && since !== undefined && (metadata?.creationTimestamp?.getTime() ?? 0) >= since; // in whole seconds
  const pods = all.filter(
    (pod) =>
      (value !== undefined && value !== '' && labelsOf(pod)[quarantine] === value) ||
      (belongsTo(pod, of) && !isYounger(pod)),
  );
  return { pods, policies, ours };
}

/** By which labels each pod is selected; undefined where none is. */
function selected(selector: Parameters<typeof selects>[0], pods: readonly V1Pod[]): Value | undefined {
  const found = pods.filter((pod) => selects(selector, labelsOf(pod)));
  if (found.length === 0) return undefined;
  const keys = keysAskedFor(selector);
  return { selects: Object.fromEntries(found.map((pod) => [nameOf(pod), [...keys]])) };
}

/** Anybody may call a policy like ours: one that lets something through is treated as those of others. */
const stateOfPolicy = (policy: V1NetworkPolicy, pods: readonly V1Pod[]): Value | undefined => {
  const value = selected(policy.spec?.podSelector ?? {}, pods);
  const seen = seenPolicy(policy);
  return value && isOurs(nameOf(policy)) && seen.denies === 'all' ? seen : value;
};

function stateOfService({ spec }: V1Service, pods: readonly V1Pod[]): Value | undefined {
  const { selector = {} } = spec ?? {};
  return Object.keys(selector).length > 0 ? selected({ matchLabels: selector }, pods) : undefined;
}

const stateOfPod = (pod: V1Pod): readonly (readonly [resource: string, Value | null])[] =>
  Object.entries({ [quarantine]: null, ...labelsOf(pod) }).map(([key, value]) => [
    `pods/${nameOf(pod)}/labels/${key}`,
    value,
  ]);

/** The labels of the pods, our policy, and what else selects them: of pods that are gone, our policy alone. */
export async function capture(cluster: Cluster, of: Workload, { signal }: StepContext): Promise<State<Value>> {
  const [{ pods, policies, ours }, services] = await Promise.all([
    look(cluster, of, signal),
    listServices(cluster, of.namespace, signal),
  ]);
  if (pods.length === 0 && !ours) return {};
  refuseHostNetwork(pods);
  const seen: (readonly [resource: string, Value | null | undefined])[] = [
    [`networkpolicies/${policyName(of)}`, ours ? seenPolicy(ours) : null],
    ...policies
      .filter((one) => one !== ours)
      .map((one) => [`networkpolicies/${nameOf(one)}`, stateOfPolicy(one, pods)] as const),
    ...services.map((one) => [`services/${nameOf(one)}`, stateOfService(one, pods)] as const),
    ...pods.flatMap(stateOfPod),
  ];
  const at = inside(cluster, of.namespace);
  return Object.fromEntries(
    seen.flatMap(([resource, value]) => (value === undefined ? [] : [[`${at}/${resource}`, value] as const])),
  );
}

const isPolicy = (value: Value | null | undefined): value is z.infer<typeof Policy> =>
  typeof value === 'object' && value !== null && 'denies' in value;

/** The labels that make others select a pod; our own is not taken away but given another value. */
const strippedOf = (seen: State<Value>, pod: string): readonly string[] =>
  Object.values(seen)
    .flatMap((value) =>
      typeof value === 'object' && value !== null && 'selects' in value ? (value.selects[pod] ?? []) : [],
    )
    .filter((key) => key !== quarantine);

/**
 * The policy first, then of each pod the label by which it is selected, then the labels by which others select it: so
 * that the way back, which is the reverse, deletes the policy when no pod is in it any more.
 */
export function plan(of: Workload, seen: State<Value>, { runId }: StepContext): State<Value> {
  const ours = Object.keys(seen).find((resource) => placeOf(resource).name === policyName(of)) ?? '';
  const at = ours.slice(0, ours.lastIndexOf('/networkpolicies/'));
  const there = seen[ours];
  const value = isPolicy(there) && there.quarantine !== '' ? there.quarantine : runId;
  const others = Object.entries(seen).flatMap(([resource, one]) =>
    resource !== ours && isPolicy(one) && one.denies === 'all' ? [one.quarantine] : [],
  );
  const pods = new Set(
    Object.keys(seen)
      .map(placeOf)
      .flatMap(({ noun, name }) => (noun === 'pods' ? [name] : [])),
  );
  const labels = [...pods].flatMap((pod): (readonly [string, Value | null])[] => {
    const labelOf = (key: string): string => `${at}/pods/${pod}/labels/${key}`;
    const now = seen[labelOf(quarantine)];
    const isHeld = typeof now === 'string' && others.includes(now); // by another isolation
    return [
      ...(isHeld ? [] : [[labelOf(quarantine), value] as const]),
      ...[...new Set(strippedOf(seen, pod))].map((key) => [labelOf(key), null] as const),
    ];
  });
  const isNeeded = labels.some(([, wanted]) => wanted !== null);
  return { ...(isNeeded && { [ours]: { quarantine: value, denies: 'all' as const } }), ...Object.fromEntries(labels) };
}

const attempts = 5;

/** Changes one label, if it still is what it was; false where somebody has written the pod in between. */
async function tryLabel(cluster: Cluster, place: Place, { from, to }: Change<Value>, signal: AbortSignal) {
  const pod = await readPod(cluster, place, signal);
  const now = pod ? (labelsOf(pod)[place.label] ?? null) : null;
  if (now === to) return true;
  if (!pod || now !== from)
    throw new ForeignEdit(`${place.namespace}/${place.name}: ${pod ? `${place.label} is ${now}` : 'the pod is gone'}`);
  const resourceVersion = pod.metadata?.resourceVersion ?? '';
  const labels = { [place.label]: typeof to === 'string' ? to : null };
  return patchLabels(cluster, place, { resourceVersion, labels }, signal);
}

/** The same until nobody writes in between: a kubelet reports often about a pod that starts or fails. */
async function setLabel(cluster: Cluster, place: Place, change: Change<Value>, signal: AbortSignal): Promise<void> {
  for (let left = attempts; left > 0; left -= 1) if (await tryLabel(cluster, place, change, signal)) return;
  throw new CordonError({
    code: 'written-all-the-time',
    message: `${place.namespace}/${place.name} was written by others ${attempts} times while its label was to be set`,
    retryable: true,
  });
}

/** Our policy, made or put right; it tells whose it is and how it is taken back. */
async function shut(cluster: Cluster, place: Place, value: string, { runId, signal }: StepContext): Promise<void> {
  const before = await readPolicy(cluster, place, signal);
  const now = before && seenPolicy(before);
  if (now?.quarantine === value && now.denies === 'all') return;
  const { resourceVersion } = before?.metadata ?? {};
  const policy: V1NetworkPolicy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: place.name,
      namespace: place.namespace,
      annotations: { 'cordon.dev/run': runId, 'cordon.dev/way-back': `cordon release ${runId}` },
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    spec: { podSelector: { matchLabels: { [quarantine]: value } }, policyTypes: ['Ingress', 'Egress'] },
  };
  await writePolicy(cluster, place, policy, signal);
}

/** Deletes our policy, unless a pod is still in it. */
async function leave(cluster: Cluster, place: Place, value: string, signal: AbortSignal): Promise<void> {
  const held = (await listPods(cluster, place.namespace, signal)).filter((pod) => labelsOf(pod)[quarantine] === value);
  if (held.length > 0) throw new ForeignEdit(`${place.name} still isolates ${held.map(nameOf).join(', ')}`);
  await deletePolicy(cluster, place, signal);
}

/** Makes one change, in either direction. */
export async function apply(cluster: Cluster, change: Change<Value>, step: StepContext): Promise<void> {
  const { resource, from, to } = change;
  const place = placeOf(resource);
  if (place.noun === 'pods') return setLabel(cluster, place, change, step.signal);
  if (isPolicy(to) && to.denies === 'all') return shut(cluster, place, to.quarantine, step);
  if (to !== null) throw new ForeignEdit(`${resource} let something through when it was read and is not left so`);
  if (isPolicy(from)) await leave(cluster, place, from.quarantine, step.signal);
}

/** Whether no policy of others lets anything in or out of the pods any more. */
export async function isCut(cluster: Cluster, of: Workload, { signal }: StepContext): Promise<boolean> {
  const { pods, policies } = await look(cluster, of, signal);
  return policies
    .filter(({ spec }) => (spec?.ingress ?? []).length > 0 || (spec?.egress ?? []).length > 0)
    .every(({ spec }) => pods.every((pod) => !selects(spec?.podSelector ?? {}, labelsOf(pod))));
}
