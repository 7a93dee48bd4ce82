import type { Finding, Severity } from '../../model/finding.ts';
import { isObject, type Json, own } from '../../model/json.ts';
import type { Actor, Target } from '../../model/target.ts';
import { Detail } from './guardduty-detail.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';
import { remoteAddresses } from './guardduty-remote.ts';
import { resourcesOf, unnamedResource } from './guardduty-resources.ts';
import { problemOf, quoted } from '../shape.ts';
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
function sequenceActor({ service }: Detail): Omit<Actor, 'addresses'> | undefined {
  const [actor, ...more] = service.detection?.sequence?.actors ?? [];
  if (!actor?.user || more.length > 0) return undefined;
  const { name: userName, uid: principalId, credentialUid: accessKeyId, account } = actor.user;
  return { type: 'other', account: account?.uid, userName, principalId, accessKeyId };
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
  const actor = who?.actor ?? sequenceActor(detail) ?? actingInstance(detail);
  if (actor) return { ...actor, addresses };
  return addresses.length > 0 ? { type: 'other', addresses } : undefined;
}

/** A principal is what happened to it only where the finding names nothing else. */
function targetsOf(detail: Detail, who: Principal | undefined): readonly Target[] {
  const things = resourcesOf(detail);
  const [first, ...rest] = who?.targets ?? [];
  if (!first) return things.length > 0 ? things : [unnamedResource(detail)];
  return [...things, { ...first, role: things.length > 0 ? 'actor' : 'affected' }, ...rest];
}

function statusOf({ service: { archived, count } }: Detail): Finding['status'] {
  if (archived) return 'archived';
  return (count ?? 1) > 1 ? 'updated' : 'new';
}

function findingOf(detail: Detail): Reading {
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
    'event.detail.service.action.awsApiCallAction.userAgent',
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
