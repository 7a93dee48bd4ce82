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
import { parseRule, permissionOf, rulesIn, spellRule } from './security-group-rules.ts';

/** The rules of a group of ours, each in its one spelling, sorted. */
export const GroupRules = z.strictObject({ ingress: z.array(z.string()), egress: z.array(z.string()) });
export type GroupRules = z.infer<typeof GroupRules>;

/** By this tag a group of ours is known, with the run that made it. */
const runTag = 'cordon:run';

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
/** A group and its rules; without them it was made a moment ago. */
type Found = { readonly id: string; readonly there?: GroupRules };

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

const spelt = (permissions: readonly IpPermission[] = []): string[] =>
  permissions.flatMap(rulesIn).map(spellRule).sort();

/** The rules of a group as it was found. */
export const rulesOfGroup = ({ IpPermissions, IpPermissionsEgress }: SecurityGroup): GroupRules => ({
  ingress: spelt(IpPermissions),
  egress: spelt(IpPermissionsEgress),
});

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

const learntName = ({ vpcId, name }: Own): string => `${vpcId}/${name}`;

/** A group that must be there. */
async function findGroup(aws: AwsSession, own: Own, step: StepContext): Promise<Found> {
  const { vpcId, name } = own;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const [group] = await findGroups(aws, [vpcId], [name], step.signal);
    if (group?.GroupId !== undefined) return { id: group.GroupId, there: rulesOfGroup(group) };
    await step.wait(pauseSeconds);
  }
  throw new CordonError({
    code: 'group-missing',
    message: `the security group ${name} is not in ${vpcId}`,
    remedy: 'Start the run again: it makes the group anew.',
    retryable: true,
  });
}

/** The id of a group that is there, or has been made before it in this step. */
export const groupIdOf = async (aws: AwsSession, own: Own, step: StepContext): Promise<string> =>
  step.learnt.get(learntName(own)) ?? (await findGroup(aws, own, step)).id;

/** It is made without asking first; one that is there, as after a lost answer, is found. */
async function foundOrMade(aws: AwsSession, own: Own, step: StepContext): Promise<Found> {
  const command = new CreateSecurityGroupCommand({
    GroupName: own.name,
    VpcId: own.vpcId,
    Description: `Made by Cordon. Release run ${step.runId} to take it back.`,
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: runTag, Value: step.runId }] }],
  });
  const created = await unlessAbsent(['InvalidGroup.Duplicate'], () =>
    aws.client(EC2Client).send(command, { abortSignal: step.signal }),
  );
  const found = created?.GroupId === undefined ? await findGroup(aws, own, step) : { id: created.GroupId };
  step.learnt.set(learntName(own), found.id);
  return found;
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
const holdings = ({ there }: Found): { readonly perhaps: GroupRules; readonly surely: GroupRules } =>
  there
    ? { perhaps: there, surely: there }
    : { perhaps: { ingress: [], egress: everywhere }, surely: { ingress: [], egress: everywhere.slice(0, 1) } };

/** Brings a group of ours to exactly these rules; makes it where it is missing. */
export async function makeGroup(aws: AwsSession, own: Own, to: GroupRules, step: StepContext): Promise<void> {
  const client = aws.client(EC2Client);
  const sending = { abortSignal: step.signal };
  const found = await foundOrMade(aws, own, step);
  const { perhaps, surely } = holdings(found);
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
  // the writer may delete only what it has made, and that bears the run
  if (!group.Tags?.some(({ Key }) => Key === runTag))
    throw new ForeignEdit(`somebody else has made the security group ${name}`);
  const command = new DeleteSecurityGroupCommand({ GroupId: group.GroupId });
  const send = () => aws.client(EC2Client).send(command, { abortSignal: step.signal });
  try {
    await patiently(step, ['DependencyViolation'], () => unlessAbsent(['InvalidGroup.NotFound'], send));
  } catch (thrown) {
    if (awsCode(thrown) !== 'DependencyViolation') throw thrown;
    throw new ForeignEdit(`somebody has come to use the security group ${name}`);
  }
}
