import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import type { Examined } from '../../../shared/model/examined.ts';
import { parseArn } from '../../../shared/model/identifiers.ts';
import type { Lines } from '../examined.ts';
import type { Patience } from '../patience.ts';
import { faultIn, ruleRights } from './rules.ts';
import { unseen } from './sources.ts';

/** The rules of functions/aws/deploy/forwarder.yml. */
const names = ['cordon-forward-findings', 'cordon-forward-calls', 'cordon-forward-tampering'] as const;

/** Whether the events of an account reach the bus at home from one region; at home itself nothing forwards. */
export async function forwarderLines(
  aws: AwsSession,
  homeBus: string,
  lines: Lines,
  patience: Patience,
): Promise<readonly Examined[]> {
  const { account, region } = aws;
  const home = parseArn(homeBus);
  if (home?.account === account && home.region === region) return [];
  const leadsTo = (arn: string): boolean => arn === homeBus;
  const wrong: string[] = [];
  try {
    for (const name of names) {
      const fault = await faultIn(aws.client(EventBridgeClient), { name, leadsTo }, patience);
      if (fault) wrong.push(`${name} ${fault}`);
    }
  } catch (thrown) {
    return [unseen(lines, `The forwarder in ${region}`, thrown, ruleRights)];
  }
  if (wrong.length === 0) return [lines.ok(`events of ${region} are forwarded to ${homeBus}`)];
  const deploy = `Deploy functions/aws/deploy/forwarder.yml there for ${homeBus}; the StackSet of organization.yml does it everywhere.`;
  return [lines.missing(`events of ${region} do not reach home: ${wrong.join(', ')}`, deploy)];
}
