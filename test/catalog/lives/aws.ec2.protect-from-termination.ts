import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { instances, networkInterfaces, volumes } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0bb22cc33dd44ee55';

/** Ends the instance with a stolen administrator session, and brings it back where that worked. */
async function terminate(sandbox: Sandbox): Promise<boolean> {
  const { rows } = sandbox;
  const restores = [instances, networkInterfaces, volumes].map((table) => {
    const kept = rows.all<unknown>(table);
    return () => {
      for (const [id, row] of kept) rows.put<unknown>(table, id, row);
    };
  });
  const client = new EC2Client(holding(sandbox, 'ASIASAMLADMIN0000001'));
  const answer = await refusal(client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] })));
  for (const restore of restores) restore();
  return answer === undefined;
}

export const life: ActionLife = {
  input: { instanceId },
  where: { account: production, region: 'eu-west-1' },
  attack: terminate,
  edit: ({ rows }) => {
    const row = rows.get(instances, instanceId);
    if (row) rows.put(instances, instanceId, { ...row, disableApiTermination: false });
  },
};
