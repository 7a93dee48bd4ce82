import { CordonError } from '../model/error.ts';
import type { PolicyDocument, Statement } from './document.ts';

/** The characters that a managed policy may have, white space not counted (docs.aws.amazon.com/IAM, "IAM and AWS STS quotas"). */
export const managedPolicyCharacters = 6144;
/** The managed policies that a role may have attached; AWS raises it to 20 on request. */
export const policiesPerRole = 10;

/** What stands for a value that is only known where the policy is deployed counts as the longest there is. */
const longest: Readonly<Record<string, string>> = { '{partition}': 'aws-us-gov', '{account}': '000000000000' };

/** The characters of a document as IAM counts them. */
export function charactersOf(document: PolicyDocument): number {
  const text = JSON.stringify(document).replace(/\{(partition|account)\}/g, (name) => longest[name] ?? name);
  return text.replaceAll(/\s/g, '').length;
}

const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

const fits = (statements: readonly Statement[]): boolean =>
  charactersOf(documentOf(statements)) <= managedPolicyCharacters;

/** A statement that is too long for any policy in two that say the same together. */
function halves(statement: Statement): readonly Statement[] {
  const { Sid = '', Action = [], Resource = [] } = statement;
  const parts = (list: readonly string[]) => [list.slice(0, list.length / 2), list.slice(list.length / 2)];
  if (Resource.length > 1)
    return parts(Resource).map((some, at) => ({ ...statement, Sid: `${Sid}${'ab'[at]}`, Resource: some }));
  if (Action.length > 1)
    return parts(Action).map((some, at) => ({ ...statement, Sid: `${Sid}${'ab'[at]}`, Action: some }));
  throw new CordonError({ code: 'policy-too-long', message: `the statement ${Sid} alone is too long for a policy` });
}

const fitting = (statement: Statement): readonly Statement[] =>
  fits([statement]) ? [statement] : halves(statement).flatMap(fitting);

/** Statements in as many policies as they need, in their order. */
export function splitPolicies(statements: readonly Statement[]): readonly PolicyDocument[] {
  const pages: Statement[][] = [];
  for (const statement of statements.flatMap(fitting)) {
    const page = pages.at(-1);
    if (page && fits([...page, statement])) page.push(statement);
    else pages.push([statement]);
  }
  return pages.map(documentOf);
}
