import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type FunctionRow, functions } from '../../../shared/sandbox/aws/lambda-rows.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const functionName = 'resize-images';
const arn = `arn:aws:lambda:eu-west-1:${production}:function:${functionName}`;

export const life: ActionLife = {
  input: { functionName },
  where: { account: production, region: 'eu-west-1' },
  attack: async (sandbox) => {
    const client = new LambdaClient(holding(sandbox, 'AKIACIDEPLOY00000001'));
    const answer = await refusal(client.send(new InvokeCommand({ FunctionName: functionName })));
    return answer === undefined;
  },
  edit: ({ rows }) => {
    const row = rows.get(functions, arn) as FunctionRow; // the estate has it
    rows.put(functions, arn, { ...row, reserved: 5 });
  },
};
