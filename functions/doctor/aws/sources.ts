import { GetDetectorCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { awsCode, awsFault } from '../../../shared/actions/aws/fault.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import type { Lines } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { isDenied, said } from './asking.ts';

/** The detector of a region; it has one or none. */
export async function detectorIn(aws: AwsSession, patience: Patience): Promise<string | undefined> {
  const { DetectorIds = [] } = await aws
    .client(GuardDutyClient)
    .send(new ListDetectorsCommand(), { abortSignal: patience() });
  return DetectorIds[0];
}

/** GuardDuty in one region (docs.aws.amazon.com/guardduty, GetDetector). */
async function guardDutyLine(aws: AwsSession, lines: Lines, patience: Patience): Promise<Examined> {
  const { region } = aws;
  try {
    const DetectorId = await detectorIn(aws, patience);
    const enable = `Enable GuardDuty in ${region}, or leave the region out of --region.`;
    if (DetectorId === undefined) return lines.missing(`GuardDuty is not enabled in ${region}`, enable);
    const found = await aws
      .client(GuardDutyClient)
      .send(new GetDetectorCommand({ DetectorId }), { abortSignal: patience() });
    if (found.Status !== 'ENABLED') return lines.missing(`GuardDuty is suspended in ${region}`, enable);
    return lines.ok(`GuardDuty is enabled in ${region}`);
  } catch (thrown) {
    return unseen(lines, `GuardDuty in ${region}`, thrown, ['guardduty:ListDetectors', 'guardduty:GetDetector']);
  }
}

/** Security Hub in one region; it is one source among others. */
async function hubLine(aws: AwsSession, lines: Lines, patience: Patience): Promise<Examined> {
  const { region } = aws;
  try {
    await aws.client(SecurityHubClient).send(new DescribeHubCommand({}), { abortSignal: patience() });
    return lines.ok(`Security Hub is enabled in ${region}`);
  } catch (thrown) {
    if (['InvalidAccess', 'ResourceNotFound'].includes(awsCode(thrown)))
      return lines.warning(
        `Security Hub is not enabled in ${region}`,
        'Enable it where playbooks take its findings; GuardDuty needs it not.',
      );
    return unseen(lines, `Security Hub in ${region}`, thrown, ['securityhub:DescribeHub']);
  }
}

/** What could not be seen: of the rights that a look needs, AWS's own sentence names the one that is missing. */
export function unseen({ warning }: Lines, what: string, thrown: unknown, rights: readonly string[]): Examined {
  const fault = awsFault(thrown);
  const right = rights.find((one) => said(fault).includes(one)) ?? rights[0] ?? '';
  if (isDenied(fault))
    return warning(`${what} cannot be seen: ${right} is refused`, `Grant ${right} to the reader.`, right);
  return warning(`${what} cannot be seen: ${said(fault)}`, 'Ask again.');
}

/** The sources of events in one region, as the session sees them. */
export const sourceLines = async (aws: AwsSession, lines: Lines, patience: Patience): Promise<readonly Examined[]> => [
  await guardDutyLine(aws, lines, patience),
  await hubLine(aws, lines, patience),
];
