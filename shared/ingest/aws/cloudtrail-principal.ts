import { AwsAccountId, parseArn } from '../../model/identifiers.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import type { Detail, UserIdentity } from './cloudtrail-detail.ts';
import type { AccessKeyDetails } from './guardduty-detail.ts';
import { type Principal, principalOf } from './guardduty-principal.ts';

/** Where a call was made: its partition and region, and the account that its record is for. */
export type Place = { readonly partition: string; readonly region: string; readonly account: string };

const isAccount = (text: string | undefined): text is string => AwsAccountId.safeParse(text).success;
const lastOf = (path: string | undefined): string | undefined => path?.split('/').at(-1) || undefined;

/** CloudTrail writes this where a sign-in named no user that there is: the name may have been a password. */
const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** `assumed-role/name/session` of an ARN; the path of a role stands in that of its issuer alone. */
function sessionIn({ arn = '', sessionContext, principalId }: UserIdentity): AccessKeyDetails {
  const [kind, name, session] = (parseArn(arn)?.resource ?? '').split('/');
  const issuer = sessionContext?.sessionIssuer;
  const role = lastOf(parseArn(issuer?.arn ?? '')?.resource) ?? (kind === 'assumed-role' ? name : undefined);
  const named = principalId?.includes(':') ? principalId : undefined;
  const put = issuer?.principalId && session ? `${issuer.principalId}:${session}` : principalId;
  return { userType: 'AssumedRole', userName: role, principalId: named ?? put, accessKeyId: undefined };
}

/** The same principal in the words in which GuardDuty tells it, so that both sources name it alike. */
function detailsOf(identity: UserIdentity): AccessKeyDetails {
  const { type, arn, accountId, principalId, accessKeyId, invokedBy, onBehalfOf } = identity;
  const userName = identity.userName === hidden ? undefined : identity.userName;
  const nameInArn = lastOf(parseArn(arn ?? '')?.resource);
  const plain: AccessKeyDetails = { userType: type, userName, principalId, accessKeyId };
  switch (type) {
    case 'AssumedRole':
    case 'Role':
      return { ...sessionIn(identity), accessKeyId };
    case 'IAMUser':
    case 'FederatedUser':
      return { ...plain, userName: userName ?? nameInArn };
    case 'IdentityCenterUser':
      return { ...plain, principalId: onBehalfOf?.userId ?? principalId };
    case 'AWSService':
      return { ...plain, userName: userName ?? invokedBy };
    case 'AWSAccount':
      return { ...plain, userName: userName ?? accountId };
    default:
      return plain;
  }
}

/** What the record knows of how a session came to be, where its name does not say it. */
function kindOf({ sessionContext, inScopeOf }: UserIdentity): Actor['sessionKind'] {
  if (sessionContext?.webIdFederationData?.federatedProvider) return 'oidc';
  if (inScopeOf?.issuerType === 'AWS::Lambda::Function') return 'lambda';
  return undefined;
}

const withKind = ({ actor, targets }: Principal, kind: Actor['sessionKind']): Principal =>
  kind === undefined || actor.sessionKind !== 'assumed'
    ? { actor, targets }
    : {
        actor: { ...actor, sessionKind: kind },
        targets: targets.map((one) => (one.type === 'aws.iam.role-session' ? { ...one, kind } : one)),
      };

/** The IAM user from whose key a federated session was made: it is what can be contained. */
function issuingUser({ type, sessionContext }: UserIdentity, place: Place): readonly Target[] {
  const issuer = sessionContext?.sessionIssuer;
  if (type !== 'FederatedUser' || issuer?.type !== 'IAMUser') return [];
  const user = { userType: 'IAMUser', userName: issuer.userName, principalId: issuer.principalId };
  return principalIn(place, { ...user, accessKeyId: undefined })?.targets ?? [];
}

const principalIn = (place: Place, details: AccessKeyDetails, remoteAccount?: string): Principal | undefined =>
  principalOf({ ...place, remoteAccount, instanceId: undefined, lambdaRole: undefined }, details);

/**
 * Who made a call, in the caller's own account, which need not be the account that the record is for. The first target
 * is the caller; undefined where the record names nobody.
 */
export function callerOf({ userIdentity }: Detail, place: Place): Principal | undefined {
  const own = isAccount(userIdentity.accountId) ? userIdentity.accountId : undefined;
  const there = { ...place, account: own ?? place.account };
  const principal = principalIn(there, detailsOf(userIdentity), own);
  if (!principal) return undefined;
  const { actor, targets } = withKind(principal, kindOf(userIdentity));
  const userId = userIdentity.type === 'IdentityCenterUser' ? userIdentity.onBehalfOf?.userId : undefined;
  const further = issuingUser(userIdentity, there).map((one): Target => ({ ...one, role: 'related' }));
  return { actor: { ...actor, ...(userId !== undefined && { userId }) }, targets: [...targets, ...further] };
}
