import type * as guardduty from '@aws-sdk/client-guardduty';
import * as z from 'zod';
import { Json } from '../../model/json.ts';
import { type DetectorRow, detectors, type FindingRow, findings, putFinding } from './guardduty-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Detector = z.strictObject({
  detectorId: z.string(),
  /** The account that administers this one, where there is one: only that account archives. */
  administrator: z.string().exactOptional(),
  suspended: z.literal(true).exactOptional(),
  /** Protections that are switched off, as GuardDuty names them. */
  off: z.array(z.string()).exactOptional(),
  /** Each as the `detail` of its EventBridge event; account, region and ARN may be left out. */
  findings: z.array(z.object({ id: z.string(), type: z.string() }).catchall(Json)).default([]),
});

const badRequest = (message: string) =>
  new AwsFault('BadRequestException', message, { status: 400, fields: { Type: 'InvalidInputException' } });

type Asked = Pick<guardduty.GetFindingsRequest, 'DetectorId' | 'FindingIds'>;

/** The detector that is asked; throws what GuardDuty answers for one of somebody else's, or for too many findings. */
function detectorFor({ DetectorId = '', FindingIds = [] }: Asked, { view, account, region }: Call): DetectorRow {
  const detector = view.get(detectors, DetectorId);
  if (detector?.account !== account || detector.region !== region)
    throw badRequest('The request is rejected because the input detectorId is not owned by the current account.');
  if (FindingIds.length === 0 || FindingIds.length > 50)
    throw badRequest('The request is rejected because the parameter findingIds has an invalid value.');
  return detector;
}

/** What a finding has under the names that criteria may use here. */
const criterionOf = (name: string, { AccountId, UpdatedAt, Service }: FindingRow): string => {
  if (name === 'accountId') return AccountId ?? '';
  if (name === 'updatedAt') return String(Date.parse(UpdatedAt ?? ''));
  if (name === 'service.archived') return String(Service?.Archived ?? false);
  throw badRequest(`The request is rejected because the sandbox knows no criterion ${name}.`);
};

const fits = (row: FindingRow, criterion: Readonly<Record<string, guardduty.Condition>>): boolean =>
  Object.entries(criterion).every(([name, { Equals, GreaterThanOrEqual }]) => {
    const value = criterionOf(name, row);
    return (
      (!Equals || Equals.includes(value)) && (GreaterThanOrEqual === undefined || Number(value) >= GreaterThanOrEqual)
    );
  });

const operations = operationsOf<typeof guardduty>()({
  ListFindings: {
    does({ DetectorId = '', FindingCriteria, NextToken, MaxResults = 50 }, call) {
      const { account, region } = call.view.get(detectors, DetectorId) ?? {};
      if (account !== call.account || region !== call.region)
        throw badRequest('The request is rejected because the input detectorId is not owned by the current account.');
      const ids = call.view
        .all(findings)
        .filter(([key, row]) => key.startsWith(`${DetectorId}/`) && fits(row, FindingCriteria?.Criterion ?? {}))
        .map(([, { Id = '' }]) => Id);
      const { items, next } = page(ids, NextToken, MaxResults);
      return { FindingIds: [...items], ...(next !== undefined && { NextToken: next }) };
    },
  },
  GetFindings: {
    does(asked, call) {
      detectorFor(asked, call);
      const { DetectorId, FindingIds = [] } = asked;
      return { Findings: FindingIds.flatMap((id) => call.view.get(findings, `${DetectorId}/${id}`) ?? []) };
    },
  },
  ArchiveFindings: {
    does(asked, call) {
      const { administrator = call.account } = detectorFor(asked, call);
      if (administrator !== call.account)
        throw badRequest('The request is rejected because member accounts cannot archive findings.');
      const { DetectorId, FindingIds = [] } = asked;
      for (const id of FindingIds) {
        const finding = call.world.rows.get(findings, `${DetectorId}/${id}`);
        const archived = { ...finding, Service: { ...finding?.Service, Archived: true } };
        if (finding) call.world.rows.put(findings, `${DetectorId}/${id}`, archived as FindingRow); // it is what it was, archived
      }
      return {};
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
    const { detectorId, findings: found, ...row } = detector;
    rows.put(detectors, detectorId, { account, region, ...row });
    for (const { id, ...detail } of found) {
      const arn = `arn:${partition}:guardduty:${region}:${account}:detector/${detectorId}/finding/${id}`;
      putFinding(rows, detectorId, { accountId: account, region, partition, arn, id, ...detail });
    }
  },
  operations: { guardduty: operations },
});
