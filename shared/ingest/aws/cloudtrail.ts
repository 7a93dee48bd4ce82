import type { Call } from '../../model/finding.ts';
import { AwsAccountId, comparable, parseArn } from '../../model/identifiers.ts';
import { isObject, type Json, own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { isAddress, problemOf, quoted } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { Detail, operationOf } from './cloudtrail-detail.ts';
import { callerOf, type Place } from './cloudtrail-principal.ts';
import { changedBy } from './cloudtrail-targets.ts';
import type { Principal } from './guardduty-principal.ts';
import { accountTarget } from './named-resource.ts';

const kinds = {
  call: 'AWS API Call via CloudTrail',
  signIn: 'AWS Console Sign In via CloudTrail',
  serviceEvent: 'AWS Service Event via CloudTrail',
} as const;

const remedy =
  'Send the event as EventBridge delivers it: source aws.<service>, detail-type "AWS API Call via CloudTrail", the record as detail.';

/** What services tell of themselves and somebody has to know; the rest is their own upkeep. */
const news: ReadonlySet<string> = new Set([
  'kms.amazonaws.com/DeleteKey',
  'organizations.amazonaws.com/AccountDepartedOrganization',
  'signin.amazonaws.com/UserAuthentication',
]);

/** Steps of a sign-in, or its end, that let nobody in. */
const steps: ReadonlySet<string> = new Set(['CheckMfa', 'ExitRole', 'RenewRole']);

const partitions: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
];

function placeOf(detail: Detail, account: string): Place {
  const { awsRegion: region, userIdentity } = detail;
  const named = parseArn(userIdentity.arn ?? '')?.partition;
  const byRegion = partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
  return { partition: named !== undefined && /^aws(-[a-z]+)*$/.test(named) ? named : byRegion, region, account };
}

/** "true" and "Yes" in text, or true; undefined where the record does not say. */
function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (['true', 'yes'].includes(text)) return true;
  return ['false', 'no'].includes(text) ? false : undefined;
}

const mfaIn = ({ additionalEventData, userIdentity }: Detail): boolean | undefined =>
  flag(own(additionalEventData, 'MFAUsed')) ?? flag(userIdentity.sessionContext?.attributes?.mfaAuthenticated);

/** A sign-in says how it ended in a member that is called like it. */
const succeeded = ({ errorCode, errorMessage, responseElements, serviceEventDetails, eventName }: Detail): boolean =>
  errorCode === undefined &&
  errorMessage === undefined &&
  ![responseElements, serviceEventDetails].some((answer) => own(answer, eventName) === 'Failure');

const isSignIn = ({ eventSource }: Detail, kind: unknown): boolean =>
  kind === kinds.signIn || (kind === kinds.serviceEvent && eventSource.startsWith('signin.'));

/** The users that a call changed, by id, where it changed any. */
const usersIn = (targets: readonly Target[]): readonly string[] =>
  targets.filter(({ type }) => type === 'aws.iam.user').map(({ id }) => comparable(id));

function callOf(detail: Detail, things: readonly Target[], who: Principal | undefined): Call {
  const { eventSource: service, errorCode, userAgent, userIdentity } = detail;
  const mfa = mfaIn(detail);
  const changed = usersIn(things);
  const himself = usersIn(who?.targets ?? []);
  return {
    operation: operationOf(detail),
    service,
    succeeded: succeeded(detail),
    ...(errorCode !== undefined && { errorCode }),
    ...(userIdentity.invokedBy !== undefined && { invokedBy: userIdentity.invokedBy }),
    ...(mfa !== undefined && { mfa }),
    ...(changed.length > 0 && {
      onOneself: who?.actor.type === 'iam-user' && changed.some((id) => himself.includes(id)),
    }),
    ...(userAgent !== undefined && { userAgent }),
  };
}

/** What stands for a call that names nothing it changed. */
const unnamed = ({ eventID, eventSource }: Detail, type: string, { account, region }: Place): Target => ({
  type: 'other',
  id: eventID,
  name: type,
  account,
  region,
  role: 'affected',
  kind: eventSource,
});

/** Who signed in is what it happened to; of the root user that is the account. */
function signedIn(who: Principal | undefined, place: Place): readonly Target[] {
  const whole = accountTarget({ ...place, account: who?.actor.account ?? place.account, role: 'affected' });
  return !who || who.actor.type === 'root' ? [whole] : who.targets;
}

/** Each thing once; who acts stands for himself also where he is what was changed. */
function once(targets: readonly Target[]): readonly Target[] {
  const keyOf = ({ id, role }: Target): string => `${role === 'actor'} ${comparable(id)}`;
  const seen = new Map<string, Target>();
  for (const one of targets) if (!seen.has(keyOf(one))) seen.set(keyOf(one), one);
  return [...seen.values()];
}

/** What was changed, then the caller. */
function resourcesOf(things: readonly Target[], who: Principal | undefined): readonly Target[] {
  const [caller, ...beside] = who?.targets ?? [];
  return once([...things, ...(caller ? [{ ...caller, role: 'actor' as const }] : []), ...beside]);
}

function addressesOf({ sourceIPAddress, awsRegion }: Detail, account: string): readonly Target[] {
  if (!isAddress(sourceIPAddress)) return [];
  const id = sourceIPAddress;
  const place = { account, region: awsRegion, role: 'related' } as const;
  return [{ type: 'network.address', id, name: id, ...place, address: id, direction: 'inbound' }];
}

/** Who called, in the words of the record. */
const nameOf = (who: Principal | undefined): string => {
  const { type, userName, role, sessionName, principalId } = who?.actor ?? {};
  if (type === 'root') return 'The root user';
  return (role ? `${role.name}/${sessionName}` : userName) ?? principalId ?? 'Somebody unnamed';
};

function titleOf(detail: Detail, kind: unknown, who: Principal | undefined): string {
  const operation = operationOf(detail);
  if (kind === kinds.call) return `${nameOf(who)} called ${operation} of ${detail.eventSource}`;
  return `${nameOf(who)}: ${operation} ${succeeded(detail) ? 'succeeded' : 'failed'}`;
}

function descriptionOf(detail: Detail): string {
  const { eventName, eventTime, awsRegion, sourceIPAddress, errorMessage } = detail;
  const from = sourceIPAddress === undefined ? '' : ` from ${sourceIPAddress}`;
  const logged = eventName === operationOf(detail) ? '' : ` CloudTrail logs it as ${eventName}.`;
  return `${eventTime} in ${awsRegion}${from}.${logged}${errorMessage === undefined ? '' : ` ${errorMessage}`}`;
}

function findingOf(detail: Detail, kind: unknown, recipient: string): Reading {
  const { eventID, eventSource, eventTime, awsRegion, userIdentity } = detail;
  const place = placeOf(detail, recipient);
  const type = `${eventSource}/${operationOf(detail)}`;
  const who = callerOf(detail, place);
  const signIn = isSignIn(detail, kind);
  const named = signIn ? signedIn(who, place) : changedBy(detail, place);
  const things = named.length > 0 ? named : [unnamed(detail, type, place)];
  const account = AwsAccountId.safeParse(things[0]?.account).data ?? recipient;
  const addresses = isAddress(detail.sourceIPAddress) ? [detail.sourceIPAddress] : [];
  const call = callOf(detail, signIn ? [] : things, who);
  return found({
    id: detail.sharedEventID ?? eventID,
    provider: 'cloudtrail',
    cloud: 'aws',
    type,
    title: titleOf(detail, kind, who),
    description: descriptionOf(detail),
    severity: 'Unknown',
    severityOriginal: '',
    status: 'new',
    account,
    region: awsRegion,
    createdAt: eventTime,
    updatedAt: eventTime,
    count: 1,
    sample: false,
    snapshot: false,
    actor: who || addresses.length > 0 ? { type: 'other', ...who?.actor, addresses } : undefined,
    call,
    resources: [...(signIn ? things : resourcesOf(things, who)), ...addressesOf(detail, account)],
    link: {
      eventId: eventID,
      eventName: detail.eventName,
      account: recipient,
      region: awsRegion,
      ...(userIdentity.accountId !== undefined && { callerAccount: userIdentity.accountId }),
    },
  });
}

/** Why a record is no news: nothing was changed, or nobody changed it. */
function noNews(detail: Detail, kind: unknown): string | undefined {
  const { eventSource, errorCode, errorMessage, readOnly, eventName } = detail;
  const call = `${operationOf(detail)} of ${eventSource}`;
  if (kind === kinds.serviceEvent)
    return news.has(`${eventSource}/${eventName}`) ? undefined : `${call} is what the service tells of its own work.`;
  if (kind === kinds.signIn) return steps.has(eventName) ? `${call} lets nobody in.` : undefined;
  if (errorCode?.endsWith('DryRunOperation')) return `${call} was a dry run, so nothing changed.`;
  const error = errorCode ?? errorMessage;
  if (error !== undefined) return `${call} failed with ${quoted(error)}, so nothing changed.`;
  return flag(readOnly) === true ? `${call} only reads, so nothing changed.` : undefined;
}

/** The account that EventBridge delivered a record in: the one it is for, where the record does not say it itself. */
function recipientOf(event: Json, { recipientAccountId, userIdentity }: Detail): string | undefined {
  const given = [recipientAccountId, own(event, 'account'), userIdentity.accountId];
  return given.map((account) => AwsAccountId.safeParse(account).data).find((account) => account !== undefined);
}

/** API calls and console sign-ins that CloudTrail records, as EventBridge delivers them. */
export const cloudtrail: Source = {
  id: 'cloudtrail',
  title: 'AWS CloudTrail API calls and console sign-ins',
  delivery:
    'EventBridge, source aws.<service>, detail-type "AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail" or "AWS Service Event via CloudTrail", the record as detail; needs a trail that logs management events; IAM, root sign-ins and other global services arrive in us-east-1',
  identity: 'detail.sharedEventID, which the records of two accounts have in common, else detail.eventID',
  confirm: 'state',
  sampleMarker: 'none: CloudTrail makes no samples',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.actor.sessionName',
    'finding.actor.userName',
    'finding.call.userAgent',
    'finding.resources.name',
    'finding.resources.sessionName',
    'event.detail.userAgent',
    'event.detail.userIdentity',
    'event.detail.requestParameters',
    'event.detail.responseElements',
  ],
  reference:
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',

  // only AWS may send as aws.<service> (PutEvents refuses it to others)
  envelopes: [...Object.values(kinds).map((kind) => `aws.*/${kind}`), 'bare/cloudtrail'],

  read(event) {
    const kind = own(event, 'detail-type');
    const detail = own(event, 'detail');
    if (kind === undefined && detail === undefined)
      return malformed('The envelope is missing: this is only a CloudTrail record.', remedy);
    if (!isObject(detail)) return malformed('detail: not an object.', remedy);
    const parsed = Detail.safeParse(detail);
    if (!parsed.success) return malformed(problemOf(parsed.error, 'detail'), remedy);
    const reason = noNews(parsed.data, kind);
    if (reason !== undefined) return ignored(reason);
    const recipient = recipientOf(event, parsed.data);
    if (recipient === undefined) return malformed('Neither detail nor envelope names an account.', remedy);
    return findingOf(parsed.data, kind, recipient);
  },
};
