import * as z from 'zod';
import { type Finding, severities } from '../../model/finding.ts';
import { comparable, SubscriptionId } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import { armTargets, subscriptionOf } from './arm-target.ts';
import { caseless, word } from './defender-alert.ts';
import { isForeign } from './defender-entities.ts';
import { lowerKeys, OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';

const Enrichment = caseless({ action: Text, issnapshot: z.union([z.boolean(), z.string()]).nullish() }).nullish();

/** learn.microsoft.com/rest/api/defenderforcloud-composite/assessments, with what continuous export adds. */
export const Assessment = caseless({
  id: z.string().min(1),
  name: z.string().regex(/^[\w-]{1,128}$/, 'the key of an assessment'),
  properties: caseless({
    displayname: Text,
    resourcedetails: caseless({ source: Text, id: Text }).nullish(),
    status: caseless({
      code: z.string().min(1),
      description: Text,
      statuschangedate: OptionalInstant,
      firstevaluationdate: OptionalInstant,
    }),
    metadata: caseless({ displayname: Text, description: Text, severity: Text }).nullish(),
  }),
  assessmenteventdataenrichment: Enrichment,
  securityeventdataenrichment: Enrichment,
});
export type Assessment = z.infer<typeof Assessment>;

const statuses: ReadonlyMap<string, Finding['status']> = new Map([
  ['unhealthy', 'new'],
  ['healthy', 'resolved'],
  ['notapplicable', 'resolved'],
]);

/** Whether the assessment has gone, whichever of its two enrichments says so. */
const isDeleted = ({ assessmenteventdataenrichment: own, securityeventdataenrichment: shared }: Assessment): boolean =>
  [own, shared].some((one) => one?.action?.toLowerCase() === 'delete');

const isSnapshot = ({ assessmenteventdataenrichment: own, securityeventdataenrichment: shared }: Assessment): boolean =>
  [own, shared].some((one) => String(one?.issnapshot ?? false).toLowerCase() === 'true');

/** The state of an assessment; undefined where its code is not known. */
export const statusOf = (assessment: Assessment): Finding['status'] | undefined =>
  isDeleted(assessment) ? 'resolved' : statuses.get(assessment.properties.status.code.toLowerCase());

const idForm = /^(\/subscriptions\/[^/]+(?:\/.+)?)\/providers\/Microsoft\.Security\/assessments\/([^/]+)$/i;

/** The resource that an assessment is of: its id is that of the assessment without the end. */
export const assessedIn = ({ id, name }: Pick<Assessment, 'id' | 'name'>): string | undefined => {
  const [, resource, key] = idForm.exec(id) ?? [];
  return key?.toLowerCase() === name.toLowerCase() ? resource : undefined;
};

const severityOf = (text: string): Finding['severity'] =>
  severities.find((caption) => caption.toLowerCase() === text.toLowerCase()) ?? 'Unknown';

const remedy = 'Send the recommendation as continuous export or the assessments API writes it.';

/** Why an assessment is left alone although it can be read. */
function leftFor({ id, properties }: Assessment): string | undefined {
  const { source = 'Azure', id: resource = id } = properties.resourcedetails ?? {};
  if (!/^(aws|gcp|github|gitlab|azuredevops)$/i.test(source) && ![id, resource].some(isForeign)) return undefined;
  return `The recommendation is about ${quoted(resource)}, outside Azure: send what that cloud itself finds.`;
}

type Facts = { readonly resource: string; readonly account: string; readonly status: Finding['status'] };

function findingOf(assessment: Assessment, at: string, { resource, account, status }: Facts): Reading {
  const { id, name, properties } = assessment;
  const { displayname, metadata, status: state } = properties;
  const title = displayname ?? metadata?.displayname ?? name;
  return found({
    id: id.toLowerCase(),
    provider: 'defender-assessment',
    cloud: 'azure',
    type: name.toLowerCase(),
    title,
    description: state.description ?? metadata?.description ?? title,
    severity: severityOf(metadata?.severity ?? ''),
    severityOriginal: metadata?.severity ?? '',
    status,
    account,
    region: '',
    createdAt: state.firstevaluationdate ?? at,
    updatedAt: at,
    count: 1,
    sample: false,
    snapshot: isSnapshot(assessment),
    resources: [...armTargets(resource, 'affected', account)],
    link: { assessmentId: id },
  });
}

/** The assessment as a finding, or what stands against it: each named, none guessed. */
function readAssessment(assessment: Assessment): Reading {
  const left = leftFor(assessment);
  if (left !== undefined) return ignored(left);
  const { id, properties } = assessment;
  const resource = assessedIn(assessment);
  const account = subscriptionOf(resource ?? '');
  if (!resource || !account || !SubscriptionId.safeParse(account).success)
    return malformed(`id: ${quoted(id)} is not that of an assessment in a subscription.`, remedy);
  const named = properties.resourcedetails?.id;
  if (named !== undefined && comparable(named) !== comparable(resource))
    return malformed(`id and resourceDetails name different resources: ${quoted(named)}.`, remedy);
  const status = statusOf(assessment);
  if (!status) return malformed(`properties.status.code: ${quoted(properties.status.code)} is not known.`, remedy);
  const at = properties.status.statuschangedate ?? properties.status.firstevaluationdate;
  if (!at) return malformed('properties.status.statusChangeDate: missing.', remedy);
  return findingOf(assessment, at, { resource, account, status });
}

/** What is exported beside assessments, and why it makes no finding. */
const others: readonly (readonly [RegExp, string])[] = [
  [
    /^(microsoft\.security\/(assessments\/)?subassessments$|subassessmentevent$)/,
    'A sub-assessment lists one detail of a recommendation, such as a vulnerability: the recommendation itself comes as an assessment.',
  ],
  [/^microsoft\.security\/regulatorycompliance/, 'A result of regulatory compliance counts resources and names none.'],
  [/^microsoft\.security\/securescore/, 'A secure score is a number and names no resource.'],
];

const payloadOf = (event: unknown): unknown => (own(event, 'specversion') === undefined ? event : own(event, 'data'));

/** Recommendations of Microsoft Defender for Cloud, each about one resource. */
export const defenderAssessment: Source = {
  id: 'defender-assessment',
  title: 'Defender for Cloud recommendations',
  delivery:
    'Continuous export to Event Hubs (ARM form with enrichment), workflow automation (ARM form), or the relay (CloudEvents with it as data)',
  identity:
    'the ARM id of the assessment, without case; its last part is the key, which is the finding’s type and the same for every resource (`assessmentKey` in the portal’s link to a recommendation)',
  confirm: 'finding',
  sampleMarker: 'none',
  forgeable: ['finding.resources.name'],
  reference: 'https://learn.microsoft.com/azure/defender-for-cloud/continuous-export',

  envelopes: [
    'arm/microsoft.security/assessments/*',
    'arm/microsoft.security/subassessments/*',
    'arm/microsoft.security/regulatorycompliancestandards/*',
    'arm/microsoft.security/securescores/*',
    'bare/sub-assessment',
    'grid/*.defender.assessment.v1',
    'grid/microsoft.security/assessments',
  ],

  read(event) {
    const payload = payloadOf(event);
    const lower = lowerKeys(payload);
    const kinds = [word(own(lower, 'type')), word(own(lower, '$type'))];
    const [, left] = others.find(([kind]) => kinds.some((one) => kind.test(one))) ?? [];
    if (left !== undefined) return ignored(left);
    const assessment = Assessment.safeParse(payload);
    return assessment.success ? readAssessment(assessment.data) : malformed(problemOf(assessment.error, ''), remedy);
  },
};
