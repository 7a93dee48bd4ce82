import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { IamName } from '../../model/identifiers.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { awsAction } from './aws-action.ts';
import { PolicyJson, readDocument } from './deny-policy.ts';
import { unlessAbsent } from './fault.ts';
import { onRole } from './iam-grants.ts';
import { refuseProtected } from './role-policy.ts';

const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** A call may name an account by its number, which IAM answers with as its root. */
const plainly = (principal: string): string => principal.replace(/^arn:[\w-]+:iam::(\d{12}):root$/, '$1');

/** IAM answers a list of one as the one, so that what was written compares with what is read. */
const asAnswered = (list: readonly Json[]): Json => (list.length === 1 ? (list[0] ?? null) : [...list]);

type Closing = { readonly principals: readonly string[]; readonly sid: string };

/** A statement without the principals that are not to be let in; undefined where nobody is left in it. */
function closedTo(principals: readonly string[], statement: Json): Json | undefined {
  if (!isObject(statement)) return statement;
  const { Effect, Principal, ...rest } = statement as JsonObject; // no array is left
  if (Effect !== 'Allow' || Principal === undefined) return statement;
  const everybody = Principal === '*';
  const groups: JsonObject = everybody ? { AWS: '*' } : isObject(Principal) ? (Principal as JsonObject) : {}; // a policy's principals are an object
  const named = listOf(groups['AWS']);
  const going = principals.map(plainly);
  const left = named.filter((one) => !going.includes(plainly(String(one))));
  if (left.length === named.length) return statement;
  const { AWS: _, ...others } = groups;
  const kept: JsonObject = { ...others, ...(left.length > 0 && { AWS: asAnswered(left) }) };
  return Object.keys(kept).length > 0 ? { ...rest, Effect, Principal: kept } : undefined;
}

/** The same policy without them. A role needs a policy: one that lets nobody in stands for none. */
function closed(document: JsonObject, { principals, sid }: Closing): JsonObject {
  const statements = listOf(document['Statement']);
  const left = statements.flatMap((one) => closedTo(principals, one) ?? []);
  const nobody = { Sid: sid, Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };
  const unchanged = left.length === statements.length && left.every((one, at) => one === statements[at]);
  return unchanged ? document : { ...document, Statement: left.length > 0 ? left : [nobody] };
}

/**
 * Takes principals out of the trust policy of a role (docs.aws.amazon.com/IAM, UpdateAssumeRolePolicy) and leaves all
 * others in. Statements keep what else they say.
 */
export const iamCloseRoleTrust = awsAction({
  id: 'aws.iam.close-role-trust',
  title: 'Let principals no longer assume a role',
  target: 'aws.iam.role',
  d3fend: 'D3-UAP',
  input: z.strictObject({
    roleName: IamName.describe('The role, by name.'),
    principals: z
      .array(z.string().min(1).max(2_048))
      .min(1)
      .max(50)
      .describe('Whom to let in no longer, exactly as the trust policy writes them: *, an account, an ARN.'),
  }),
  value: PolicyJson,
  permissions: { read: onRole('GetRole'), write: onRole('UpdateAssumeRolePolicy') },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'Sessions that were issued already stay valid until they expire.',
    'Vendors and accounts of your own that come in this way are locked out as well.',
  ],
  examples: [{ roleName: 'deploy', principals: ['arn:aws:iam::222222222222:root'] }],
}).does({
  async capture(aws, { roleName: RoleName }, { signal: abortSignal }) {
    const command = new GetRoleCommand({ RoleName });
    const found = await unlessAbsent(['NoSuchEntity'], () => aws.client(IAMClient).send(command, { abortSignal }));
    if (!found?.Role) return {};
    refuseProtected(found.Role);
    return { [RoleName]: readDocument(found.Role.AssumeRolePolicyDocument ?? '{}') };
  },
  plan: ({ principals }, seen, { runId }) =>
    Object.fromEntries(
      Object.entries(seen).map(([role, document]) => [
        role,
        document && closed(document, { principals, sid: `CordonRun${runId}` }),
      ]),
    ),
  async apply(aws, { resource: RoleName, to }, { signal: abortSignal }) {
    if (to === null) return; // a role without a trust policy there is none
    const command = new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(to) });
    await aws.client(IAMClient).send(command, { abortSignal });
  },
});
