import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { fits, glob } from '../../policy/wildcard.ts';
import type { Table } from '../rows.ts';
import { specifiedTags, tagsOf, withDryRun } from './ec2.ts';
import {
  ec2Tags,
  instances,
  networkInterfaces,
  securityGroups,
  snapshots,
  subnets,
  type TagsRow,
  volumes,
  vpcs,
} from './ec2-rows.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type Owned = { readonly account: string; readonly region: string };
type Tagged = {
  readonly type: ec2.ResourceType;
  readonly table: Table<Owned>;
  readonly missing: string;
  /** Whether its ARN leaves the account out. */
  readonly unowned?: true;
};

/** What can be tagged, by the prefix of its id. */
const kinds: Readonly<Record<string, Tagged>> = {
  i: { type: 'instance', table: instances, missing: 'InvalidInstanceID.NotFound' },
  vol: { type: 'volume', table: volumes, missing: 'InvalidVolume.NotFound' },
  snap: { type: 'snapshot', table: snapshots, missing: 'InvalidSnapshot.NotFound', unowned: true },
  eni: { type: 'network-interface', table: networkInterfaces, missing: 'InvalidNetworkInterfaceID.NotFound' },
  sg: { type: 'security-group', table: securityGroups, missing: 'InvalidGroup.NotFound' },
  subnet: { type: 'subnet', table: subnets, missing: 'InvalidSubnetID.NotFound' },
  vpc: { type: 'vpc', table: vpcs, missing: 'InvalidVpcID.NotFound' },
};

function kindOf(id: string): Tagged {
  const kind = kinds[id.split('-')[0] ?? ''];
  if (kind) return kind;
  throw new AwsFault('InvalidID', `The ID '${id}' is not valid`);
}

function checkExists({ view, account, region }: Call, id: string): void {
  const { table, missing, type } = kindOf(id);
  const row = view.get(table, id);
  if (row?.account !== account || row.region !== region)
    throw new AwsFault(missing, `The ${type} ID '${id}' does not exist`);
}

type Named = { readonly Resources?: string[] | undefined };

const arnsOf = ({ Resources = [] }: Named, { partition, region, account }: Call): string[] =>
  Resources.map((id) => {
    const kind = kinds[id.split('-')[0] ?? ''];
    return `arn:${partition}:ec2:${region}:${kind?.unowned ? '' : account}:${kind?.type ?? '*'}/${id}`;
  });

const contextOf = ({ Tags = [] }: { readonly Tags?: readonly ec2.Tag[] | undefined }) => ({
  'aws:TagKeys': Tags.map(({ Key = '' }) => Key),
});

function put({ world, account, region }: Call, id: string, tags: TagsRow['tags']): void {
  if (Object.keys(tags).length === 0) world.rows.delete(ec2Tags, id);
  else world.rows.put(ec2Tags, id, { account, region, tags });
}

const isReserved = (key: string): boolean => key.toLowerCase().startsWith('aws:');

/** Tags that AWS itself sets do not count towards the limit. */
function checkLimit(tags: TagsRow['tags']): void {
  if (Object.keys(tags).filter((key) => !isReserved(key)).length > 50)
    throw new AwsFault('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

/** What is left of tags once those named are gone; with a value, only where it is the one that is there. */
const without = (tags: TagsRow['tags'], gone: readonly ec2.Tag[] | undefined): TagsRow['tags'] =>
  Object.fromEntries(
    Object.entries(tags).filter(([key, value]) => {
      if (!gone || gone.length === 0) return isReserved(key);
      return !gone.some(({ Key, Value }) => Key === key && (Value ?? value) === value);
    }),
  );

const valuesOf: Readonly<Record<string, (tag: ec2.TagDescription) => string | undefined>> = {
  'resource-id': ({ ResourceId }) => ResourceId,
  'resource-type': ({ ResourceType }) => ResourceType,
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
};

function passes(tag: ec2.TagDescription, { Name = '', Values = [] }: ec2.Filter): boolean {
  const of = valuesOf[Name];
  if (!of && !Name.startsWith('tag:')) throw new AwsFault('InvalidParameterValue', `The filter '${Name}' is invalid`);
  const found = of ? of(tag) : tag.Key === Name.slice('tag:'.length) ? tag.Value : undefined;
  return found !== undefined && Values.some((value) => fits(glob(value), found));
}

const operations = operationsOf<typeof ec2>()({
  CreateTags: {
    on: arnsOf,
    context: contextOf,
    does({ Resources = [], Tags = [] }, call) {
      for (const id of Resources) {
        checkExists(call, id);
        const { type } = kindOf(id);
        const tags = { ...tagsOf(call.view, id), ...specifiedTags([{ ResourceType: type, Tags }], type) };
        checkLimit(tags);
        put(call, id, tags);
      }
      return {};
    },
  },
  DeleteTags: {
    on: arnsOf,
    context: contextOf,
    does({ Resources = [], Tags }, call) {
      const reserved = Tags?.find(({ Key = '' }) => isReserved(Key));
      if (reserved)
        throw new AwsFault('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved for internal use`);
      for (const id of Resources) {
        kindOf(id);
        put(call, id, without(tagsOf(call.view, id), Tags));
      }
      return {};
    },
  },
  DescribeTags: {
    does({ Filters = [], MaxResults = 1_000, NextToken }, { view, account, region }) {
      const all = view.all(ec2Tags).flatMap(([id, row]): ec2.TagDescription[] => {
        const ResourceType = kinds[id.split('-')[0] ?? '']?.type;
        if (row.account !== account || row.region !== region || !ResourceType) return [];
        return Object.entries(row.tags).map(([Key, Value]) => ({ ResourceId: id, ResourceType, Key, Value }));
      });
      if (MaxResults < 5 || MaxResults > 1_000)
        throw new AwsFault(
          'InvalidParameterValue',
          `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
        );
      const { items, next } = page(
        all.filter((tag) => Filters.every((filter) => passes(tag, filter))),
        NextToken,
        MaxResults,
      );
      return { Tags: [...items], NextToken: next };
    },
  },
});

/** Tags of the resources of EC2; an estate lists them with what they are on. */
export const ec2TagSets = awsNoun({
  name: 'tagSets',
  scope: 'region',
  estate: z.undefined(),
  seed: () => undefined,
  operations: { ec2: withDryRun(operations) },
});
