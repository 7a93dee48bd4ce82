import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

/** What a call and its request are told by. */
type Told = { readonly operation: string; readonly request: unknown };
type LambdaFunction = Extract<Target, { type: 'aws.lambda.function' }>;
type Opened = Pick<LambdaFunction, 'statementId' | 'qualifier' | 'letsIn'>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Members by which a statement for everybody is one for somebody (docs.aws.amazon.com/lambda, AddPermission). */
const narrowing = ['sourceAccount', 'principalOrgID', 'eventSourceToken', 'sourceArn'];

/**
 * A statement that counts for calls through a URL without signatures alone: every such URL has one
 * (docs.aws.amazon.com/lambda, "Control access to Lambda function URLs"). It is the URL that is then asked about.
 */
const isForUrl = (request: unknown): boolean =>
  own(request, 'functionUrlAuthType') === 'NONE' || String(own(request, 'invokedViaFunctionUrl')) === 'true';

/** Whom AddPermission lets in: a service, and the account itself, are nobody to speak of. */
function letInBy(request: unknown, account: string): LambdaFunction['letsIn'] {
  const principal = text(own(request, 'principal')) ?? '';
  if (principal === '*') {
    if (narrowing.some((name) => text(own(request, name)) !== undefined)) return undefined;
    return isForUrl(request) ? 'url' : 'everybody';
  }
  const named = AwsAccountId.safeParse(parseArn(principal)?.account ?? principal).data;
  return named === undefined || named === account ? undefined : 'account';
}

/** The statement that AddPermission wrote, or the URL that asks nobody for a signature, where they let strangers in. */
export function functionOpened({ operation, request }: Told, account: string): Opened {
  if (/^(Create|Update)FunctionUrlConfig$/.test(operation))
    return own(request, 'authType') === 'NONE' ? { letsIn: 'url' } : {};
  const statementId = operation === 'AddPermission' ? text(own(request, 'statementId')) : undefined;
  if (statementId === undefined) return {};
  // a qualifier may stand behind the name: name:alias, account:function:name:alias, or an ARN
  const [, behind] = (text(own(request, 'functionName')) ?? '').replace(/^.*function:/, '').split(':');
  const letsIn = letInBy(request, account);
  return { statementId, qualifier: text(own(request, 'qualifier')) ?? behind ?? '', ...(letsIn && { letsIn }) };
}

/** Whom a database snapshot was shared with: account ids, and `all`; undefined where it was not. */
export function databaseSharedBy({ operation, request }: Told): string[] | undefined {
  if (!/^ModifyDB(Cluster)?SnapshotAttribute$/.test(operation)) return undefined;
  const added = own(request, 'valuesToAdd');
  const list = Array.isArray(added) ? added.filter((one) => typeof one === 'string' && /^(all|\d{12})$/.test(one)) : [];
  return list.length > 0 ? list : undefined;
}
