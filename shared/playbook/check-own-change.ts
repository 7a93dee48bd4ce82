import type { Action } from '../action/action.ts';
import type { Catalogue } from '../action/catalogue.ts';
import type { Json } from '../model/json.ts';
import { type Playbook, placedSteps, type Step } from '../model/playbook.ts';
import type { Condition } from '../pattern/condition.ts';
import { leafOf, type Scalar } from '../pattern/leaf.ts';
import { testOf } from '../pattern/operators.ts';
import { type AndMap, parsePattern } from '../pattern/parse.ts';
import type { Problem } from './check-inputs.ts';
import { wholeTemplate } from './template.ts';

/** A call as it comes back in an event: what is known on some paths, undefined where nothing stands there. */
type Echo = { readonly type: string; readonly known: ReadonlyMap<string, Scalar | undefined> };

/** Services that CloudTrail names otherwise than IAM does (docs.aws.amazon.com/awscloudtrail, "Supported services"). */
const eventSources: ReadonlyMap<string, string> = new Map([
  ['cloudwatch', 'monitoring'],
  ['tag', 'tagging'],
]);

/**
 * Rights whose call is named otherwise (docs.aws.amazon.com/AmazonS3, "CloudTrail events"), or that are no call at all. Calls that
 * take the change back are left out: a trigger may well be about them.
 */
const operations: ReadonlyMap<string, string | undefined> = new Map([
  ['iam:PassRole', undefined],
  ['s3:PutEncryptionConfiguration', 'PutBucketEncryption'],
  ['s3:PutLifecycleConfiguration', 'PutBucketLifecycle'],
  ['s3:PutReplicationConfiguration', 'PutBucketReplication'],
  ['s3:PutBucketCORS', 'PutBucketCors'],
]);

/** Services whose calls are logged with the version of their API behind the name. */
const versioned: readonly string[] = ['lambda', 'cloudfront'];

function awsEchoes(allow: string): readonly Echo[] {
  const [prefix = '', right = ''] = allow.split(':');
  const operation = operations.has(allow) ? operations.get(allow) : right;
  if (operation === undefined) return [];
  const service = `${eventSources.get(prefix) ?? prefix}.amazonaws.com`;
  const type = `${service}/${operation}`;
  const known: readonly (readonly [string, Scalar | undefined])[] = [
    ['finding.provider', 'cloudtrail'],
    ['finding.cloud', 'aws'],
    ['finding.type', type],
    ['finding.severity', 'Unknown'],
    ['finding.status', 'new'],
    ['finding.actor.type', 'role-session'],
    ['finding.call.operation', operation],
    ['finding.call.service', service],
    ['finding.call.succeeded', true],
    ['finding.call.errorCode', undefined],
    ['finding.call.invokedBy', undefined],
    ['event.detail-type', 'AWS API Call via CloudTrail'],
    ['event.detail.eventSource', service],
    ['event.detail.errorCode', undefined],
    ...(versioned.includes(prefix) ? [] : [['event.detail.eventName', operation] as const]),
  ];
  return [{ type, known: new Map(known) }];
}

/** Rights on data and on Microsoft Graph leave no record in the Activity Log. */
function azureEchoes(allow: string): readonly Echo[] {
  if (!allow.startsWith('Microsoft.')) return [];
  const known: readonly (readonly [string, Scalar])[] = [
    ['finding.provider', 'activity-log'],
    ['finding.cloud', 'azure'],
    ['finding.type', allow],
    ['finding.call.operation', allow],
    ['finding.call.succeeded', true],
  ];
  return [{ type: allow, known: new Map(known) }];
}

/** The events that the calls of an action come back as. */
const echoesOf = ({ cloud, permissions }: Action): readonly Echo[] =>
  permissions.write.flatMap(({ allow }) => (cloud === 'aws' ? awsEchoes(allow) : azureEchoes(allow)));

const sayingState = /^event\.(detail\.(requestParameters|responseElements|additionalEventData)|data)(\.|$)/;

/** Of a finding, what says where it comes from, who did it and when, but nothing about how things stand now. */
const indifferent: readonly string[] = [
  ...['id', 'provider', 'type', 'title', 'description', 'cloud', 'account', 'region', 'severity', 'severityOriginal'],
  ...['status', 'createdAt', 'updatedAt', 'lastSeenAt', 'count', 'sample', 'snapshot'],
  ...['actor', 'call', 'link', 'signals'],
];
/** Of a resource, what tells only which one it is. */
const naming: readonly string[] = ['type', 'role', 'account', 'region', 'id', 'name'];

/** Whether a condition on this path looks at the state that a call leaves. */
function looksAtState(path: string): boolean {
  const [root, field = '', member = ''] = path.split('.');
  if (root === 'target') return !naming.includes(field);
  if (root !== 'finding') return sayingState.test(path);
  return field === 'resources' ? !naming.includes(member) : !indifferent.includes(field);
}

function meets(condition: Condition, value: Scalar | undefined): boolean {
  if (value === undefined) return condition.kind === 'exists' && !condition.exists;
  return testOf(condition)(leafOf(0, value, undefined));
}

/** Whether an echo can meet all fields while none of them looks at the state: what is not known may hold. */
const catches = (fields: AndMap, { known }: Echo): boolean =>
  fields.every(
    ({ path, conditions }) =>
      !looksAtState(path) && (!known.has(path) || conditions.some((condition) => meets(condition, known.get(path)))),
  );

const catchesAny = (source: Json, echo: Echo): boolean =>
  parsePattern(source).alternatives.some((fields) => catches(fields, echo));

/** Whether a step would be planned again for its own call: it looks neither in `when` nor in `forEach` at what is there. */
function repeats({ when, forEach }: Step, echo: Echo): boolean {
  const listed = forEach === undefined ? undefined : wholeTemplate(forEach);
  return !(listed !== undefined && looksAtState(listed)) && (when === undefined || catchesAny(when, echo));
}

/** The actions that a step can become. */
async function actionsOf(action: string, catalogue: Catalogue): Promise<readonly Action[]> {
  const entries = Object.entries(catalogue).filter(([id, { portable }]) => id === action || portable?.verb === action);
  return Promise.all(entries.map(([, entry]) => entry.load()));
}

const remedy =
  'Cordon knows its own changes and does not answer them, but others make the same call rightly: add what the call must leave to be answered, as a condition of the trigger on event.detail.requestParameters, on event.data or on the resource, or as `when` of the step on the target.';

/** Steps whose own calls, coming back as events, would start the playbook again. */
export async function ownChangeWarnings(playbook: Playbook, catalogue: Catalogue): Promise<readonly Problem[]> {
  const picked = parsePattern(playbook.targets).alternatives;
  const looks = picked.every((fields) => fields.some(({ path }) => looksAtState(`finding.resources.${path}`)));
  if (looks) return [];
  const warnings = placedSteps(playbook).map(async ({ step, path }): Promise<readonly Problem[]> => {
    const echoes = (await actionsOf(step.action, catalogue)).flatMap((action) => echoesOf(action));
    const caught = echoes.filter((echo) => repeats(step, echo) && catchesAny(playbook.on, echo));
    const types = [...new Set(caught.map(({ type }) => type))];
    if (types.length === 0) return [];
    const more = types.length > 3 ? ` and ${types.length - 3} more calls` : '';
    const message = `the trigger matches ${types.slice(0, 3).join(', ')}${more}, which step ${step.id} makes itself, and looks at nothing that the call leaves behind`;
    return [{ path, message, remedy }];
  });
  return (await Promise.all(warnings)).flat();
}
