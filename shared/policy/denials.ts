import type { Statement } from './document.ts';

/**
 * Roles that Cordon stands on, by name, in whatever account: those in member accounts, of the forwarders and of whoever
 * deploys it (`Cordon…`), those that its functions run as at home (`cordon-…`), and those through which an organisation
 * is run, whose policies make an administrator of the account.
 */
export const foundations = [
  'AWSCloudFormationStackSetAdministrationRole',
  'AWSCloudFormationStackSetExecutionRole',
  'AWSControlTowerExecution',
  'Cordon*',
  'OrganizationAccountAccessRole',
  'cordon-*',
  'stacksets-exec-*',
] as const;

/** Rights with which an identity's own policies and trust are written, or its power is handed to a machine. */
const writesPolicies = /^iam:((Put|Delete|Attach|Detach)(Role|User)Policy|UpdateAssumeRolePolicy|PassRole)$/;
/** Rights over a function, and over objects: of Cordon's own functions and evidence they are nobody's. */
const writesFunctions = /^lambda:(Add|Delete|Put|Remove|Update)/;
const writesObjects = /^s3:(Delete|Put)/;

type Own = {
  readonly partition: string;
  readonly account: string;
  /** ARNs of what Cordon's functions run as. */
  readonly homePrincipals: readonly string[];
};

/** Nothing where none of the rights is granted: a denial of nothing only takes room. */
const never = (Sid: string, Action: readonly string[], Resource: readonly string[]): readonly Statement[] =>
  Action.length === 0 ? [] : [{ Sid, Effect: 'Deny', Action, Resource }];

/**
 * What the writer is denied whatever else it is granted: to write the policies and the trust of the roles that Cordon
 * stands on, to hand these to a machine, to touch Cordon's functions and evidence where it is at home, and to suppress
 * findings.
 */
export function denialsFor(actions: readonly string[], own: Own): readonly Statement[] {
  const { partition, account, homePrincipals } = own;
  const granted = (rights: RegExp): readonly string[] => actions.filter((action) => rights.test(action)).sort();
  const roles = foundations.map((name) => `arn:${partition}:iam::${account}:role/${name}`);
  const evidence = `arn:${partition}:s3:::cordon-evidence-*`;
  const suppressing = { StringEquals: { 'securityhub:ASFFSyntaxPath/Workflow.Status': ['SUPPRESSED'] } };
  return [
    ...never('NeverItself', granted(writesPolicies), [...new Set([...roles, ...homePrincipals])].sort()),
    ...never('NeverItsFunctions', granted(writesFunctions), [`arn:${partition}:lambda:*:${account}:function:cordon-*`]),
    ...never('NeverItsEvidence', granted(writesObjects), [evidence]),
    ...never('NeverSuppress', granted(/^securityhub:BatchUpdateFindings$/), ['*']).map((statement) => ({
      ...statement,
      Condition: suppressing,
    })),
  ];
}
