import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { permissionsOf, putPermissions } from '../../../shared/sandbox/aws/lambda-rows.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const functionName = 'invoices';
const arn = `arn:aws:lambda:eu-west-1:${production}:function:${functionName}`;

export const life: ActionLife = {
  input: { functionName },
  where: { account: production, region: 'eu-west-1' },
  // A stranger, whom nothing but `*` lets in.
  attack: async (sandbox) => {
    const client = new LambdaClient(holding(sandbox, 'AKIAMALLORY000000001'));
    const answers = [undefined, 'live'].map((Qualifier) =>
      refusal(client.send(new InvokeCommand({ FunctionName: arn, Qualifier }))),
    );
    return (await Promise.all(answers)).includes(undefined);
  },
  /** Somebody writes the statement anew, for one account. */
  edit: ({ rows }) => {
    const [first] = permissionsOf(rows, arn);
    if (first)
      putPermissions(rows, arn, production, [
        { ...first, Sid: 'open', Principal: { AWS: 'arn:aws:iam::444455556666:root' } },
      ]);
  },
};
