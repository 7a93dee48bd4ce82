import { type FunctionRow, functions } from '../../../shared/sandbox/aws/lambda-rows.ts';
import { callFunctionUrl } from '../../../shared/sandbox/aws/lambda-urls.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const functionName = 'invoices';
const arn = `arn:aws:lambda:eu-west-1:${production}:function:${functionName}`;
const url = 'https://nw4k7qinvoices0000000000000000ab.lambda-url.eu-west-1.on.aws/';

export const life: ActionLife = {
  input: { functionName },
  where: { account: production, region: 'eu-west-1' },
  attack: (sandbox) => callFunctionUrl(sandbox, url) === 200,
  /** Somebody gives the URL up. */
  edit: ({ rows }) => {
    const row = rows.get(functions, arn) as FunctionRow; // the estate has it
    rows.put(functions, arn, { ...row, aliases: { ...row.aliases, '': { version: '$LATEST' } } });
  },
};
