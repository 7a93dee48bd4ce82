import type { HttpRequest } from '../http.ts';
import type { World } from '../world.ts';
import { accessKeys, roles, sessions, users } from './iam-rows.ts';
import type { Caller } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type Signature, verifySignature } from './protocol/wire.ts';

/** How each service says that it does not know a key (docs.aws.amazon.com, "Common errors" of each). */
const unknownKey = (service: string): AwsFault => {
  if (service === 's3')
    return new AwsFault('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
      status: 403,
    });
  if (service === 'ec2')
    return new AwsFault('AuthFailure', 'AWS was not able to validate the provided access credentials', { status: 401 });
  const code =
    service === 'iam' || service === 'sts' || service === 'autoscaling'
      ? 'InvalidClientTokenId'
      : 'UnrecognizedClientException';
  return new AwsFault(code, 'The security token included in the request is invalid.', { status: 403 });
};
const expired = () =>
  new AwsFault('ExpiredToken', 'The security token included in the request is expired', { status: 403 });
const badSignature = () =>
  new AwsFault(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    { status: 403 },
  );

export const stranger: Caller = {
  type: 'anonymous',
  arn: '*',
  account: '',
  userId: 'anonymous',
  accessKeyId: '',
  context: {},
};

/** The principal behind an access key as it stands now, with the secret to check against; undefined when it is unknown or off. */
export function principalOf(
  { rows, clock }: World,
  accessKeyId: string,
): { caller: Caller; secret: string; token?: string; expiresAt?: string } | undefined {
  const key = rows.lagged.get(accessKeys, accessKeyId);
  const user = key && rows.get(users, `${key.account}/${key.userName}`);
  if (key?.status === 'Active' && user) {
    const { account, arn, userId, name: userName } = user;
    return { caller: { type: 'user', arn, account, userId, userName, accessKeyId, context: {} }, secret: key.secret };
  }
  const session = rows.get(sessions, accessKeyId);
  const role = session && rows.get(roles, `${session.account}/${session.roleName}`);
  if (!session || !role) return undefined;
  const { account, roleName, sessionName, issuedAt, context, secret, token, expiresAt } = session;
  const arn = `arn:${role.arn.split(':')[1]}:sts::${account}:assumed-role/${roleName}/${sessionName}`;
  const userId = `${role.roleId}:${sessionName}`;
  if (expiresAt <= clock.now()) return undefined;
  return {
    caller: { type: 'role-session', arn, account, userId, roleName, accessKeyId, issuedAt, context },
    secret,
    token,
    expiresAt,
  };
}

/** The caller of a request. Throws the error of the service for an unknown key, a wrong signature or an old token. */
export function authenticate(world: World, request: HttpRequest, signature: Signature | undefined): Caller {
  if (!signature) return stranger;
  const found = principalOf(world, signature.accessKeyId);
  if (!found) {
    const session = world.rows.get(sessions, signature.accessKeyId);
    throw session && session.expiresAt <= world.clock.now() ? expired() : unknownKey(signature.service);
  }
  if (found.token !== undefined && found.token !== signature.sessionToken) throw unknownKey(signature.service);
  if (!verifySignature(request, signature, found.secret)) throw badSignature();
  return found.caller;
}
