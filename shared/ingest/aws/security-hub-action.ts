import * as z from 'zod';
import type { Finding } from '../../model/finding.ts';
import { parseArn } from '../../model/identifiers.ts';
import { own, shortDigest } from '../../model/json.ts';
import { Instant, problemOf } from '../shape.ts';
import { ignored, malformed, type Reading, type Source } from '../source.ts';
import { closedAs } from './asff.ts';
import { readFindings } from './security-hub.ts';
import { eachOf, type Hub } from './security-hub-finding.ts';

const isAction = (arn: string): boolean => {
  const { service, resource = '' } = parseArn(arn) ?? {};
  return service === 'securityhub' && /^action\/custom\/\w{1,64}$/.test(resource);
};

const ActionArn = z.array(z.string()).transform((arns, context) => {
  const arn = arns.find(isAction);
  if (arn !== undefined) return arn;
  context.issues.push({ code: 'custom', message: 'no ARN of a custom action', input: arns });
  return z.NEVER;
});

/** docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html, "Custom Action" */
const Press = z.object({
  'detail-type': z.literal('Security Hub Findings - Custom Action'),
  id: z.string().min(1),
  time: Instant,
  resources: ActionArn,
  detail: z.object({ actionName: z.string().min(1) }),
});
type Press = z.infer<typeof Press>;

/**
 * What a person presses the button on is open to them unless it was put away: archived, suppressed or resolved by hand. A
 * check that passed or could not be made is no reason against what they ask; Security Hub itself resolves those passed.
 */
function statusOf({ asff }: Hub): Finding['status'] {
  const closed = closedAs(asff);
  return closed === 'resolved' && asff.Compliance?.Status === 'PASSED' ? 'new' : (closed ?? 'new');
}

/** One finding under the button: the same press delivered again is the same, another press is another. */
function pressed({ id: event, time, resources: actionArn, detail }: Press, hub: Hub): Reading {
  const { Id, ProductArn } = hub.asff;
  return eachOf(hub.reading, ({ id, provider, type, link, ...finding }) => ({
    ...finding,
    id: `${event}/${shortDigest(Id)}`,
    provider: 'security-hub-action',
    type: detail.actionName,
    status: statusOf(hub),
    createdAt: time,
    updatedAt: time,
    count: 1,
    link: {
      ...link,
      findingId: Id,
      productArn: ProductArn.arn,
      originalProvider: provider,
      originalFinding: id,
      originalType: type,
      actionArn,
    },
  }));
}

/** A person's button in Security Hub: a custom action, pressed with up to twenty findings selected. */
export const securityHubAction: Source = {
  id: 'security-hub-action',
  title: 'AWS Security Hub custom actions',
  delivery:
    'EventBridge, source aws.securityhub, detail-type "Security Hub Findings - Custom Action", up to 20 findings in ASFF. The event does not say who pressed the button; it is whoever is allowed securityhub:SendFindingEvents',
  identity: 'the id of the event with the ASFF Id: every press counts anew, a delivery that comes again does not',
  confirm: 'channel',
  sampleMarker: 'Sample is true, or the title starts with [SAMPLE]',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.resources.name',
    'finding.resources.tags',
    'event.detail.findings.Note',
  ],
  reference: 'https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cloudwatch-events.html',
  envelopes: ['aws.securityhub/Security Hub Findings - Custom Action', 'aws.securityhub/Security Hub Insight Results'],

  read(event) {
    const press = Press.safeParse(event);
    if (own(event, 'detail-type') === 'Security Hub Insight Results')
      return ignored('The results of an insight are counts: they name no finding to act on.');
    if (!press.success)
      return malformed(problemOf(press.error, ''), 'Send the event as EventBridge delivers it, unchanged.');
    return readFindings(event, (hub) => pressed(press.data, hub));
  },
};
