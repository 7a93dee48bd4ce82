import * as z from 'zod';
import type { Finding } from '../../model/finding.ts';
import { AwsAccountId, AwsRegion, parseArn } from '../../model/identifiers.ts';
import { Instant, OptionalInstant, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading, type Source } from '../source.ts';
import { namedResource } from './named-resource.ts';
import { readDetail } from './service-event.ts';

const RuleArn = z.string().refine((arn) => {
  const { service, resource } = parseArn(arn) ?? {};
  return service === 'config' && resource?.startsWith('config-rule/') === true;
}, 'not the ARN of a Config rule');

const Evaluation = z.object({
  complianceType: z.string().min(1),
  resultRecordedTime: Instant,
  annotation: Text,
  evaluationResultIdentifier: z.object({ orderingTimestamp: OptionalInstant }).nullish(),
});

/** docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html */
const Detail = z.object({
  configRuleName: z.string().min(1),
  configRuleARN: RuleArn,
  awsAccountId: AwsAccountId,
  awsRegion: AwsRegion,
  resourceType: z.string().min(1),
  resourceId: z.string().min(1),
  newEvaluationResult: Evaluation,
  oldEvaluationResult: z.object({ complianceType: Text }).nullish(),
});
type Detail = z.infer<typeof Detail>;

/** The one control of a conformance pack, Security Hub, an organization or Control Tower, in the names they make of it. */
const wrappers: readonly RegExp[] = [
  /^(.+)-conformance-pack-[0-9a-z]{6,12}$/,
  /^securityhub-(.+)-[0-9a-z]{6,8}$/,
  /^OrgConfigRule-(.+)-[0-9a-z]{8}$/,
];
const controlTower = /^AWSControlTower_AWS-GR_([0-9A-Z_]+)$/;

/**
 * What a rule checks, by its name: `securityhub-restricted-ssh-3ca2d6f4` and `restricted-ssh-conformance-pack-szsm1uv0w`
 * are both `restricted-ssh` (docs.aws.amazon.com/audit-manager, "ControlMappingSource"). People choose the names of other
 * rules, which stay as they are.
 */
export function ruleType(ruleName: string): string {
  const [, guardrail] = controlTower.exec(ruleName) ?? [];
  if (guardrail) return guardrail.toLowerCase().replaceAll('_', '-');
  const [inner] = wrappers.flatMap((wrapper) => wrapper.exec(ruleName)?.slice(1) ?? []);
  return inner ?? ruleName;
}

/** The id of what one rule says of one resource. */
export const evaluationId = (ruleArn: string, resourceType: string, resourceId: string): string =>
  `${ruleArn}/${resourceType}/${resourceId}`;

const statuses: ReadonlyMap<string, Finding['status']> = new Map([
  ['NON_COMPLIANT', 'new'],
  ['COMPLIANT', 'resolved'],
  ['NOT_APPLICABLE', 'resolved'],
]);

function findingOf(detail: Detail): Reading {
  const { configRuleName, configRuleARN, awsAccountId, awsRegion, resourceType, resourceId } = detail;
  // a resource that has just ceased to comply is told from one that a new rule finds as it has long been
  const before = detail.oldEvaluationResult?.complianceType ?? 'none';
  const { complianceType, resultRecordedTime, annotation, evaluationResultIdentifier } = detail.newEvaluationResult;
  if (complianceType === 'INSUFFICIENT_DATA')
    return ignored('Config has no data to say whether the resource complies.');
  const status = statuses.get(complianceType);
  if (!status)
    return malformed(
      `detail.newEvaluationResult.complianceType: ${quoted(complianceType)} is not known.`,
      'Keep the message and report it: Config has a new kind of result.',
    );
  const { partition = 'aws' } = parseArn(configRuleARN) ?? {};
  const named = { partition, account: awsAccountId, region: awsRegion, type: resourceType, id: resourceId };
  const does = status === 'new' ? 'does not comply with' : 'is no longer against';
  return found({
    id: evaluationId(configRuleARN, resourceType, resourceId),
    provider: 'config',
    cloud: 'aws',
    type: ruleType(configRuleName),
    title: `${resourceType} ${resourceId} ${does} ${configRuleName}`,
    description: annotation ?? '',
    severity: 'Unknown',
    severityOriginal: complianceType,
    status,
    account: awsAccountId,
    region: awsRegion,
    createdAt: evaluationResultIdentifier?.orderingTimestamp ?? resultRecordedTime,
    updatedAt: resultRecordedTime,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [namedResource({ ...named, role: 'affected' })],
    link: { ruleName: configRuleName, ruleArn: configRuleARN, resourceType, resourceId, before },
  });
}

/** What AWS Config finds when a resource begins or ceases to comply with a rule. */
export const config: Source = {
  id: 'config',
  title: 'AWS Config compliance changes',
  delivery: 'EventBridge, source aws.config, detail-type "Config Rules Compliance Change"',
  identity: 'the ARN of the rule, the type and the id of the resource; a newer version has a later resultRecordedTime',
  confirm: 'state',
  sampleMarker: 'none',
  forgeable: [
    'finding.type',
    'finding.title',
    'finding.description',
    'finding.link.ruleName',
    'event.detail.newEvaluationResult.annotation',
  ],
  reference: 'https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html',
  envelopes: ['aws.config/Config Rules Compliance Change', 'aws.config/*'],
  read: (event) =>
    readDetail(event, { service: 'Config', kinds: ['Config Rules Compliance Change'], detail: Detail }, findingOf),
};
