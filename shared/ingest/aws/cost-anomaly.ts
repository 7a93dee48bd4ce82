import * as z from 'zod';
import type { Finding } from '../../model/finding.ts';
import { AwsAccountId, AwsRegion, parseArn } from '../../model/identifiers.ts';
import { Instant, quoted, Text } from '../shape.ts';
import { found, malformed, type Reading, type Source, together } from '../source.ts';
import { accountTarget } from './named-resource.ts';
import { type Envelope, readDetail } from './service-event.ts';

/** `2021-05-25T00:00:00Z`, or the day alone. */
const Day = z
  .string()
  .transform((text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text))
  .pipe(Instant);

const RootCause = z.object({
  linkedAccount: Text,
  linkedAccountName: Text,
  region: Text,
  service: Text,
  usageType: Text,
  impact: z.object({ contribution: z.number().nullish() }).nullish(),
});
type RootCause = z.infer<typeof RootCause>;

/** docs.aws.amazon.com/cost-management/latest/userguide/cad-eventbridge.html */
const Detail = z.object({
  anomalyId: z.string().min(1),
  accountId: Text,
  monitorArn: z.string().refine((arn) => parseArn(arn)?.service === 'ce', 'not the ARN of a cost monitor'),
  monitorName: Text,
  dimensionValue: Text,
  anomalyStartDate: Day,
  anomalyEndDate: Day.optional().catch(undefined),
  feedback: Text,
  impact: z.object({ totalImpact: z.number().nullish(), totalImpactPercentage: z.number().nullish() }).nullish(),
  rootCauses: z.array(RootCause).nullish(),
  anomalyDetailsLink: Text,
});
type Detail = z.infer<typeof Detail>;

/** What a person has said of it in the console. The last day of an anomaly is not its end: it may go on tomorrow. */
const statuses: ReadonlyMap<string, Finding['status']> = new Map([
  ['NO', 'dismissed'],
  ['PLANNED_ACTIVITY', 'dismissed'],
]);

const dollars = (amount: number | null | undefined): string =>
  typeof amount === 'number' ? `$${Math.round(amount)}` : 'an unknown amount';

/** One line of where the money goes; the total where causes have no share of their own. */
const lineOf = ({ service, region, usageType, impact }: RootCause): string => {
  const share = typeof impact?.contribution === 'number' ? `: ${dollars(impact.contribution)}` : '';
  return `${[service, region, usageType].filter((part) => part !== undefined).join(', ')}${share}`;
};

/** What the causes have in it together; undefined where one of them does not say. */
const shareOf = (causes: readonly RootCause[]): number | undefined =>
  causes.reduce<number | undefined>(
    (sum, { impact }) =>
      sum === undefined || typeof impact?.contribution !== 'number' ? undefined : sum + impact.contribution,
    causes.length > 0 ? 0 : undefined,
  );

/** The region where the money goes, where it is one; else where the event came up. */
function regionOf(causes: readonly RootCause[], { region }: Envelope): string {
  const regions = new Set(causes.map((cause) => cause.region));
  const [only] = regions;
  return regions.size === 1 && AwsRegion.safeParse(only).success ? (only ?? '') : (region ?? '');
}

function findingOf(detail: Detail, envelope: Envelope, account: string, causes: readonly RootCause[]): Reading {
  const { anomalyId, monitorArn, monitorName, dimensionValue, feedback, impact, anomalyDetailsLink } = detail;
  const { partition = 'aws' } = parseArn(monitorArn) ?? {};
  const about = dimensionValue ?? monitorName ?? 'all services';
  return found({
    id: `${anomalyId}/${account}`,
    provider: 'cost-anomaly',
    cloud: 'aws',
    type: 'Anomaly Detected',
    title: `${dollars(shareOf(causes) ?? impact?.totalImpact)} more than expected for ${about}`,
    description: [`${dollars(impact?.totalImpact)} in all`, ...causes.map(lineOf)].join('\n'),
    severity: 'Unknown',
    severityOriginal: '',
    status: statuses.get(feedback ?? '') ?? 'new',
    account,
    region: regionOf(causes, envelope),
    createdAt: detail.anomalyStartDate,
    updatedAt: envelope.time ?? detail.anomalyEndDate ?? detail.anomalyStartDate,
    lastSeenAt: detail.anomalyEndDate,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [accountTarget({ partition, account, role: 'affected' })],
    link: { anomalyId, monitorArn, ...(anomalyDetailsLink === undefined ? {} : { console: anomalyDetailsLink }) },
  });
}

/** One finding for each account whose spend it is; the account that pays where no cause names one. */
function findingsOf(detail: Detail, envelope: Envelope): Reading {
  const causes = detail.rootCauses ?? [];
  const owners = causes.map(({ linkedAccount }) => linkedAccount ?? detail.accountId);
  const accounts = [...new Set(owners.length > 0 ? owners : [detail.accountId])];
  return together(
    accounts.map((account) =>
      AwsAccountId.safeParse(account).success && account !== undefined
        ? findingOf(
            detail,
            envelope,
            account,
            causes.filter((_, at) => owners[at] === account),
          )
        : malformed(
            `detail.rootCauses: ${quoted(account)} is no AWS account.`,
            'Look at the anomaly in Cost Management.',
          ),
    ),
  );
}

/** Spend that AWS Cost Anomaly Detection did not expect. */
export const costAnomaly: Source = {
  id: 'cost-anomaly',
  title: 'AWS Cost Anomaly Detection',
  delivery:
    'EventBridge, source aws.ce, detail-type "Anomaly Detected", in the account that pays; up to a day after the spend',
  identity: 'detail.anomalyId and the linked account of the root cause',
  confirm: 'channel',
  sampleMarker: 'none',
  forgeable: [
    'finding.title',
    'event.detail.monitorName',
    'event.detail.accountName',
    'event.detail.rootCauses.linkedAccountName',
  ],
  reference: 'https://docs.aws.amazon.com/cost-management/latest/userguide/cad-eventbridge.html',
  envelopes: ['aws.ce/Anomaly Detected', 'aws.ce/*'],
  read: (event) =>
    readDetail(event, { service: 'Cost Management', kinds: ['Anomaly Detected'], detail: Detail }, findingsOf),
};
