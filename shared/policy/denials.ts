import type { Statement } from './document.ts';

/** Roles through which an organisation is run: whoever may write their policies is administrator of the account. */
const plumbing = [
  'OrganizationAccountAccessRole',
  'AWSControlTowerExecution',
  'AWSCloudFormationStackSetExecutionRole',
  'AWSCloudFormationStackSetAdministrationRole',
  'stacksets-exec-*',
] as const;

/** Rights with which an identity's own policies and trust are written, or its power is handed to a machine. */
const writesPolicies = /^iam:((Put|Delete|Attach|Detach)(Role|User)Policy|UpdateAssumeRolePolicy|PassRole)$/;

type Own = {
  readonly partition: string;
  readonly account: string;
  /** Names of Cordon's own roles in a member account. */
  readonly roles: readonly string[];
  /** ARNs of what Cordon's functions run as. */
  readonly homePrincipals: readonly string[];
};

/**
 * What the writer is denied whatever else it is granted: to write the policies and the trust of Cordon's own roles and of
 * those the organisation is run by, to hand these to a machine, and to suppress findings.
 */
export function denialsFor(actions: readonly string[], own: Own): readonly Statement[] {
  const written = actions.filter((action) => writesPolicies.test(action)).sort();
  const role = (name: string): string => `arn:${own.partition}:iam::${own.account}:role/${name}`;
  const suppresses = actions.includes('securityhub:BatchUpdateFindings');
  const denials: Statement[] = [];
  if (written.length > 0)
    denials.push({
      Sid: 'NeverItself',
      Effect: 'Deny',
      Action: written,
      Resource: [...new Set([...own.roles, ...plumbing].map(role)), ...own.homePrincipals].sort(),
    });
  if (suppresses)
    denials.push({
      Sid: 'NeverSuppress',
      Effect: 'Deny',
      Action: ['securityhub:BatchUpdateFindings'],
      Resource: ['*'],
      Condition: { StringEquals: { 'securityhub:ASFFSyntaxPath/Workflow.Status': ['SUPPRESSED'] } },
    });
  return denials;
}
