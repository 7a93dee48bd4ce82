import type * as securityhub from '@aws-sdk/client-securityhub';
import { type Rows, table } from '../rows.ts';

/** A finding as GetFindings answers it (docs.aws.amazon.com/securityhub, "AWS Security Finding Format"). */
export type HubFinding = securityhub.AwsSecurityFinding;

type Hub = { readonly account: string; readonly region: string };

/** Keyed by `account/region`; without a row Security Hub is not enabled there. */
export const hubs = table<Hub>('aws.securityhub.hubs');
/** Keyed by `account/region/product ARN/id`. */
export const hubFindings = table<HubFinding>('aws.securityhub.findings');

export const hubKey = ({ account, region }: Hub): string => `${account}/${region}`;
export const hubFindingKey = (hub: Hub, { ProductArn, Id }: Pick<HubFinding, 'ProductArn' | 'Id'>): string =>
  `${hubKey(hub)}/${ProductArn}/${Id}`;

/** What a hub is given; members it needs and is not given are made up. */
export type HubFindingDraft = Pick<HubFinding, 'Id' | 'ProductArn'> & Partial<HubFinding>;

/** Keeps a finding in a hub, which is enabled by it. */
export function putHubFinding(rows: Rows, hub: Hub, draft: HubFindingDraft): void {
  const at = draft.CreatedAt ?? '1970-01-01T00:00:00.000Z';
  const complete: HubFinding = {
    SchemaVersion: '2018-10-08',
    GeneratorId: draft.ProductArn,
    AwsAccountId: hub.account,
    Region: hub.region,
    CreatedAt: at,
    UpdatedAt: at,
    Title: draft.Id,
    Description: draft.Id,
    Severity: { Label: 'HIGH' },
    Resources: [],
    RecordState: 'ACTIVE',
    Workflow: { Status: 'NEW' },
    ...draft,
  };
  rows.put(hubs, hubKey(hub), hub);
  rows.put(hubFindings, hubFindingKey(hub, draft), complete);
}
