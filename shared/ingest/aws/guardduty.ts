import * as z from 'zod';
import type { Finding, Severity } from '../../model/finding.ts';
import { isObject, type Json, own } from '../../model/json.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { Detail } from './guardduty-detail.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';
import { remoteAddresses } from './guardduty-remote.ts';
import { resourcesOf, unnamedResource } from './guardduty-resources.ts';
import { actorsOf, signalsOf } from './guardduty-sequence.ts';
import { problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';

const bands: readonly (readonly [number, Severity])[] = [
  [9, 'Critical'],
  [7, 'High'],
  [4, 'Medium'],
  [1, 'Low'],
];

/** docs.aws.amazon.com/guardduty, "Severity levels of GuardDuty findings". */
const severityOf = (value: number): Severity => bands.find(([from]) => value >= from)?.[1] ?? 'Unknown';

function sampleInText(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  try {
    return own(JSON.parse(text), 'sample') === true;
  } catch {
    return false; // other findings keep other text there
  }
}

/** docs.aws.amazon.com/guardduty, "Sample findings". */
const isSample = ({ title = '', service: { additionalInfo } }: Detail): boolean =>
  own(additionalInfo, 'sample') === true ||
  sampleInText(own(additionalInfo, 'value')) ||
  /^\[sample\]/i.test(title.trim());

/**
 * The principal, in the account that GuardDuty says the caller is of. Stolen credentials of an instance belong to the
 * instance, whichever account they are used from (InstanceCredentialExfiltration.InsideAWS).
 */
function principal(detail: Detail): Principal | undefined {
  const { accessKeyDetails, instanceDetails, lambdaDetails } = detail.resource;
  if (!accessKeyDetails) return undefined;
  const caller = detail.service.action?.awsApiCallAction?.remoteAccountDetails?.accountId;
  const remoteAccount = instanceDetails ? undefined : caller;
  return principalOf(
    {
      partition: detail.partition,
      account: remoteAccount ?? detail.accountId,
      remoteAccount,
      region: detail.region,
      instanceId: instanceDetails?.instanceId,
      lambdaRole: lambdaDetails?.role,
    },
    accessKeyDetails,
  );
}

/** An attack sequence names its actors itself; more than one cannot be said in one actor. */
function sequenceActor(detail: Detail): Omit<Actor, 'addresses'> | undefined {
  const [first, ...more] = actorsOf(detail);
  return more.length > 0 ? undefined : first?.actor;
}

const KubernetesUser = z.object({ username: Text, uid: Text, sessionName: z.array(z.string()).nullish() });

/** Who spoke to a cluster, where the cluster knows the user and AWS does not. */
function kubernetesUser({ accountId: account, resource }: Detail): Omit<Actor, 'addresses'> | undefined {
  const user = KubernetesUser.safeParse(own(own(resource, 'kubernetesDetails'), 'kubernetesUserDetails')).data;
  if (user?.username === undefined) return undefined;
  const { username: userName, uid: principalId, sessionName } = user;
  return { type: 'kubernetes-user', account, userName, principalId, sessionName: sessionName?.find(Boolean) };
}

/** Our own instance, where it is the one that attacks. */
function actingInstance({ accountId: account, service, resource }: Detail): Omit<Actor, 'addresses'> | undefined {
  const instanceId = resource.instanceDetails?.instanceId;
  return service.resourceRole === 'ACTOR' && instanceId ? { type: 'other', account, instanceId } : undefined;
}

/** Who did it, from where. Whom our own resource called is not from where: those stay among the resources. */
function actorOf(
  detail: Detail,
  who: Principal | undefined,
  peers: ReturnType<typeof remoteAddresses>,
): Actor | undefined {
  const addresses = peers.filter(({ direction }) => direction === 'inbound').map(({ address }) => address);
  const actor = who?.actor ?? sequenceActor(detail) ?? kubernetesUser(detail) ?? actingInstance(detail);
  if (actor) return { ...actor, addresses };
  return addresses.length > 0 ? { type: 'other', addresses } : undefined;
}

/** A principal is what happened to it only where the finding is about nothing else. */
function targetsOf(detail: Detail, who: Principal | undefined): readonly Target[] {
  const things = resourcesOf(detail);
  const about = things.some(({ role }) => role === 'affected');
  const named = new Set(things.map(({ id }) => id));
  const principals = [...(who ? [who] : []), ...actorsOf(detail)].flatMap(({ targets: [first, ...rest] }) => [
    ...(first ? [{ ...first, role: about ? 'actor' : 'affected' } as const] : []),
    ...rest.map((one): Target => ({ ...one, role: 'related' })),
  ]);
  const acting = principals.filter(
    ({ id }, at) => !named.has(id) && principals.findIndex((one) => one.id === id) === at,
  );
  const all = about ? [...things, ...acting] : [...acting, ...things];
  return all.some(({ role }) => role === 'affected') ? all : [unnamedResource(detail), ...all];
}

function statusOf({ service: { archived, count } }: Detail): Finding['status'] {
  if (archived) return 'archived';
  return (count ?? 1) > 1 ? 'updated' : 'new';
}

/** A GuardDuty finding, whichever channel its detail came through. */
export function findingOf(detail: Detail): Reading {
  const { arn, service, resource } = detail;
  const who = principal(detail);
  const peers = remoteAddresses(detail);
  return found({
    id: detail.id,
    provider: 'guardduty',
    cloud: 'aws',
    type: detail.type,
    title: detail.title ?? detail.type,
    description: detail.description ?? '',
    severity: severityOf(detail.severity),
    severityOriginal: detail.severity,
    status: statusOf(detail),
    account: detail.accountId,
    region: detail.region,
    createdAt: detail.createdAt,
    updatedAt: detail.updatedAt,
    lastSeenAt: service.eventLastSeen,
    count: service.count ?? 1,
    sample: isSample(detail),
    snapshot: false,
    actor: actorOf(detail, who, peers),
    signals: signalsOf(detail),
    resources: [...targetsOf(detail, who), ...peers],
    link: {
      findingId: detail.id,
      findingArn: arn.arn,
      detectorId: arn.detectorId,
      detectorAccount: arn.account,
      detectorRegion: arn.region,
      ...(resource.resourceType === undefined ? {} : { resourceType: resource.resourceType }),
    },
  });
}

const getFindingsRemedy = 'Send the event as EventBridge delivers it: source aws.guardduty, detail in camelCase.';

/** A finding without its envelope, or in the spelling of GetFindings. */
const isBare = (event: Json): boolean =>
  own(event, 'detail-type') === undefined &&
  [own(event, 'arn'), own(event, 'Arn')].some((arn) => typeof arn === 'string' && /^arn:[^:]*:guardduty:/.test(arn));

const isPascal = (detail: unknown): boolean =>
  ['AccountId', 'Arn', 'Id'].some((key) => own(detail, key) !== undefined) && own(detail, 'accountId') === undefined;

/** GuardDuty findings as EventBridge delivers them. */
export const guardduty: Source = {
  id: 'guardduty',
  title: 'Amazon GuardDuty findings',
  delivery: 'EventBridge, source aws.guardduty, detail-type "GuardDuty Finding", detail in camelCase',
  identity: 'detail.id; a newer version has a later updatedAt and a higher service.count',
  confirm: 'finding',
  sampleMarker:
    'service.additionalInfo.sample is true, or additionalInfo.value says so, or the title starts with [SAMPLE]',
  forgeable: [
    'finding.description',
    'finding.actor.sessionName',
    'finding.actor.userName',
    'finding.resources.name',
    'finding.resources.sessionName',
    'finding.resources.tags',
    'finding.resources.key',
    'finding.resources.image',
    'finding.resources.images',
    'finding.resources.user',
    'finding.signals.name',
    'event.detail.service.action.awsApiCallAction.userAgent',
    'event.detail.service.action.kubernetesApiCallAction.userAgent',
    'event.detail.service.action.kubernetesApiCallAction.sourceIPs',
    'event.detail.service.runtimeDetails',
    'event.detail.service.action.dnsRequestAction.domain',
  ],
  reference: 'https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html',

  // only AWS may send as aws.guardduty (PutEvents refuses it to others), so nothing near it is taken for it
  envelopes: ['aws.guardduty/GuardDuty Finding', 'aws.guardduty/*', 'bare/guardduty'],

  read(event) {
    const detail = own(event, 'detail');
    if (isBare(event))
      return isPascal(event)
        ? malformed('This is a finding from a GetFindings answer, not an event.', getFindingsRemedy)
        : malformed('The envelope is missing: this is only the detail of a GuardDuty event.', getFindingsRemedy);
    const kind = own(event, 'detail-type');
    if (kind !== 'GuardDuty Finding')
      return ignored(`GuardDuty event of detail-type ${quoted(kind)} is not a finding.`);
    if (!isObject(detail)) return malformed('detail: not an object.', getFindingsRemedy);
    if (isPascal(detail))
      return malformed('detail is a GetFindings body (PascalCase), not the wire form.', getFindingsRemedy);
    const parsed = Detail.safeParse(detail);
    return parsed.success ? findingOf(parsed.data) : malformed(problemOf(parsed.error, 'detail'), getFindingsRemedy);
  },
};
