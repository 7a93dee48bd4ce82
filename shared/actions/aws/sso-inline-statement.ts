import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  paginateListAccountsForProvisionedPermissionSet,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { CordonError } from '../../model/error.ts';
import { type JsonObject, same } from '../../model/json.ts';
import type { AwsSession } from './aws-action.ts';
import { PolicyJson } from './deny-policy.ts';
import { awsCode } from './fault.ts';
import type { SetName } from './sso-held-sets.ts';

const pollSeconds = 5;
const polls = 60;

/** A policy with whatever statements others put into it. */
const Policy = z.looseObject({ Statement: z.preprocess((given) => [given].flat(), z.array(PolicyJson)) });
type Policy = z.output<typeof Policy>;

/** One permission set, reached from Identity Center's home. */
export type PermissionSet = { readonly home: AwsSession; readonly set: SetName };

const isMarked = ({ Sid }: JsonObject, mark: string): boolean => typeof Sid === 'string' && Sid.startsWith(mark);

async function readPolicy({ home, set }: PermissionSet, abortSignal: AbortSignal): Promise<Policy | undefined> {
  const command = new GetInlinePolicyForPermissionSetCommand(set);
  const { InlinePolicy } = await home.client(SSOAdminClient).send(command, { abortSignal });
  return InlinePolicy ? Policy.parse(JSON.parse(InlinePolicy)) : undefined;
}

/** The statement of the inline policy whose Sid begins with our mark; null where there is none. */
export async function readStatement(
  of: PermissionSet,
  mark: string,
  abortSignal: AbortSignal,
): Promise<JsonObject | null> {
  return (await readPolicy(of, abortSignal))?.Statement.find((statement) => isMarked(statement, mark)) ?? null;
}

/** Whether every account that has the permission set has it as it is now. */
export async function isProvisioned({ home, set }: PermissionSet, abortSignal: AbortSignal): Promise<boolean> {
  const client = home.client(SSOAdminClient);
  const asked = { ...set, ProvisioningStatus: 'LATEST_PERMISSION_SET_NOT_PROVISIONED' as const };
  const pages = await Array.fromAsync(
    paginateListAccountsForProvisionedPermissionSet({ client }, asked, { abortSignal }),
  );
  return pages.every(({ AccountIds = [] }) => AccountIds.length === 0);
}

/** Puts our statement in or takes it out, and keeps all others. */
export async function writeStatement(
  of: PermissionSet,
  mark: string,
  statement: JsonObject | null,
  abortSignal: AbortSignal,
): Promise<void> {
  const client = of.home.client(SSOAdminClient);
  const policy = await readPolicy(of, abortSignal);
  const ours = policy?.Statement.filter((one) => isMarked(one, mark)) ?? [];
  if (same(ours, statement ? [statement] : [])) return;
  const others = policy?.Statement.filter((one) => !isMarked(one, mark)) ?? [];
  const Statement = statement ? [...others, statement] : others;
  if (Statement.length === 0) {
    await client.send(new DeleteInlinePolicyFromPermissionSetCommand(of.set), { abortSignal });
    return;
  }
  const InlinePolicy = JSON.stringify({ Version: '2012-10-17', ...policy, Statement });
  await client.send(new PutInlinePolicyToPermissionSetCommand({ ...of.set, InlinePolicy }), { abortSignal });
}

const slow = ({ PermissionSetArn }: SetName): CordonError =>
  new CordonError({
    code: 'provisioning-slow',
    message: `${PermissionSetArn} was not provisioned within ${polls * pollSeconds} seconds`,
    retryable: true,
  });

/** The request id of a provisioning; undefined while another one runs, which ConflictException tells. */
async function tryProvisioning({ home, set }: PermissionSet, abortSignal: AbortSignal): Promise<string | undefined> {
  const command = new ProvisionPermissionSetCommand({ ...set, TargetType: 'ALL_PROVISIONED_ACCOUNTS' });
  try {
    const { PermissionSetProvisioningStatus: started } = await home
      .client(SSOAdminClient)
      .send(command, { abortSignal });
    return started?.RequestId ?? '';
  } catch (thrown) {
    if (awsCode(thrown) === 'Conflict') return undefined;
    throw thrown;
  }
}

/** Asks until it is this provisioning's turn. */
async function startProvisioning(of: PermissionSet, step: StepContext): Promise<string> {
  for (let poll = 0; poll < polls; poll += 1) {
    const requestId = await tryProvisioning(of, step.signal);
    if (requestId !== undefined) return requestId;
    await step.wait(pollSeconds);
  }
  throw slow(of.set);
}

/** Brings the permission set into all its accounts and waits until it is there. */
export async function provision(of: PermissionSet, step: StepContext): Promise<void> {
  const { home, set } = of;
  const ProvisionPermissionSetRequestId = await startProvisioning(of, step);
  const ask = { InstanceArn: set.InstanceArn, ProvisionPermissionSetRequestId };
  for (let poll = 0; poll < polls; poll += 1) {
    await step.wait(pollSeconds);
    const command = new DescribePermissionSetProvisioningStatusCommand(ask);
    const { PermissionSetProvisioningStatus: now } = await home
      .client(SSOAdminClient)
      .send(command, { abortSignal: step.signal });
    if (now?.Status === 'SUCCEEDED') return;
    if (now?.Status === 'FAILED')
      throw new CordonError({
        code: 'provisioning-failed',
        message: `${set.PermissionSetArn} could not be provisioned: ${now.FailureReason ?? 'no reason was given'}`,
        remedy: 'Look at its provisioning status in IAM Identity Center; the sessions still work where it failed.',
      });
  }
  throw slow(set);
}
