import * as z from 'zod';
import type { Finding } from '../../model/finding.ts';
import { AwsAccountId, AwsRegion, parseArn } from '../../model/identifiers.ts';
import { isObject } from '../../model/json.ts';
import { Instant, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { namedResource } from './named-resource.ts';
import { type Envelope, readDetail } from './service-event.ts';

/** docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html; `findingId` in events of unused access. */
const Detail = z.object({
  id: Text,
  findingId: Text,
  findingType: Text,
  accountId: AwsAccountId,
  region: AwsRegion.optional().catch(undefined),
  resource: z.string().min(1),
  resourceType: z.string().min(1),
  status: z.enum(['ACTIVE', 'ARCHIVED', 'RESOLVED']),
  isDeleted: z.boolean().nullish(),
  isPublic: z.boolean().nullish(),
  principal: z.unknown().optional(),
  error: Text,
  createdAt: Instant,
  updatedAt: Instant,
});
type Detail = z.infer<typeof Detail>;

const statuses = { ACTIVE: 'new', ARCHIVED: 'archived', RESOLVED: 'resolved' } as const satisfies Record<
  string,
  Finding['status']
>;

/** Who may reach the resource, as the finding writes it: `{ AWS: "999988887777" }`. */
const principalOf = ({ principal }: Detail): string =>
  isObject(principal)
    ? Object.entries(principal)
        .map(([kind, who]) => `${quoted(kind)} ${quoted(who)}`)
        .join(', ')
    : '';

function titleOf(detail: Detail, type: string): string {
  const { resource, isPublic } = detail;
  if (isPublic) return `Anybody has access to ${resource}`;
  return `${type} of ${resource}`;
}

function findingOf(detail: Detail, envelope: Envelope): Reading {
  const { findingType: type = 'ExternalAccess', accountId, resource, resourceType, status, isDeleted, error } = detail;
  const id = detail.id ?? detail.findingId;
  if (id === undefined)
    return malformed('detail.id: missing.', 'Send the event as EventBridge delivers it, unchanged.');
  if (error !== undefined) return ignored(`Access Analyzer could not look at the resource: ${quoted(error)}.`);
  const { resources } = envelope;
  const region = detail.region ?? envelope.region;
  if (!region)
    return malformed('region: not a region of AWS.', 'Send the event as EventBridge delivers it, unchanged.');
  const [analyzer] = resources;
  const { partition = 'aws' } = parseArn(resource) ?? {};
  const target = namedResource({
    partition,
    account: accountId,
    region,
    role: 'affected',
    type: resourceType,
    id: resource,
  });
  const principal = principalOf(detail);
  return found({
    id,
    provider: 'access-analyzer',
    cloud: 'aws',
    type,
    title: titleOf(detail, type),
    description: principal && `Granted to ${principal}.`,
    severity: 'Unknown',
    severityOriginal: '',
    status: isDeleted ? 'resolved' : statuses[status],
    // of an internal access finding `accountId` is the account of who has access: the ARN knows whose the resource is
    account: target.account,
    region,
    createdAt: detail.createdAt,
    updatedAt: detail.updatedAt,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [target],
    link: { findingId: id, ...(analyzer === undefined ? {} : { analyzerArn: analyzer }) },
  });
}

const kinds = ['Access Analyzer Finding', 'Internal Access Finding', 'Unused Access Finding for IAM entities'];

/** Findings of IAM Access Analyzer: who outside has access, who inside, and what nobody uses. */
export const accessAnalyzer: Source = {
  id: 'access-analyzer',
  title: 'IAM Access Analyzer findings',
  delivery:
    'EventBridge, source aws.access-analyzer, detail-type "Access Analyzer Finding", "Internal Access Finding" or "Unused Access Finding for IAM entities", within about an hour',
  identity: 'detail.id, or detail.findingId of unused access; a newer version has a later updatedAt, or isDeleted',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: ['finding.description', 'finding.resources.name', 'event.detail.principal', 'event.detail.condition'],
  reference: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html',
  envelopes: [...kinds.map((kind) => `aws.access-analyzer/${kind}`), 'aws.access-analyzer/*'],
  read: (event) => readDetail(event, { service: 'Access Analyzer', kinds, detail: Detail }, findingOf),
};
