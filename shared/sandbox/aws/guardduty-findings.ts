import type * as guardduty from '@aws-sdk/client-guardduty';
import * as z from 'zod';
import { Json } from '../../model/json.ts';
import { detectors, findings, putFinding } from './guardduty-rows.ts';
import { awsNoun } from './noun.ts';
import { operationsOf } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Detector = z.strictObject({
  detectorId: z.string(),
  /** Each as the `detail` of its EventBridge event; account, region and ARN may be left out. */
  findings: z.array(z.object({ id: z.string(), type: z.string() }).catchall(Json)).default([]),
});

const badRequest = (message: string) =>
  new AwsFault('BadRequestException', message, { status: 400, fields: { Type: 'InvalidInputException' } });

const operations = operationsOf<typeof guardduty>()({
  GetFindings: {
    does({ DetectorId = '', FindingIds = [] }, { view, account, region }) {
      const detector = view.get(detectors, DetectorId);
      if (detector?.account !== account || detector.region !== region)
        throw badRequest('The request is rejected because the input detectorId is not owned by the current account.');
      if (FindingIds.length === 0 || FindingIds.length > 50)
        throw badRequest('The request is rejected because the parameter findingIds has an invalid value.');
      return { Findings: FindingIds.flatMap((id) => view.get(findings, `${DetectorId}/${id}`) ?? []) };
    },
  },
});

/** GuardDuty's detector in a region, with its findings. */
export const guardDuty = awsNoun({
  name: 'guardDuty',
  scope: 'region',
  estate: Detector.optional(),
  seed(rows, detector, { partition, account, region }) {
    if (!detector) return;
    const { detectorId } = detector;
    rows.put(detectors, detectorId, { account, region });
    for (const { id, ...detail } of detector.findings) {
      const arn = `arn:${partition}:guardduty:${region}:${account}:detector/${detectorId}/finding/${id}`;
      putFinding(rows, detectorId, { accountId: account, region, partition, arn, id, ...detail });
    }
  },
  operations: { guardduty: operations },
});
