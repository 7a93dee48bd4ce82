import type * as guardduty from '@aws-sdk/client-guardduty';
import * as z from 'zod';
import { detectorAt, type DetectorRow, detectors } from './guardduty-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** What a detector may watch beside its foundation (docs.aws.amazon.com/guardduty/latest/APIReference, DetectorFeatureConfiguration). */
export const featureNames = [
  'S3_DATA_EVENTS',
  'EKS_AUDIT_LOGS',
  'EBS_MALWARE_PROTECTION',
  'RDS_LOGIN_EVENTS',
  'LAMBDA_NETWORK_LOGS',
  'RUNTIME_MONITORING',
] as const;

const badRequest = (message: string) =>
  new AwsFault('BadRequestException', `The request is rejected because ${message}`, {
    status: 400,
    fields: { Type: 'InvalidInputException' },
  });

type Named = { readonly DetectorId?: string | undefined };

/** Of what IAM bounds to a detector. Findings are not: a policy that names one for them allows nothing. */
const detectorArn = ({ DetectorId = '' }: Named, { partition, region, account }: Call): string =>
  `arn:${partition}:guardduty:${region}:${account}:detector/${DetectorId}`;

function detectorOf({ DetectorId = '' }: Named, { view, account, region }: Call): DetectorRow {
  const detector = view.get(detectors, DetectorId);
  if (detector?.account === account && detector.region === region) return detector;
  throw badRequest('the input detectorId is not owned by the current account.');
}

type Asked = {
  readonly enable: boolean | undefined;
  readonly features: readonly guardduty.DetectorFeatureConfiguration[] | undefined;
};

/** A detector as a request wants it. */
function changed({ suspended, off = [], ...detector }: DetectorRow, { enable, features = [] }: Asked): DetectorRow {
  const unknown = features.find(({ Name }) => !featureNames.some((name) => name === Name));
  if (unknown) throw badRequest(`the feature ${String(unknown.Name)} is not supported.`);
  const asked = new Map(features.map(({ Name, Status }) => [String(Name), Status === 'ENABLED']));
  const left = featureNames.filter((name) => !(asked.get(name) ?? !off.includes(name)));
  const isSuspended = enable === undefined ? suspended === true : !enable;
  return { ...detector, ...(isSuspended && { suspended: true }), ...(left.length > 0 && { off: left }) };
}

const operations = operationsOf<typeof guardduty>()({
  ListDetectors: {
    does: (_, call) => ({ DetectorIds: [detectorAt(call.view, call)?.[0] ?? []].flat() }),
  },
  GetDetector: {
    on: detectorArn,
    does(input, call) {
      const { suspended, off = [], tags = {} } = detectorOf(input, call);
      const Features = featureNames.map((Name) => ({
        Name,
        Status: off.includes(Name) ? ('DISABLED' as const) : ('ENABLED' as const),
      }));
      return { Status: suspended ? 'DISABLED' : 'ENABLED', ServiceRole: '', Features, Tags: { ...tags } };
    },
  },
  UpdateDetector: {
    on: detectorArn,
    does(input, call) {
      const detector = detectorOf(input, call);
      const asked = { enable: input.Enable, features: input.Features };
      call.world.rows.put(detectors, input.DetectorId ?? '', changed(detector, asked));
      return {};
    },
  },
  CreateDetector: {
    also: ({ Tags = {} }, call) =>
      Object.keys(Tags).length > 0
        ? [{ action: 'guardduty:TagResource', on: detectorArn({ DetectorId: '*' }, call) }]
        : [],
    does({ Enable, Features, Tags = {} }, call) {
      const { account, region, view, world } = call;
      if (detectorAt(view, call)) throw badRequest('a detector already exists for the current account.');
      const DetectorId = String(world.next('guardduty.detector')).padStart(32, 'd');
      const made: DetectorRow = { account, region, ...(Object.keys(Tags).length > 0 && { tags: Tags }) };
      world.rows.put(detectors, DetectorId, changed(made, { enable: Enable, features: Features }));
      return { DetectorId };
    },
  },
  DeleteDetector: {
    on: detectorArn,
    does(input, call) {
      detectorOf(input, call);
      call.world.rows.delete(detectors, input.DetectorId ?? '');
      return {};
    },
  },
});

/** Whether GuardDuty watches, and what. The detectors of an estate are seeded with their findings. */
export const guardDutyDetectors = awsNoun({
  name: 'guardDutyDetectors',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { guardduty: operations },
});
