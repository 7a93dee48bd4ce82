import type { Settings } from '../config/settings.ts';
import type { Finding } from '../model/finding.ts';
import { parseArn } from '../model/identifiers.ts';
import { below, type Json, own } from '../model/json.ts';

type Ours = Pick<Settings, 'aws' | 'azure'>;

/** What the sessions of Cordon's roles are called: after a run, whose id is 26 letters of base32. */
const sessionOfRun = /^cordon-[a-z2-7]{26}$/;

/** Whether a role is one of ours: by its name, and in an account that is configured. Names in other accounts are anybody's. */
function isOwnRole({ aws }: Ours, arn: string): boolean {
  const role = parseArn(arn);
  const name = role?.resource.split('/').at(-1) ?? '';
  return (
    role?.service === 'iam' &&
    role.resource.startsWith('role/') &&
    role.partition === aws.partition &&
    Object.hasOwn(aws.accounts, role.account) &&
    [aws.readerRole, aws.writerRole].includes(name)
  );
}

/** One of our roles and one of our session names: a session's name is free text to whoever may assume a role. */
const isOwnSession = (settings: Ours, role: string, session: string): boolean =>
  sessionOfRun.test(session) && isOwnRole(settings, role);

/** The caller of a CloudTrail record (docs.aws.amazon.com/awscloudtrail, "CloudTrail userIdentity element"). */
function ownCaller(settings: Ours, event: Json): boolean {
  const caller = own(own(event, 'detail'), 'userIdentity');
  if (own(caller, 'type') !== 'AssumedRole') return false;
  const issuer = own(own(own(caller, 'sessionContext'), 'sessionIssuer'), 'arn');
  const session = parseArn(String(own(caller, 'arn') ?? ''));
  const [kind, name = '', sessionName = ''] = session?.resource.split('/') ?? [];
  if (session?.service !== 'sts' || kind !== 'assumed-role') return false;
  const role = `arn:${session.partition}:iam::${session.account}:role/${name}`;
  return (issuer === undefined || isOwnRole(settings, String(issuer))) && isOwnSession(settings, role, sessionName);
}

/** The caller of an activity log record (learn.microsoft.com/azure/azure-monitor, "Azure activity log event schema"). */
function ownIdentity({ azure }: Ours, ids: readonly unknown[]): boolean {
  const ours = azure.identities.map((id) => id.toLowerCase());
  return ids.some((id) => typeof id === 'string' && ours.includes(id.toLowerCase()));
}

const objectId = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/**
 * Who called, by what Azure says of the token: Event Grid below `data`, the Activity Log itself, the same through Event
 * Hubs below `identity`, and in the context of a common alert. `caller` is the object id of an application.
 */
const azureCallers = (event: Json): readonly unknown[] =>
  [below(event, 'data'), event, below(event, 'identity'), below(event, 'data', 'alertcontext')].flatMap((place) => [
    own(below(place, 'claims'), objectId),
    below(place, 'caller'),
  ]);

/**
 * Whether a finding, or the event it came in, is about something that Cordon did itself. Only what a cloud says of the
 * caller counts: role and account, or object id; never a name, a tag or a note that anybody could have written.
 */
export function isOwnChange(settings: Ours, { actor }: Pick<Finding, 'actor'>, event: Json): boolean {
  const { role, sessionName, account, userId, principalId } = actor ?? {};
  const inOwnRole =
    actor?.type === 'role-session' &&
    role !== undefined &&
    parseArn(role.arn)?.account === account &&
    isOwnSession(settings, role.arn, sessionName ?? '');
  const azure = ownIdentity(settings, [userId, principalId, ...azureCallers(event)]);
  return inOwnRole || ownCaller(settings, event) || azure;
}
