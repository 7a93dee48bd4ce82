import * as z from 'zod';
import type { Change } from '../../action/action.ts';
import { AwsAccountId, AwsRegion } from '../../model/identifiers.ts';
import { type JsonObject, shortDigest } from '../../model/json.ts';
import type { Grant } from '../../policy/grants.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { denied, denyAll, documentWith, PolicyJson, reaches } from './deny-policy.ts';
import { heldSets } from './sso-held-sets.ts';
import { isProvisioned, type PermissionSet, provision, readStatement, writeStatement } from './sso-inline-statement.ts';

/** Our statement as it stands, and whether the accounts have the permission set as it is now. */
const Value = z.strictObject({ statement: PolicyJson.nullable(), provisioned: z.boolean() });
type Value = z.output<typeof Value>;

const instance = 'arn:{partition}:sso:::instance/*';
const permissionSet = 'arn:{partition}:sso:::permissionSet/*';
const account = 'arn:{partition}:sso:::account/*';
const store = 'arn:{partition}:identitystore::{homeAccount}:identitystore/*';
const storeUser = 'arn:{partition}:identitystore:::user/*';
const membership = 'arn:{partition}:identitystore:::membership/*';

const rights = (allow: string, ...resources: readonly string[]): readonly Grant[] =>
  resources.map((on) => ({ allow, on }));

/** The beginning of our statement's Sid, one for each user. */
const markOf = (userId: string): string => `CordonDeny${shortDigest(userId)}`;

/** Whether a statement denies this user every session issued before an instant. */
const cutsOff = (statement: JsonObject | null, userId: string, instant: string): boolean =>
  denied(
    statement && documentWith(statement),
    'StringEquals identitystore:userId',
    'DateLessThan aws:TokenIssueTime',
  ).some(([users = [], cutoffs = []]) => users.includes(userId) && reaches(cutoffs, instant));

const keyOf = ({ account: home, region }: AwsSession, userId: string, setArn: string): string =>
  [home, region, userId, setArn].join('/');

/** `account/region/user/permission set ARN`, as `keyOf` wrote it. */
function readKey(resource: string) {
  const [home = '', region = '', userId = '', ...rest] = resource.split('/');
  const PermissionSetArn = rest.join('/');
  const [partition = ''] = PermissionSetArn.split(':').slice(1);
  const InstanceArn = `arn:${partition}:sso:::instance/${rest[1] ?? ''}`;
  return { place: { account: home, region }, userId, set: { InstanceArn, PermissionSetArn } };
}

const read = async (of: PermissionSet, userId: string, signal: AbortSignal): Promise<Value> => {
  const [statement, provisioned] = await Promise.all([
    readStatement(of, markOf(userId), signal),
    isProvisioned(of, signal),
  ]);
  return { statement, provisioned };
};

/**
 * Cuts off the sessions that an Identity Center user has in any account, by a statement in each of its permission sets
 * (docs.aws.amazon.com/singlesignon, "Revoke active IAM role sessions created by permission sets"). Runs in Identity
 * Center's home; ListAccountAssignmentsForPrincipal answers in the management account alone.
 */
export const ssoDenyUserInPermissionSets = awsAction({
  id: 'aws.sso.deny-user-in-permission-sets',
  title: 'Cut off the sessions of an Identity Center user',
  target: 'aws.iam.role-session',
  d3fend: 'D3-ST',
  input: z.strictObject({
    userName: z
      .string()
      .min(1)
      .max(128)
      .describe('The name of the session, as in AWSReservedSSO_PowerUser_…/maria.lind@example.com.'),
    permissionSet: z
      .string()
      .min(1)
      .max(32)
      .optional()
      .describe('The set the session is of, by name: reached even where the user is not assigned to it any more.'),
    homeAccount: AwsAccountId.describe('The account that IAM Identity Center lives in.'),
    homeRegion: AwsRegion.describe('The region that IAM Identity Center lives in.'),
  }),
  value: Value,
  permissions: {
    read: [
      ...rights('sso:ListInstances', '*'),
      ...rights('identitystore:GetUserId', store, storeUser),
      ...rights('identitystore:ListGroupMembershipsForMember', store, storeUser, membership),
      ...rights('sso:ListAccountAssignmentsForPrincipal', instance),
      ...rights('sso:ListPermissionSets', instance),
      ...rights('sso:DescribePermissionSet', instance, permissionSet),
      ...rights('sso:GetInlinePolicyForPermissionSet', instance, permissionSet),
      ...rights('sso:ListAccountsForProvisionedPermissionSet', instance, permissionSet),
    ],
    write: [
      ...rights('sso:GetInlinePolicyForPermissionSet', instance, permissionSet),
      ...rights('sso:PutInlinePolicyToPermissionSet', instance, permissionSet),
      ...rights('sso:DeleteInlinePolicyFromPermissionSet', instance, permissionSet),
      ...rights('sso:ProvisionPermissionSet', instance, permissionSet, account),
      ...rights('sso:DescribePermissionSetProvisioningStatus', instance),
    ],
  },
  settles: { seconds: 60 },
  restores: 'credentials',
  halfway: [{ statement: null, provisioned: false }],
  cautions: [
    'A portal session that is still open can get new role sessions: disable the user at the identity provider first.',
    'Provisioning also puts into force what others have edited in the permission set and not provisioned yet.',
    'From a delegated administrator account, permission sets that the management account has too cannot be changed.',
  ],
  portable: {
    verb: 'revoke-identity',
    where: { kind: ['sso'] },
    with: {
      userName: '${target.sessionName}',
      permissionSet: '${target.permissionSet}',
      homeAccount: '${settings.identityCenter.account}',
      homeRegion: '${settings.identityCenter.region}',
    },
  },
  examples: [{ userName: 'maria@example.com', homeAccount: '111111111111', homeRegion: 'us-east-1' }],
}).does({
  async capture(aws, { homeAccount, homeRegion, ...asked }, { signal }) {
    const home = await aws.elsewhere({ account: homeAccount, region: homeRegion });
    const held = await heldSets(home, asked, signal);
    if (!held) return {};
    const { userId, sets } = held;
    const state: Record<string, Value> = {};
    // One after the other: Identity Center lets few calls through at a time.
    for (const set of sets)
      state[keyOf(home, userId, set.PermissionSetArn)] = await read({ home, set }, userId, signal);
    return state;
  },
  plan(_, seen, { runId, startedAt }) {
    const wantedFor = (resource: string, { statement }: Value): Value => {
      const { userId } = readKey(resource);
      if (cutsOff(statement, userId, startedAt)) return { statement, provisioned: true };
      const condition = {
        StringEquals: { 'identitystore:userId': userId },
        DateLessThan: { 'aws:TokenIssueTime': startedAt },
      };
      return { statement: denyAll(`${markOf(userId)}Run${runId}`, condition), provisioned: true };
    };
    return Object.fromEntries(
      Object.entries(seen).map(([resource, value]) => [resource, value && wantedFor(resource, value)]),
    );
  },
  passage: (_, { to }: Change<Value>) =>
    to
      ? { value: { ...to, provisioned: false }, seconds: 60, means: 'The sessions work until each account has it.' }
      : undefined,
  async apply(aws, { resource, to }, step) {
    const { place, userId, set } = readKey(resource);
    const of = { home: await aws.elsewhere(place), set };
    await writeStatement(of, markOf(userId), to?.statement ?? null, step.signal);
    await provision(of, step);
  },
});
