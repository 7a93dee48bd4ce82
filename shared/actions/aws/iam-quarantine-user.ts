import {
  AttachUserPolicyCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  paginateListAttachedUserPolicies,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import * as z from 'zod';
import type { State } from '../../action/action.ts';
import { IamName } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { denied, denyAll, documentWith, PolicyJson, readDocument } from './deny-policy.ts';
import { unlessAbsent } from './fault.ts';
import { onUser } from './iam-grants.ts';

/** The managed policy that denies everything, and the inline one that stands in for it. */
const PolicyName = 'CordonQuarantine';
const absent = ['NoSuchEntity'];

/** Of the managed policy: `full` where it is not attached and the user has no room for one more. */
const Attachment = z.enum(['attached', 'detached', 'full']);
const Value = z.union([Attachment, PolicyJson]);
type Value = z.output<typeof Value>;

type Asked = { readonly aws: AwsSession; readonly UserName: string; readonly abortSignal: AbortSignal };

const quarantineArn = ({ partition, account }: AwsSession): string =>
  `arn:${partition}:iam::${account}:policy/${PolicyName}`;

/** ARNs of the attached policies; undefined where there is no such user. */
const listAttached = ({ aws, UserName, abortSignal }: Asked): Promise<readonly string[] | undefined> =>
  unlessAbsent(absent, async () => {
    const pages = paginateListAttachedUserPolicies({ client: aws.client(IAMClient) }, { UserName }, { abortSignal });
    const listed = (await Array.fromAsync(pages)).flatMap(({ AttachedPolicies = [] }) => AttachedPolicies);
    return listed.flatMap(({ PolicyArn = [] }) => PolicyArn);
  });

/** How many managed policies a user of this account may have; undefined where the managed policy is missing in it. */
async function readRoom({ aws, abortSignal }: Asked): Promise<number | undefined> {
  const client = aws.client(IAMClient);
  const command = new GetPolicyCommand({ PolicyArn: quarantineArn(aws) });
  const [policy, { SummaryMap }] = await Promise.all([
    unlessAbsent(absent, () => client.send(command, { abortSignal })),
    client.send(new GetAccountSummaryCommand({}), { abortSignal }),
  ]);
  return policy && (SummaryMap?.AttachedPoliciesPerUserQuota ?? 10);
}

async function readInline({ aws, UserName, abortSignal }: Asked): Promise<JsonObject | null> {
  const command = new GetUserPolicyCommand({ UserName, PolicyName });
  const found = await unlessAbsent(absent, () => aws.client(IAMClient).send(command, { abortSignal }));
  return found?.PolicyDocument === undefined ? null : readDocument(found.PolicyDocument);
}

const managedKey = (userName: string): string => `${userName}/attached/${PolicyName}`;
const inlineKey = (userName: string): string => `${userName}/inline/${PolicyName}`;

const isDocument = (value: Value | null | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null;
const deniesAll = (value: Value | null | undefined): boolean => isDocument(value) && denied(value).length > 0;

/** What is missing: the managed policy, or the inline one where that cannot be attached. */
function quarantined(userName: string, seen: State<Value>, runId: string): State<Value> {
  const [managed, inline] = [managedKey(userName), inlineKey(userName)];
  if (seen[managed] === undefined || seen[managed] === 'attached' || deniesAll(seen[inline])) return seen;
  if (seen[managed] === 'detached') return { ...seen, [managed]: 'attached' };
  return { ...seen, [inline]: documentWith(denyAll(`CordonRun${runId}`)) };
}

/** Denies an IAM user everything, whichever of its keys or sessions calls (docs.aws.amazon.com/IAM, AttachUserPolicy). */
export const iamQuarantineUser = awsAction({
  id: 'aws.iam.quarantine-user',
  title: 'Quarantine an IAM user',
  target: 'aws.iam.user',
  d3fend: 'D3-AL',
  input: z.strictObject({ userName: IamName.describe('The IAM user, by name.') }),
  value: Value,
  permissions: {
    read: [
      ...onUser('ListAttachedUserPolicies', 'GetUserPolicy', 'GetUser', 'SimulatePrincipalPolicy'),
      { allow: 'iam:GetPolicy', on: `arn:{partition}:iam::{account}:policy/${PolicyName}` },
      { allow: 'iam:GetAccountSummary', on: '*' },
    ],
    write: [
      ...onUser('AttachUserPolicy', 'DetachUserPolicy').map((grant) => ({
        ...grant,
        when: { ArnEquals: { 'iam:PolicyARN': [`arn:{partition}:iam::{account}:policy/${PolicyName}`] } },
      })),
      ...onUser('PutUserPolicy', 'DeleteUserPolicy'),
    ],
  },
  settles: { seconds: 15 },
  restores: 'credentials',
  cautions: [
    'Roles that the user has assumed already stay usable until their sessions expire.',
    'sts:GetCallerIdentity still answers: nothing can deny it.',
    `A user who may detach policies can lift it within seconds, unless a service control policy guards ${PolicyName}.`,
  ],
  portable: { verb: 'revoke-identity', with: { userName: '${target.userName}' } },
  examples: [{ userName: 'ci-bot' }],
}).does({
  async capture(aws, { userName }, { signal }) {
    const asked: Asked = { aws, UserName: userName, abortSignal: signal };
    const [attached, room, inline] = await Promise.all([listAttached(asked), readRoom(asked), readInline(asked)]);
    if (!attached) return {};
    const free = room === undefined ? null : attached.length < room ? 'detached' : 'full';
    const managed = attached.includes(quarantineArn(aws)) ? 'attached' : free;
    return { [managedKey(userName)]: managed, [inlineKey(userName)]: inline };
  },
  plan: ({ userName }, seen, { runId }) => quarantined(userName, seen, runId),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const [UserName, how] = resource.split('/');
    const client = aws.client(IAMClient);
    const attachment = { UserName, PolicyArn: quarantineArn(aws) };
    if (isDocument(to)) {
      const PolicyDocument = JSON.stringify(to);
      await client.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }), { abortSignal });
    } else if (how === 'inline') {
      const command = new DeleteUserPolicyCommand({ UserName, PolicyName });
      await unlessAbsent(absent, () => client.send(command, { abortSignal }));
    } else if (to === 'attached') await client.send(new AttachUserPolicyCommand(attachment), { abortSignal });
    else await unlessAbsent(absent, () => client.send(new DetachUserPolicyCommand(attachment), { abortSignal }));
  },
  /** The managed policy is shared and may have been edited: IAM itself says whether it denies. */
  async probe(aws, { userName: UserName }, { signal: abortSignal }) {
    const client = aws.client(IAMClient);
    const { User } = await client.send(new GetUserCommand({ UserName }), { abortSignal });
    const ActionNames = ['iam:CreateAccessKey', 's3:ListAllMyBuckets', 'sts:AssumeRole'];
    const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn: User?.Arn, ActionNames });
    const { EvaluationResults = [] } = await client.send(command, { abortSignal });
    return (
      EvaluationResults.length > 0 && EvaluationResults.every(({ EvalDecision }) => EvalDecision === 'explicitDeny')
    );
  },
});
