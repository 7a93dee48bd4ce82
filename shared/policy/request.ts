/** Who calls. A session of GetFederationToken is a `role-session` whose `roleArn` is the user's ARN. */
export type AwsPrincipal = {
  /** The caller's own ARN: of the session, not of the role; a service's name for `service`, a provider's for `federated`. */
  readonly arn: string;
  readonly account: string;
  readonly type: 'user' | 'role-session' | 'root' | 'anonymous' | 'service' | 'federated';
  /** `aws:userid`: `AIDA...` of a user, `AROA...:session` of a role session. */
  readonly userId?: string | undefined;
  /** The role behind a session, with its path; without it the path is taken to be `/`. */
  readonly roleArn?: string | undefined;
};

/** One call as policies see it. */
export type AwsRequest = {
  readonly principal: AwsPrincipal;
  /** `service:Operation`, in any case. */
  readonly action: string;
  /** An ARN, or `*` for operations that have no resource. */
  readonly resource: string;
  readonly resourceAccount: string;
  /** Condition keys, in any case. What follows from the principal is added where it is not given. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
};

/** Condition keys in lower case, each with its values. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** The role behind a session, or undefined for whoever is none. */
export function roleArnOf({ type, arn, account, roleArn }: AwsPrincipal): string | undefined {
  if (type !== 'role-session') return undefined;
  if (roleArn !== undefined) return roleArn;
  const [, partition = 'aws', , , , resource = ''] = arn.split(':');
  return `arn:${partition}:iam::${account}:role/${resource.split('/')[1] ?? ''}`;
}

const principalTypes: Readonly<Record<AwsPrincipal['type'], string | undefined>> = {
  user: 'User',
  'role-session': 'AssumedRole',
  root: 'Account',
  anonymous: 'Anonymous',
  service: undefined,
  federated: undefined,
};

const userIdOf = ({ type, userId, account }: AwsPrincipal): string | undefined =>
  userId ?? (type === 'root' ? account : type === 'anonymous' ? 'anonymous' : undefined);

/** The keys AWS derives from the caller. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function derived({ principal, resourceAccount }: AwsRequest): Readonly<Record<string, string | undefined>> {
  const known = principal.type === 'user' || principal.type === 'role-session' || principal.type === 'root';
  return {
    'aws:PrincipalArn': known ? (roleArnOf(principal) ?? principal.arn) : undefined,
    'aws:PrincipalAccount': known ? principal.account : undefined,
    'aws:PrincipalType': principalTypes[principal.type],
    'aws:PrincipalIsAWSService': String(principal.type === 'service'),
    'aws:PrincipalServiceName': principal.type === 'service' ? principal.arn : undefined,
    'aws:userid': userIdOf(principal),
    'aws:username': principal.type === 'user' ? principal.arn.split('/').at(-1) : undefined,
    'aws:ResourceAccount': resourceAccount,
  };
}

/** Everything conditions and policy variables may read of a call. */
export function contextOf(request: AwsRequest): Context {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of [...Object.entries(derived(request)), ...Object.entries(request.context)]) {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return context;
}
