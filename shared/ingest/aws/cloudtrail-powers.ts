import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import { PolicyDocument, type Statement } from '../../policy/document.ts';

/** AWS's own policies that make an administrator: the second lets its holder give himself everything. */
const managed = ['AdministratorAccess', 'IAMFullAccess'];

const textIn = (value: unknown, key: string): string | undefined => {
  const text = own(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

/** The statements of a document in a request; none where it is no policy. */
function statementsIn(text: string | undefined): readonly Statement[] {
  if (text === undefined) return [];
  try {
    return PolicyDocument.safeParse(JSON.parse(text)).data?.Statement ?? [];
  } catch {
    return []; // IAM refuses what is no JSON, and the record then says so itself
  }
}

const isManagedAdministrator = (arn: string): boolean => {
  const { service, account, resource } = parseArn(arn) ?? {};
  return service === 'iam' && account === 'aws' && managed.includes(resource?.split('/').at(-1) ?? '');
};

/** Everything, or all of IAM, on everything. Conditions are not counted: who wrote them meets them. */
function allowsEverything({ Effect, Action, NotAction, Resource }: Statement): boolean {
  if (Effect !== 'Allow' || !Resource?.includes('*')) return false;
  const named = (Action ?? []).map((action) => action.toLowerCase());
  const left = (NotAction ?? ['*']).map((action) => action.toLowerCase());
  return ['*', '*:*', 'iam:*'].some((wide) => named.includes(wide)) || !left.some((one) => /^(\*|iam:)/.test(one));
}

/**
 * The policy by which a call made an administrator: an ARN, or the name of an inline one; undefined where it made none.
 * What a policy of the account's own allows stands in no record.
 */
export function administratorBy(operation: string, request: unknown): string | undefined {
  const attached = textIn(request, 'policyArn');
  if (/^Attach(User|Role)Policy$/.test(operation))
    return attached !== undefined && isManagedAdministrator(attached) ? attached : undefined;
  if (!/^Put(User|Role)Policy$/.test(operation)) return undefined;
  const wide = statementsIn(textIn(request, 'policyDocument')).some((one) => allowsEverything(one));
  return wide ? textIn(request, 'policyName') : undefined;
}

/** The account of an AWS principal as trust policies write it: an ARN, or the number alone. */
const accountOf = (principal: string): string | undefined =>
  [parseArn(principal)?.account, principal].find((account) => AwsAccountId.safeParse(account).success);

/** Whom a trust policy in a call lets in from outside the account: `*`, or principals of other accounts. */
export function letIn(operation: string, request: unknown, account: string): readonly string[] | undefined {
  const member = { UpdateAssumeRolePolicy: 'policyDocument', CreateRole: 'assumeRolePolicyDocument' }[operation];
  const allowed = statementsIn(member && textIn(request, member)).filter(({ Effect }) => Effect === 'Allow');
  const named = allowed.flatMap(({ Principal }) => Principal?.AWS ?? []);
  const foreign = [...new Set(named)].filter((one) => one === '*' || (accountOf(one) ?? account) !== account);
  return foreign.length > 0 ? foreign : undefined;
}
