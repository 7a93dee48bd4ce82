import { AutoScalingClient, SetInstanceProtectionCommand } from '@aws-sdk/client-auto-scaling';
import { members } from '../../../shared/sandbox/aws/asg-rows.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0bb22cc33dd44ee55';

export const life: ActionLife = {
  input: { instanceId },
  where: { account: production, region: 'eu-west-1' },
  // With a stolen administrator session: lay the evidence open to the group's next scale-in.
  attack: async (sandbox) => {
    const input = { AutoScalingGroupName: 'checkout', InstanceIds: [instanceId], ProtectedFromScaleIn: false };
    const client = new AutoScalingClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    return (await refusal(client.send(new SetInstanceProtectionCommand(input)))) === undefined;
  },
  edit: ({ rows }) =>
    rows.put(members, instanceId, {
      account: production,
      region: 'eu-west-1',
      group: 'somewhere-else',
      instanceId,
      protectedFromScaleIn: false,
    }),
};
