import * as z from 'zod';
import { own } from '../../model/json.ts';
import type { DetectorLoss, RecorderLoss, TrailLoss } from '../../model/target.ts';

type Told = { readonly operation: string; readonly request: unknown };

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** Selectors that say which management events are left out, in the older form. */
const withoutManagement = (selector: unknown): boolean =>
  own(selector, 'includeManagementEvents') === false ||
  ['ReadOnly', 'WriteOnly', 'None'].includes(String(own(selector, 'readWriteType')));

/** A selector of the newer form that takes every management event in: it picks the category and nothing below. */
function takesManagement(selector: unknown): boolean {
  const fields = listOf(own(selector, 'fieldSelectors'));
  const [first] = listOf(own(fields[0], 'equals'));
  return fields.length === 1 && own(fields[0], 'field') === 'eventCategory' && first === 'Management';
}

function selectorLoss(request: unknown): boolean {
  const [basic, advanced] = [listOf(own(request, 'eventSelectors')), listOf(own(request, 'advancedEventSelectors'))];
  if (advanced.length > 0) return !advanced.some((one) => takesManagement(one));
  return basic.length > 0 && basic.every((one) => withoutManagement(one));
}

/** Members of UpdateTrail that are off, and what is lost with each. */
const switches: readonly (readonly [member: string, loss: TrailLoss])[] = [
  ['isMultiRegionTrail', 'other-regions'],
  ['includeGlobalServiceEvents', 'global-services'],
  ['enableLogFileValidation', 'validation'],
];

/** What a call took from a trail (docs.aws.amazon.com/awscloudtrail/latest/APIReference); undefined where nothing. */
export function trailLosses({ operation, request }: Told): readonly TrailLoss[] | undefined {
  const found: readonly TrailLoss[] =
    operation === 'UpdateTrail'
      ? switches.flatMap(([member, loss]) => (own(request, member) === false ? [loss] : []))
      : [
          ...(operation === 'StopLogging' ? (['logging'] as const) : []),
          ...(operation === 'DeleteTrail' ? (['trail'] as const) : []),
          ...(operation === 'PutEventSelectors' && selectorLoss(request) ? (['management-events'] as const) : []),
        ];
  return found.length > 0 ? found : undefined;
}

const Feature = z.object({ name: z.string().regex(/^[A-Z0-9_]{1,64}$/), status: z.literal('DISABLED') });

/** What `dataSources` of older callers are called as features. */
const sources: readonly (readonly [path: readonly string[], feature: string])[] = [
  [['s3Logs', 'enable'], 'S3_DATA_EVENTS'],
  [['kubernetes', 'auditLogs', 'enable'], 'EKS_AUDIT_LOGS'],
  [['malwareProtection', 'scanEc2InstanceWithFindings', 'ebsVolumes'], 'EBS_MALWARE_PROTECTION'],
];

/** The features that UpdateDetector switched off (docs.aws.amazon.com/guardduty/latest/APIReference), in either spelling. */
function featuresOff(request: unknown): readonly string[] {
  const named = listOf(own(request, 'features')).flatMap((one) => Feature.safeParse(one).data?.name ?? []);
  const old = sources.flatMap(([path, feature]) => {
    const value = path.reduce<unknown>((at, key) => own(at, key), own(request, 'dataSources'));
    return value === false ? [feature] : [];
  });
  return [...new Set([...named, ...old])];
}

/** What a call took from a detector, and the features among it. */
export function detectorLosses({ operation, request }: Told): {
  readonly lost?: readonly DetectorLoss[];
  readonly features: readonly string[];
} {
  if (operation === 'DeleteDetector') return { lost: ['detector'], features: [] };
  if (operation !== 'UpdateDetector') return { features: [] };
  const features = featuresOff(request);
  const lost: readonly DetectorLoss[] = [
    ...(own(request, 'enable') === false ? (['monitoring'] as const) : []),
    ...(features.length > 0 ? (['features'] as const) : []),
  ];
  return { features, ...(lost.length > 0 && { lost }) };
}

/** What a call took from the recorder of AWS Config. */
export const recorderLosses = ({ operation }: Told): readonly RecorderLoss[] | undefined => {
  if (operation === 'StopConfigurationRecorder') return ['recording'];
  return operation === 'DeleteConfigurationRecorder' ? ['recorder'] : undefined;
};
