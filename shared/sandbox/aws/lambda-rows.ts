import { table, type View } from '../rows.ts';
import { resourcePolicies } from './iam-rows.ts';
import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

/** One alias of a function, or what stands at the function itself under the name ''. */
export type AliasRow = {
  readonly version: string;
  /** Instances kept ready; an alias has some or none. */
  readonly provisioned?: number;
  readonly url?: { readonly id: string; readonly authType: 'AWS_IAM' | 'NONE' };
};
export type FunctionRow = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly reserved?: number;
  /** By name; '' stands for the function without a qualifier. */
  readonly aliases: Readonly<Record<string, AliasRow>>;
};

/** One statement of a function's policy, with the members that Lambda writes. */
export type Permission = {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** Keyed by ARN. */
export const functions = table<FunctionRow>('aws.lambda.functions');

/** How a request names a function: by name, `account:function:name`, or ARN, each with a qualifier behind it or apart. */
export type Named = { readonly FunctionName?: string | undefined; readonly Qualifier?: string | undefined };

/** What a request names, whether it is there or not. */
export function namedIn({ FunctionName = '', Qualifier }: Named, { partition, account, region }: Call) {
  const [, , , place = region, owner = account] = FunctionName.startsWith('arn:') ? FunctionName.split(':') : [];
  const [name = '', behind] = FunctionName.replace(/^(arn:.*:|\d{12}:)?function:/, '').split(':');
  const qualifier = Qualifier ?? behind ?? '';
  const arn = `arn:${partition}:lambda:${place}:${owner}:function:${name}`;
  return { arn, qualifier, qualified: qualifier === '' ? arn : `${arn}:${qualifier}` };
}

/** The ARN that IAM judges a request by. */
export const functionArn = (named: Named, call: Call): string => namedIn(named, call).qualified;

const missing = (what: string) =>
  new AwsFault('ResourceNotFoundException', what, { status: 404, fields: { Type: 'User' } });

/** The function that a request names, with its qualifier. */
export function functionOf(named: Named, call: Call) {
  const found = namedIn(named, call);
  const row = call.view.get(functions, found.arn);
  if (!row || (found.qualifier !== '' && !row.aliases[found.qualifier]))
    throw missing(`Function not found: ${found.qualified}`);
  return { ...found, row };
}

/** The statements of a function's policy, or of an alias's own. */
export const permissionsOf = (view: View, qualified: string): readonly Permission[] => {
  const text = view.get(resourcePolicies, qualified)?.document;
  return text === undefined ? [] : JSON.parse(text).Statement;
};

/** Puts statements in the place of those that are there; a policy without any is none. */
export function putPermissions(
  rows: Call['world']['rows'],
  qualified: string,
  account: string,
  list: readonly Permission[],
) {
  if (list.length === 0) return rows.delete(resourcePolicies, qualified);
  const Statement = list.toSorted((a, b) => (a.Sid < b.Sid ? -1 : 1));
  const document = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement });
  return rows.put(resourcePolicies, qualified, { account, document });
}

/** That a function has no policy, in Lambda's words. */
export const noPolicy = () => missing('The resource you requested does not exist.');

/** Alias settings with one changed. */
export const withAlias = (row: FunctionRow, qualifier: string, alias: AliasRow): FunctionRow => ({
  ...row,
  aliases: { ...row.aliases, [qualifier]: alias },
});
