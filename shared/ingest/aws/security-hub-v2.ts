import { parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import { problemOf, quoted } from '../shape.ts';
import { ignored, malformed, type Reading, type Source, together } from '../source.ts';
import { Ocsf, type OcsfResource, tagsIn } from './ocsf.ts';
import { asNews, readAsff } from './security-hub-finding.ts';

/** `severity_id` (0 is unknown) and the labels of ASFF, which has no Fatal. */
const labels = [undefined, 'INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'CRITICAL'];

type State = { readonly RecordState?: string; readonly Workflow?: { readonly Status: string } };

/** `status_id` of a finding: 1 new, 2 in progress, 3 suppressed, 4 resolved, 5 archived, 6 deleted. */
const states: readonly (State | undefined)[] = [
  undefined,
  { Workflow: { Status: 'NEW' } },
  { Workflow: { Status: 'NOTIFIED' } },
  { Workflow: { Status: 'SUPPRESSED' } },
  { Workflow: { Status: 'RESOLVED' } },
  { RecordState: 'ARCHIVED' },
  { RecordState: 'ARCHIVED' },
];

/** `status_id` of a compliance check, and its captions (schema.ocsf.io, "Compliance Status ID"). */
const checks: ReadonlyMap<string, string> = new Map([
  ['1', 'PASSED'],
  ['pass', 'PASSED'],
  ['2', 'WARNING'],
  ['warning', 'WARNING'],
  ['3', 'FAILED'],
  ['fail', 'FAILED'],
]);

/** Products of AWS that Security Hub has findings of, by the name that it gives them. */
const products: ReadonlyMap<string, string> = new Map([
  ['guardduty', 'guardduty'],
  ['inspector', 'inspector'],
  ['macie', 'macie'],
  ['iam access analyzer', 'access-analyzer'],
  ['security hub', 'securityhub'],
  ['security hub cspm', 'securityhub'],
]);

const isProductArn = (text: string | undefined): boolean =>
  /^arn:[\w-]+:securityhub:[\w-]*:\d*:product\/[\w-]+\/[\w-]+$/.test(text ?? '');

/** The ARN that ASFF has of the same product; what no vendor is known of is its own. */
function productArnOf({ metadata: { product }, finding_info: info, cloud }: Ocsf): string {
  const said = [product.uid, info.product?.uid].find(isProductArn);
  if (said !== undefined) return said;
  const isAws = /^(aws|amazon)\b/i.test(product.vendor_name ?? '');
  const name = (product.name ?? '').replace(/^(aws|amazon) /i, '').toLowerCase();
  const known = isAws ? products.get(name) : undefined;
  const arn = `arn:${cloud.cloud_partition ?? 'aws'}:securityhub:${cloud.region ?? ''}`;
  if (known !== undefined) return `${arn}::product/aws/${known}`;
  return `${arn}:${cloud.account.uid}:product/ocsf/${name.replace(/[^\w-]+/g, '-') || 'unknown'}`;
}

/** Products whose findings have an ARN of their own, and its service. */
const services: ReadonlyMap<string, string> = new Map([
  ['guardduty', 'guardduty'],
  ['inspector', 'inspector2'],
]);

/** The provider's own id, in whichever place it stands; GuardDuty's also where only its parts are told. */
function idOf({ finding_info: { uid, uid_alt = '', analytic } }: Ocsf, productArn: string): string {
  const service = services.get(productArn.split('::product/aws/')[1] ?? '');
  const isOwn = (arn: string): boolean => service !== undefined && parseArn(arn)?.service === service;
  const detector = analytic?.uid ?? '';
  const parts = service === 'guardduty' && isOwn(detector) ? `${detector.replace(/\/$/, '')}/finding/${uid}` : uid;
  return [uid, uid_alt].find(isOwn) ?? parts;
}

/** `AWS::EC2::SecurityGroup` as `AwsEc2SecurityGroup`; other words stay as they are. */
const asffType = (type: string): string => {
  if (type === 'AWS::::Account') return 'AwsAccount';
  if (!type.startsWith('AWS::')) return type;
  const words = type.slice('AWS::'.length).split('::');
  return `Aws${words.map(camelWord).join('')}`;
};

/** `EC2` as `Ec2`, `DBInstance` as `DbInstance`, `SecurityGroup` as it is. */
const camelWord = (word: string): string =>
  word.replace(/^[A-Z0-9]{2,}(?=[A-Z][a-z]|$)/, (head) => head.charAt(0) + head.slice(1).toLowerCase());

/** The holder of a key stands in `data`, in small letters; what else is there has the names of ASFF. */
function resourceOf({ uid, type, region, cloud_partition, role, data, tags }: OcsfResource) {
  const holder = {
    AccessKeyId: own(data, 'access_key_id'),
    PrincipalId: own(data, 'principal_id'),
    PrincipalType: own(data, 'user_type'),
    PrincipalName: own(data, 'user_name'),
  };
  const isKey = holder.AccessKeyId !== undefined || holder.PrincipalId !== undefined;
  const Type = isKey ? 'AwsIamAccessKey' : asffType(type);
  return {
    Type,
    Id: uid,
    Partition: cloud_partition,
    Region: region,
    ResourceRole: /^actor$/i.test(role ?? '') ? 'Actor' : undefined,
    Tags: tagsIn(tags),
    Details: { [Type]: isKey ? holder : (own(data, Type) ?? data) },
  };
}

const remote = (ip: string | undefined) => ({ RemoteIpDetails: { IpAddressV4: ip } });

/** From where: the far end of the first call or connection among the evidence. */
function actionOf({ evidences }: Ocsf) {
  const call = evidences?.find(({ api }) => api !== undefined && api !== null);
  const connection = evidences?.find(({ connection_info: info }) => info);
  const outwards = /^outbound$/i.test(connection?.connection_info?.direction ?? '');
  const far = outwards ? connection?.dst_endpoint?.ip : connection?.src_endpoint?.ip;
  return {
    ...(call && { AwsApiCallAction: remote(call.src_endpoint?.ip) }),
    ...(connection && {
      NetworkConnectionAction: { ...remote(far), ConnectionDirection: outwards ? 'OUTBOUND' : 'INBOUND' },
    }),
  };
}

/** What GuardDuty tells of its service, where ASFF keeps it. */
function guardDutyFields({ count, evidences, finding_info: info }: Ocsf) {
  const role = evidences?.map(({ data }) => own(data, 'resource_role')).find((one) => typeof one === 'string');
  const service = 'aws/guardduty/service';
  return {
    [`${service}/count`]: String(count ?? 1),
    [`${service}/eventLastSeen`]: info.last_seen_time_dt ?? info.last_seen_time,
    [`${service}/resourceRole`]: role,
  };
}

/** One finding in OCSF as Security Hub writes it in ASFF, so that both are read by the same rules. */
export function asffOf(finding: Ocsf): object {
  const { finding_info: info, metadata, cloud, compliance, severity_id, status_id } = finding;
  const ProductArn = productArnOf(finding);
  const rated = finding.vendor_attributes?.severity;
  const made = info.created_time_dt ?? info.created_time ?? finding.time_dt ?? finding.time;
  return {
    Id: idOf(finding, ProductArn),
    ProductArn,
    ProductName: metadata.product.name,
    Region: cloud.region,
    AwsAccountId: cloud.account.uid,
    Types: info.types ?? [],
    CreatedAt: made,
    UpdatedAt: info.modified_time_dt ?? info.modified_time ?? made,
    LastObservedAt: info.last_seen_time_dt ?? info.last_seen_time,
    Severity: { Label: labels[severity_id ?? 0], Original: rated === undefined ? rated : String(rated) },
    Title: info.title,
    Description: info.desc,
    SourceUrl: info.src_url,
    ProductFields: guardDutyFields(finding),
    Resources: (finding.resources ?? []).map(resourceOf),
    Action: actionOf(finding),
    ...(compliance && {
      Compliance: {
        SecurityControlId: compliance.control,
        Status: checks.get(String(compliance.status_id ?? compliance.status).toLowerCase()) ?? 'NOT_AVAILABLE',
      },
    }),
    ...states[status_id ?? 0],
  };
}

const remedy = 'Send the event as EventBridge delivers it: source aws.securityhub, the findings in detail.findings.';

function readOne(value: unknown, root: string): Reading {
  const parsed = Ocsf.safeParse(value);
  if (!parsed.success) return malformed(problemOf(parsed.error, root), remedy);
  const hub = readAsff(asffOf(parsed.data), root);
  return 'asff' in hub ? asNews(hub) : hub;
}

/** Findings of the new Security Hub, in OCSF; read by the rules of those in ASFF, so that one finding is one. */
export const securityHubV2: Source = {
  id: 'security-hub-v2',
  title: 'AWS Security Hub findings in OCSF',
  delivery: 'EventBridge, source aws.securityhub, detail-type "Findings Imported V2", OCSF',
  identity:
    'finding_info.uid, with metadata.product of GuardDuty, Inspector, Macie, IAM Access Analyzer or Security Hub CSPM: the finding of that product, as in ASFF. Findings that only the new Security Hub knows, as exposures, cannot be read again in ASFF: a person is asked',
  confirm: 'finding',
  sampleMarker: 'the title starts with [SAMPLE]',
  forgeable: ['finding.title', 'finding.description', 'finding.resources.name', 'finding.resources.tags'],
  reference: 'https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-types.html',
  envelopes: ['aws.securityhub/Findings Imported V2'],

  read(event) {
    const findings = own(own(event, 'detail'), 'findings');
    if (!Array.isArray(findings)) return malformed('detail.findings: not a list.', remedy);
    if (findings.length === 0) return ignored(`The event brings no finding: ${quoted(own(event, 'id'))}.`);
    return together(findings.map((one: unknown, at) => readOne(one, `detail.findings.${at}`)));
  },
};
