import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
import { CordonError } from '../../model/error.ts';
import type { AwsSession } from './aws-action.ts';
import { awsCode, unlessAbsent } from './fault.ts';
import { listRules, parseRule, permissionOf, seenRule, spellRule } from './security-group-rules.ts';

/** The rules of a group of ours, each in its one spelling, sorted. */
export const GroupRules = z.strictObject({ ingress: z.array(z.string()), egress: z.array(z.string()) });
export type GroupRules = z.infer<typeof GroupRules>;

const everywhere = ['all any 0.0.0.0/0', 'all any ::/0'];
/** Lets nothing in or out. */
export const closed: GroupRules = { ingress: [], egress: [] };
/** Lets everything in and out. */
export const open: GroupRules = { ingress: everywhere, egress: everywhere };
/** As EC2 makes a group, and as it is on its way from there to `closed` or `open`. */
export const unfinished: readonly GroupRules[] = [
  { ingress: [], egress: everywhere.slice(0, 1) },
  { ingress: [], egress: everywhere },
  { ingress: [], egress: everywhere.slice(1) },
  { ingress: everywhere, egress: everywhere.slice(0, 1) },
];

/** A group of ours, known by its name within a VPC. */
export type Own = { readonly vpcId: string; readonly name: string };

/** The groups of these names in these VPCs; in any, where none is named. */
export async function findGroups(
  aws: AwsSession,
  vpcIds: readonly string[],
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly SecurityGroup[]> {
  const Filters = [
    ...(vpcIds.length > 0 ? [{ Name: 'vpc-id', Values: [...vpcIds] }] : []),
    { Name: 'group-name', Values: [...names] },
  ];
  const client = aws.client(EC2Client);
  const pages = paginateDescribeSecurityGroups({ client }, { Filters, MaxResults: 1_000 }, { abortSignal });
  return (await Array.fromAsync(pages)).flatMap(({ SecurityGroups = [] }) => SecurityGroups);
}

/** The rules of groups by group id. */
export async function rulesByGroup(
  aws: AwsSession,
  groupIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GroupRules>> {
  const rules = await listRules(aws, groupIds, signal);
  const of = (id: string, egress: boolean) =>
    rules
      .filter(({ GroupId, IsEgress = false }) => GroupId === id && IsEgress === egress)
      .map((rule) => spellRule(seenRule(rule)))
      .sort();
  return new Map(groupIds.map((id) => [id, { ingress: of(id, false), egress: of(id, true) }]));
}

const attempts = 4;
const pauseSeconds = 2;

/** Tries again while EC2 has not yet heard of what was done a moment ago, and answers with one of these codes. */
export async function patiently<T>(step: StepContext, codes: readonly string[], call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (thrown) {
      if (!codes.includes(awsCode(thrown)) || attempt === attempts) throw thrown;
      await step.wait(pauseSeconds);
    }
  }
}

/** The id of a group that must be there. */
export async function groupIdOf(aws: AwsSession, { vpcId, name }: Own, step: StepContext): Promise<string> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const [group] = await findGroups(aws, [vpcId], [name], step.signal);
    if (group?.GroupId !== undefined) return group.GroupId;
    await step.wait(pauseSeconds);
  }
  throw new CordonError({
    code: 'group-missing',
    message: `the security group ${name} is not in ${vpcId}`,
    remedy: 'Start the run again: it makes the group anew.',
    retryable: true,
  });
}

type Found = { readonly id: string; readonly made: boolean };

/** The id of the group and whether this call made it: it is made without asking first; one that is there, as after a lost answer, is found. */
async function foundOrMade(aws: AwsSession, own: Own, step: StepContext): Promise<Found> {
  const command = new CreateSecurityGroupCommand({
    GroupName: own.name,
    VpcId: own.vpcId,
    Description: `Made by Cordon. Release run ${step.runId} to take it back.`,
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'cordon:run', Value: step.runId }] }],
  });
  const created = await unlessAbsent(['InvalidGroup.Duplicate'], () =>
    aws.client(EC2Client).send(command, { abortSignal: step.signal }),
  );
  if (created?.GroupId !== undefined) return { id: created.GroupId, made: true };
  return { id: await groupIdOf(aws, own, step), made: false };
}

const permissionsOf = (rules: readonly string[]): IpPermission[] =>
  rules.flatMap((text) => {
    const rule = parseRule(text);
    return rule ? [permissionOf(rule)] : [];
  });

type Wish = { readonly GroupId: string; readonly IpPermissions: IpPermission[] };
type Sending = { readonly abortSignal: AbortSignal };
const directions = [
  {
    name: 'ingress',
    revoke: (client: EC2Client, wish: Wish, sending: Sending) =>
      client.send(new RevokeSecurityGroupIngressCommand(wish), sending),
    authorise: (client: EC2Client, wish: Wish, sending: Sending) =>
      client.send(new AuthorizeSecurityGroupIngressCommand(wish), sending),
  },
  {
    name: 'egress',
    revoke: (client: EC2Client, wish: Wish, sending: Sending) =>
      client.send(new RevokeSecurityGroupEgressCommand(wish), sending),
    authorise: (client: EC2Client, wish: Wish, sending: Sending) =>
      client.send(new AuthorizeSecurityGroupEgressCommand(wish), sending),
  },
] as const;

/** What a group may hold and what it surely holds. Of one made a moment ago EC2 may tell nothing yet, but how it begins is known. */
async function holdings(aws: AwsSession, { id, made }: Found, signal: AbortSignal) {
  if (made)
    return {
      perhaps: { ingress: [], egress: everywhere },
      surely: { ingress: [], egress: everywhere.slice(0, 1) },
    };
  const there = (await rulesByGroup(aws, [id], signal)).get(id) ?? closed;
  return { perhaps: there, surely: there };
}

/** Brings a group of ours to exactly these rules; makes it where it is missing. */
export async function makeGroup(aws: AwsSession, own: Own, to: GroupRules, step: StepContext): Promise<void> {
  const client = aws.client(EC2Client);
  const sending = { abortSignal: step.signal };
  const found = await foundOrMade(aws, own, step);
  const { perhaps, surely } = await holdings(aws, found, step.signal);
  const wish = (rules: readonly string[]): Wish => ({ GroupId: found.id, IpPermissions: permissionsOf(rules) });
  const settle = (done: string, call: () => Promise<unknown>) =>
    patiently(step, ['InvalidGroup.NotFound'], () => unlessAbsent([done], call));
  // first everything that goes, so that what comes is never there beside it
  const going = directions.flatMap(({ name, revoke }) =>
    perhaps[name]
      .filter((one) => !to[name].includes(one))
      .map((rule) => settle('InvalidPermission.NotFound', () => revoke(client, wish([rule]), sending))),
  );
  await Promise.all(going);
  const coming = directions.map(async ({ name, authorise }) => {
    const missing = to[name].filter((one) => !surely[name].includes(one));
    if (missing.length > 0)
      await settle('InvalidPermission.Duplicate', () => authorise(client, wish(missing), sending));
  });
  await Promise.all(coming);
}

/** Deletes a group of ours; where something else has come to use it, it stays and is theirs. */
export async function removeGroup(aws: AwsSession, { vpcId, name }: Own, step: StepContext): Promise<void> {
  const [group] = await findGroups(aws, [vpcId], [name], step.signal);
  if (group?.GroupId === undefined) return;
  const command = new DeleteSecurityGroupCommand({ GroupId: group.GroupId });
  const send = () => aws.client(EC2Client).send(command, { abortSignal: step.signal });
  try {
    await patiently(step, ['DependencyViolation'], () => unlessAbsent(['InvalidGroup.NotFound'], send));
  } catch (thrown) {
    if (awsCode(thrown) !== 'DependencyViolation') throw thrown;
    throw new ForeignEdit(`somebody has come to use the security group ${name}`);
  }
}
