import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';
import { change } from '../../support/foreign-edit.ts';

const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] };

export const life: ActionLife = {
  input: { roleName: 'backup-agent', principals: ['arn:aws:iam::210987654321:root'] },
  where: { account: production, region: 'eu-west-1' },
  attack: async (sandbox) => {
    const sts = new STSClient(holding(sandbox, 'AKIASTRANGER00000001'));
    const command = new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${production}:role/backup-agent`,
      RoleSessionName: 'stranger',
    });
    return (await refusal(sts.send(command))) === undefined;
  },
  /** Somebody locks the role for good. */
  edit: (sandbox) => change(sandbox, roles, `${production}/backup-agent`, () => ({ trust: JSON.stringify(trust) })),
};
