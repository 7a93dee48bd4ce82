import { type RoleRow, type SessionRow, sessions } from './iam-rows.ts';
import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const namePattern = /^[\w+=,.@-]{2,64}$/;

/** How a session of a role is asked for, whoever asks. */
export type SessionWish = {
  readonly role: RoleRow;
  readonly name: string;
  readonly seconds?: number | undefined;
  readonly policy?: string | undefined;
  /** Once set it stays with every session that is made out of this one. */
  readonly sourceIdentity?: string | undefined;
};

/** Refuses a session name that STS would not take. */
export function checkSessionName(name: string): void {
  if (namePattern.test(name)) return;
  throw new AwsFault(
    'ValidationError',
    `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint`,
  );
}

/** Makes a session, and what STS answers of it. */
export function issueSession({ world, partition }: Pick<Call, 'world' | 'partition'>, wish: SessionWish) {
  const { role, name, seconds = 3_600, policy, sourceIdentity } = wish;
  const number = String(world.next('sts.session')).padStart(8, '0');
  const accessKeyId = `ASIASANDBOX0${number}`;
  const row: SessionRow = {
    account: role.account,
    roleName: role.name,
    sessionName: name,
    accessKeyId,
    secret: `secret-of-${accessKeyId}`,
    token: `token-of-${accessKeyId}`,
    issuedAt: world.clock.now(),
    expiresAt: new Date(world.clock.milliseconds + seconds * 1_000).toISOString(),
    policies: policy === undefined ? [] : [policy],
    context: sourceIdentity === undefined ? {} : { 'aws:SourceIdentity': sourceIdentity },
  };
  world.rows.put(sessions, accessKeyId, row);
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: row.secret,
      SessionToken: row.token,
      Expiration: new Date(row.expiresAt),
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${name}`,
      Arn: `arn:${partition}:sts::${role.account}:assumed-role/${role.name}/${name}`,
    },
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}
