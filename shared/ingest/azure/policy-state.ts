import * as z from 'zod';
import { SubscriptionId } from '../../model/identifiers.ts';
import type { Finding } from '../../model/finding.ts';
import { own } from '../../model/json.ts';
import { Instant, lowerKeys, OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { armTargets, subscriptionOf } from './arm-target.ts';

const States = z.object({
  timestamp: OptionalInstant,
  policyassignmentid: z.string().min(1),
  policydefinitionid: z.string().min(1),
  policydefinitionreferenceid: Text,
  compliancestate: Text,
  resourceid: Text,
  subscriptionid: Text,
});
type States = z.infer<typeof States>;

/** learn.microsoft.com/azure/governance/policy/concepts/compliance-states; of the others nothing can be told. */
const statuses: ReadonlyMap<string, Finding['status']> = new Map([
  ['noncompliant', 'new'],
  ['compliant', 'resolved'],
  ['exempt', 'resolved'],
]);

const remedy = 'Send the event as Event Grid delivers it, in Event Grid schema or as CloudEvents 1.0.';
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1) || id;

type Facts = {
  readonly resource: string;
  readonly owner: string;
  readonly at: string;
  readonly status: Finding['status'];
};

function findingOf(state: States, { resource, owner, at, status }: Facts): Reading {
  const {
    policyassignmentid: assignment,
    policydefinitionid: definition,
    policydefinitionreferenceid: reference,
  } = state;
  const name = nameOf(definition).toLowerCase();
  return found({
    id: [assignment, definition, reference ?? '', resource].join('|').toLowerCase(),
    provider: 'azure-policy',
    cloud: 'azure',
    type: name,
    title: `${nameOf(resource)} does not comply with the policy ${name}`,
    description: `Azure Policy says of ${resource}: ${state.compliancestate ?? 'no state'}, by the assignment ${assignment}.`,
    severity: 'Unknown',
    severityOriginal: '',
    status,
    account: owner,
    region: '',
    createdAt: at,
    updatedAt: at,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [...armTargets(resource, 'affected', owner)],
    link: { policyAssignmentId: assignment, policyDefinitionId: definition, resourceId: resource },
  });
}

/** Compliance of one resource with one policy, as Azure Policy tells it. */
export const policyState: Source = {
  id: 'azure-policy',
  title: 'Azure Policy compliance',
  delivery: 'Event Grid system topic Microsoft.PolicyInsights.PolicyStates, Event Grid schema or CloudEvents',
  identity:
    'policyAssignmentId, policyDefinitionId with its reference id in an initiative, and resource id, without case; the type is the name of the definition, which for built-in policies is the same everywhere',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: ['finding.title', 'finding.description', 'finding.resources.name'],
  reference: 'https://learn.microsoft.com/azure/event-grid/event-schema-policy',

  envelopes: ['created', 'changed', 'deleted'].map((end) => `grid/microsoft.policyinsights.policystate${end}`),

  read(event) {
    const data = lowerKeys(own(event, 'data'));
    const states = States.safeParse(data);
    if (!states.success) return malformed(problemOf(states.error, 'data'), remedy);
    const type = textOf(own(event, own(event, 'specversion') === undefined ? 'eventType' : 'type'));
    const { compliancestate = '', resourceid, timestamp, subscriptionid } = states.data;
    const gone = type.trim().toLowerCase().endsWith('deleted');
    const status = gone ? 'resolved' : statuses.get(compliancestate.toLowerCase());
    if (!status) return ignored(`The compliance state ${quoted(compliancestate)} says neither yes nor no.`);
    const resource = (resourceid ?? textOf(own(event, 'subject'))).replace(/\/+$/, '');
    const owner = subscriptionOf(resource) ?? subscriptionid?.toLowerCase();
    if (!resource.startsWith('/') || !SubscriptionId.safeParse(owner).success || owner === undefined)
      return malformed(`subject: ${quoted(resource)} is no resource in a subscription.`, remedy);
    const at = timestamp ?? Instant.safeParse(own(event, 'eventTime') ?? own(event, 'time')).data;
    return at ? findingOf(states.data, { resource, owner, at, status }) : malformed('The event says no time.', remedy);
  },
};
