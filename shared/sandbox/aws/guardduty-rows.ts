import type * as guardduty from '@aws-sdk/client-guardduty';
import { parseArn } from '../../model/identifiers.ts';
import { isObject, type Json, type JsonObject, own } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';

/** A finding as GetFindings answers it. */
export type FindingRow = guardduty.Finding;

/** Whose a detector is; `administrator` where another account administers it. */
export type DetectorRow = {
  readonly account: string;
  readonly region: string;
  readonly administrator?: string;
  readonly suspended?: true;
  /** Protections that are switched off, as GuardDuty names them. */
  readonly off?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
};

/** Keyed by detector id. */
export const detectors = table<DetectorRow>('aws.guardduty.detectors');
/** Keyed by `detector id/finding id`. */
export const findings = table<FindingRow>('aws.guardduty.findings');

/** The detector of an account in a region, which has one at most. */
export const detectorAt = (
  { all }: Pick<Rows, 'all'>,
  { account, region }: Pick<DetectorRow, 'account' | 'region'>,
): readonly [id: string, row: DetectorRow] | undefined =>
  all(detectors).find(([, row]) => row.account === account && row.region === region);

/** Whether GuardDuty watches an account in a region, or one kind of thing there, as `S3_DATA_EVENTS`. */
export function isWatched(rows: Pick<Rows, 'all'>, place: Pick<DetectorRow, 'account' | 'region'>, feature?: string) {
  const [, detector] = detectorAt(rows, place) ?? [];
  return detector !== undefined && !detector.suspended && !(detector.off ?? []).some((name) => name === feature);
}

const capital = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

/** Instants that GetFindings answers as numbers; the times of the finding itself and of its service are text. */
const instants = new Set([
  'createdAt',
  'createdTime',
  'firstSeenAt',
  'lastModifiedAt',
  'lastSeenAt',
  'modifiedAt',
  'scanCompletedAt',
  'scanStartedAt',
  'startTime',
  'startedAt',
  'updatedAt',
]);

/** An instant as events carry it: seconds, or text. */
function instantOf(value: Json): Date | undefined {
  const time = typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** Members that the SDK calls otherwise, by the member that holds them. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account: { account: 'Name' },
  kubernetesApiCallAction: { sourceIPs: 'SourceIps' },
  kubernetesWorkload: { type: 'KubernetesResourcesTypes' },
  location: { lat: 'Latitude', lon: 'Longitude' },
  productCodes: { productCodeId: 'Code', productCodeType: 'ProductType' },
  taskDetails: { createdAt: 'TaskCreatedAt' },
};

const sdkName = (holder: string, key: string): string => {
  const name = own(own(renamed, holder), key);
  return typeof name === 'string' ? name : capital(key);
};

/** The SDK's spelling of what goes over the wire in camelCase; what starts with a capital is a key of somebody's own. */
function inPascal(value: Json, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item: Json) => inPascal(item, name));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, item]) => [sdkName(name, key), inPascal(item, key)]),
    ); // no array is left
  return instants.has(name) ? (instantOf(value) ?? value) : value;
}

/** A finding with the times of its own as text. */
function asKnown({ createdAt, updatedAt, ...detail }: JsonObject): FindingRow {
  const times = {
    ...(createdAt !== undefined && { CreatedAt: createdAt }),
    ...(updatedAt !== undefined && { UpdatedAt: updatedAt }),
  };
  return { ...(inPascal(detail) as object), ...times } as FindingRow; // GetFindings answers the same members
}

/** Keeps a finding at a detector; `detail` is that of its EventBridge event. */
export const putFinding = (rows: Rows, detectorId: string, detail: JsonObject): void =>
  rows.put(findings, `${detectorId}/${String(own(detail, 'id'))}`, asKnown(detail));

/** Keeps the finding of an EventBridge event as GuardDuty would, at the detector of its ARN, which need not exist yet. */
export function addFinding(rows: Rows, detail: JsonObject): void {
  const { account = '', region = '', resource = '' } = parseArn(String(own(detail, 'arn') ?? '')) ?? {};
  const [kind, detectorId] = resource.split('/');
  if (kind !== 'detector' || !detectorId) throw new TypeError('the ARN of a finding names its detector');
  rows.put(detectors, detectorId, { account, region });
  putFinding(rows, detectorId, detail);
}
