import type * as guardduty from '@aws-sdk/client-guardduty';
import { parseArn } from '../../model/identifiers.ts';
import { isObject, type Json, type JsonObject, own } from '../../model/json.ts';
import { type Rows, table } from '../rows.ts';

/** A finding as GetFindings answers it. */
export type FindingRow = guardduty.Finding;

/** Whose a detector is; `administrator` where another account administers it. */
export type DetectorRow = { readonly account: string; readonly region: string; readonly administrator?: string };

/** Keyed by detector id. */
export const detectors = table<DetectorRow>('aws.guardduty.detectors');
/** Keyed by `detector id/finding id`. */
export const findings = table<FindingRow>('aws.guardduty.findings');

const capital = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

/** The SDK's spelling of what goes over the wire in camelCase; what starts with a capital is a key of somebody's own. */
function inPascal(value: Json, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item: Json) => inPascal(item, name));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, item]) => [capital(key), inPascal(item, key)]),
    ); // no array is left
  // Only buckets have an instant in numbers; the others are text.
  return name === 'createdAt' && typeof value === 'number' ? new Date(value * 1_000) : value;
}

/** Keeps a finding at a detector; `detail` is that of its EventBridge event. */
export const putFinding = (rows: Rows, detectorId: string, detail: JsonObject): void =>
  rows.put(findings, `${detectorId}/${String(own(detail, 'id'))}`, inPascal(detail) as FindingRow); // GetFindings answers the same members

/** Keeps the finding of an EventBridge event as GuardDuty would, at the detector of its ARN, which need not exist yet. */
export function addFinding(rows: Rows, detail: JsonObject): void {
  const { account = '', region = '', resource = '' } = parseArn(String(own(detail, 'arn') ?? '')) ?? {};
  const [kind, detectorId] = resource.split('/');
  if (kind !== 'detector' || !detectorId) throw new TypeError('the ARN of a finding names its detector');
  rows.put(detectors, detectorId, { account, region });
  putFinding(rows, detectorId, detail);
}
