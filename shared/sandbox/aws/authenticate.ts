import type { HttpRequest } from '../http.ts';
import type { World } from '../world.ts';
import { accessKeys, roles, sessions, users } from './iam-rows.ts';
import type { Caller } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type Signature, verifySignature } from './protocol/wire.ts';

type Refusal = readonly [code: string, status: number, message?: string];
type Refusals = { readonly unknown: Refusal; readonly signature: Refusal; readonly expired: Refusal };

const query: Refusals = {
  unknown: ['InvalidClientTokenId', 403],
  signature: ['SignatureDoesNotMatch', 403],
  expired: ['ExpiredToken', 403],
};
const json = (status: number): Refusals => ({
  unknown: ['UnrecognizedClientException', status],
  signature: ['InvalidSignatureException', status],
  expired: ['ExpiredTokenException', status],
});
/** How services say what is wrong with a key (docs.aws.amazon.com, "Common errors" of each); `query` for the others. */
const refusals: Readonly<Record<string, Refusals>> = {
  ec2: {
    ...query,
    unknown: ['AuthFailure', 401, 'AWS was not able to validate the provided access credentials'],
    expired: ['RequestExpired', 400, 'Request has expired.'],
  },
  s3: {
    ...query,
    unknown: ['InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'],
    expired: ['ExpiredToken', 400, 'The provided token has expired.'],
  },
  eks: json(403),
  guardduty: json(403),
  lambda: json(403),
  cloudtrail: json(400),
  config: json(400),
  events: json(400),
  identitystore: json(400),
  sso: json(400),
};
const messages: Readonly<Record<keyof Refusals, string>> = {
  unknown: 'The security token included in the request is invalid.',
  signature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  expired: 'The security token included in the request is expired',
};

function refusal(service: string, wrong: keyof Refusals): AwsFault {
  const [code, status, message = messages[wrong]] = (refusals[service] ?? query)[wrong];
  return new AwsFault(code, message, { status });
}

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
    throw refusal(signature.service, session && session.expiresAt <= world.clock.now() ? 'expired' : 'unknown');
  }
  if (found.token !== undefined && found.token !== signature.sessionToken) throw refusal(signature.service, 'unknown');
  if (!verifySignature(request, signature, found.secret)) throw refusal(signature.service, 'signature');
  return found.caller;
}
