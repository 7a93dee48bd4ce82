import { CreateTagsCommand, DeleteTagsCommand, EC2Client, paginateDescribeTags } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { StepContext } from '../../action/action.ts';
import { awsAction } from './aws-action.ts';

const ResourceId = z.string().regex(/^[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}$/, 'an EC2 id looks like i-0123456789abcdef0');
const Key = z
  .string()
  .regex(/^cordon:[\w .:/=+@-]{1,121}$/, 'a tag key of ours starts with cordon: and has up to 128 characters');
const Value = z.string().max(256);

/** The account is left out of the ARNs of snapshots and images, so that any is allowed here. */
const resource = 'arn:{partition}:ec2:{region}:*:*/{resourceId}';
const separator = '/tag:';
const nameOf = (resourceId: string, key: string): string => `${resourceId}${separator}${key}`;
/** Tags of others stay out of reach, whatever a plan says. */
const ours = { 'ForAllValues:StringLike': { 'aws:TagKeys': ['cordon:*'] }, Null: { 'aws:TagKeys': ['false'] } };
const withRun = (tags: Record<string, string>) => ({ ...tags, 'cordon:run': '{runId}' });

const runId = /^[a-z2-7]{26}$/;
const placeholder = /\{(runId|startedAt|key)\}/;

/** `{runId}` and the like in a value, as the run will have filled it in. */
const filled = (value: string, { runId, startedAt, key }: StepContext): string =>
  value.replaceAll('{runId}', runId).replaceAll('{startedAt}', startedAt).replaceAll('{key}', key);

/**
 * Sets tags of Cordon's own on a resource of EC2 (docs.aws.amazon.com/AWSEC2, CreateTags), always with the run that did
 * it. Each key is a resource of the plan; those without a tag are `null`. EC2 does not tell a resource without tags from
 * one that is gone, so that for the latter the change fails.
 */
export const ec2TagResource = awsAction({
  id: 'aws.ec2.tag-resource',
  title: 'Tag an EC2 resource',
  target: 'aws.ec2.instance',
  d3fend: 'D3-AI',
  cutsNothing: true,
  input: z.strictObject({
    resourceId: ResourceId.describe('The instance, volume or other EC2 resource.'),
    tags: z.record(Key, Value).default({}).describe('Tags beside the one that names the run.'),
  }),
  value: Value,
  permissions: {
    read: [{ allow: 'ec2:DescribeTags', on: '*' }],
    write: [
      { allow: 'ec2:CreateTags', on: resource, when: ours },
      { allow: 'ec2:DeleteTags', on: resource, when: ours },
    ],
  },
  settles: { seconds: 10 },
  cautions: ['Tags can be read and changed by whoever may tag the resource, the attacker perhaps among them.'],
  examples: [{ resourceId: 'i-0123456789abcdef0', tags: { 'cordon:incident': 'INC-4711' } }],
}).does({
  async capture(aws, { resourceId, tags }, { signal: abortSignal }) {
    const client = aws.client(EC2Client);
    const Filters = [{ Name: 'resource-id', Values: [resourceId] }];
    const pages = paginateDescribeTags({ client }, { Filters, MaxResults: 1_000 }, { abortSignal });
    const found = (await Array.fromAsync(pages)).flatMap(({ Tags = [] }) => Tags);
    const present = new Map(found.map(({ Key: key, Value: value = '' }) => [key, value]));
    const keys = Object.keys(withRun(tags));
    return Object.fromEntries(keys.map((key) => [nameOf(resourceId, key), present.get(key) ?? null]));
  },
  plan({ resourceId, tags }, seen, step) {
    const isMarked = runId.test(seen[nameOf(resourceId, 'cordon:run')] ?? '');
    return Object.fromEntries(
      Object.entries(withRun(tags)).map(([key, value]) => {
        const name = nameOf(resourceId, key);
        const wanted = filled(value, step);
        // what an earlier run has marked stays its own: the next one would only write another name over it
        const stays = isMarked && placeholder.test(value);
        return [name, stays ? (seen[name] ?? wanted) : wanted];
      }),
    );
  },
  async apply(aws, { resource: name, to }, { signal: abortSignal }) {
    const [id = '', Key = ''] = name.split(separator);
    const client = aws.client(EC2Client);
    const Resources = [id];
    if (to === null) await client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key }] }), { abortSignal });
    else await client.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: to }] }), { abortSignal });
  },
});
