import * as z from 'zod';
import type { Finding, Severity } from '../../model/finding.ts';
import { AwsAccountId, AwsRegion, parseArn } from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';
import { Text } from '../shape.ts';
import { found, type Reading, type Source } from '../source.ts';
import { SpokenInstant } from './spoken-instant.ts';
import { type Named, namedResource } from './named-resource.ts';
import { readDetail } from './service-event.ts';

const FindingArn = z.string().transform((arn, context) => {
  const { partition = '', service, region = '', resource } = parseArn(arn) ?? {};
  if (service === 'inspector2' && /^finding\/[\w-]+$/.test(resource ?? '')) return { arn, partition, region };
  context.issues.push({ code: 'custom', message: 'not the ARN of an Inspector finding', input: arn });
  return z.NEVER;
});

const Instance = z.object({ imageId: Text, iamInstanceProfileArn: Text }).nullish();
const LambdaFunction = z.object({ executionRoleArn: Text }).nullish();

const Resource = z.object({
  type: z.string().min(1),
  id: z.string().min(1),
  /** `N/A` of images. */
  region: AwsRegion.optional().catch(undefined),
  tags: z.record(z.string(), z.string()).nullish(),
  details: z.object({ awsEc2Instance: Instance, awsLambdaFunction: LambdaFunction }).nullish(),
  /** Of what runs in another cloud: its subscription. */
  providerAccountId: Text,
});
type Resource = z.infer<typeof Resource>;

const Step = z.object({ componentId: Text, componentType: Text });
const Reachable = z.object({ networkPath: z.object({ steps: z.array(Step).nullish() }).nullish() }).nullish();

/** docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html */
const Detail = z.object({
  findingArn: FindingArn,
  awsAccountId: AwsAccountId,
  type: z.string().min(1),
  title: Text,
  description: Text,
  severity: z.string(),
  status: z.enum(['ACTIVE', 'SUPPRESSED', 'CLOSED']),
  firstObservedAt: SpokenInstant,
  lastObservedAt: SpokenInstant.optional().catch(undefined),
  updatedAt: SpokenInstant,
  resources: z.array(Resource).min(1),
  networkReachabilityDetails: Reachable,
});
type Detail = z.infer<typeof Detail>;

const severities: ReadonlyMap<string, Severity> = new Map([
  ['INFORMATIONAL', 'Informational'],
  ['LOW', 'Low'],
  ['MEDIUM', 'Medium'],
  ['HIGH', 'High'],
  ['CRITICAL', 'Critical'],
]); // UNTRIAGED: not known yet

const statuses = { ACTIVE: 'new', SUPPRESSED: 'dismissed', CLOSED: 'resolved' } as const satisfies Record<
  string,
  Finding['status']
>;

/** Inspector's own words for what CloudFormation names otherwise. */
const types: ReadonlyMap<string, string> = new Map([
  ['AWS_EC2_INSTANCE', 'AWS::EC2::Instance'],
  ['AWS_LAMBDA_FUNCTION', 'AWS::Lambda::Function'],
]);

type Place = Pick<Named, 'partition' | 'account' | 'region'>;

function targetOf(place: Place, { type, id, region, tags, details, providerAccountId }: Resource): Target {
  const account = providerAccountId ?? place.account;
  const named = { ...place, account, region: region ?? place.region, role: 'affected' } as const;
  const target = { ...namedResource({ ...named, type: types.get(type) ?? type, id }), tags: tags ?? undefined };
  const { imageId, iamInstanceProfileArn: instanceProfileArn } = details?.awsEc2Instance ?? {};
  if (target.type === 'aws.ec2.instance') return { ...target, imageId, instanceProfileArn };
  const roleArn = details?.awsLambdaFunction?.executionRoleArn;
  return target.type === 'aws.lambda.function' ? { ...target, roleArn } : target;
}

/** The security groups that the way from the internet leads through. */
const groupsOnTheWay = (place: Place, { networkReachabilityDetails: reachable }: Detail): readonly Target[] =>
  (reachable?.networkPath?.steps ?? []).flatMap(({ componentType: type, componentId: id }) =>
    type === 'AWS::EC2::SecurityGroup' && id ? [namedResource({ ...place, role: 'related', type, id })] : [],
  );

function findingOf(detail: Detail): Reading {
  const { findingArn, awsAccountId: account, type, title, description, severity, status } = detail;
  const { partition, region } = findingArn;
  const place = { partition, account, region };
  return found({
    id: findingArn.arn,
    provider: 'inspector',
    cloud: 'aws',
    type,
    title: title ?? type,
    description: description ?? '',
    severity: severities.get(severity) ?? 'Unknown',
    severityOriginal: severity,
    status: statuses[status],
    account,
    region,
    createdAt: detail.firstObservedAt,
    updatedAt: detail.updatedAt,
    lastSeenAt: detail.lastObservedAt,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [...detail.resources.map((one) => targetOf(place, one)), ...groupsOnTheWay(place, detail)],
    link: { findingArn: findingArn.arn },
  });
}

/** Findings of Amazon Inspector: vulnerable packages and code, and ports that the internet reaches. */
export const inspector: Source = {
  id: 'inspector',
  title: 'Amazon Inspector findings',
  delivery: 'EventBridge, source aws.inspector2, detail-type "Inspector2 Finding"',
  identity: 'detail.findingArn; a newer version has a later updatedAt',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.resources.tags',
    'event.detail.packageVulnerabilityDetails.vulnerablePackages',
  ],
  reference: 'https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html',
  envelopes: ['aws.inspector2/Inspector2 Finding', 'aws.inspector2/*'],
  read: (event) =>
    readDetail(event, { service: 'Inspector', kinds: ['Inspector2 Finding'], detail: Detail }, findingOf),
};
