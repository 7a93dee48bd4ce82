import type * as ec2 from '@aws-sdk/client-ec2';
import { InvalidInput } from '../../model/error.ts';
import { digest } from '../../model/json.ts';
import { fits, glob } from '../../policy/wildcard.ts';
import type { Rows, Table, View } from '../rows.ts';
import { ec2Tags, type SubnetRow, subnets, type TagsRow } from './ec2-rows.ts';
import { type Call, type Operation, type Operations, page, type Right } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

type Owned = { readonly account: string; readonly region: string };

/** One kind of resource: where its rows are, how AWS says that an id is not one of them, what can be filtered by. */
export type Kind<R extends Owned> = {
  readonly table: Table<R>;
  readonly prefix: string;
  readonly missing: string;
  readonly malformed: string;
  /** As the message names it: `The instance ID 'i-…' does not exist`. */
  readonly noun: string;
  idOf(row: R): string;
  readonly filters: Readonly<Record<string, (row: R, view: View) => readonly (string | undefined)[]>>;
  /** Ids and MaxResults exclude each other. */
  readonly unpagedIds?: true;
};

/** What every Describe call of EC2 takes. */
export type Asked = {
  readonly ids: readonly string[] | undefined;
  readonly Filters?: readonly ec2.Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
};

/** A resource's ARN in the caller's account and region. */
export const ec2Arn = ({ partition, account, region }: Call, type: string, id = '*'): string =>
  `arn:${partition}:ec2:${region}:${account}:${type}/${id}`;

/** An id that is the same in every run of the same story. */
export const freshId = ({ world }: Pick<Call, 'world'>, prefix: string): string =>
  `${prefix}-0${digest([prefix, world.next(`ec2.${prefix}`)]).slice(0, 16)}`;

/** The row of an id in the caller's account and region. Throws as EC2 does. */
export function rowOf<R extends Owned>({ view, account, region }: Call, kind: Kind<R>, id: string | undefined): R {
  if (id === undefined || !new RegExp(`^${kind.prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id))
    throw new AwsFault(kind.malformed, `Invalid id: "${id ?? ''}" (expecting "${kind.prefix}-...")`);
  const row = view.get(kind.table, id);
  if (row?.account === account && row.region === region) return row;
  throw new AwsFault(kind.missing, `The ${kind.noun} '${id}' does not exist`);
}

/** Tags of a resource. */
export const tagsOf = (view: View, id: string): TagsRow['tags'] => view.get(ec2Tags, id)?.tags ?? {};

/** Tags as a response lists them. */
export const listTags = (view: View, id: string): ec2.Tag[] =>
  Object.entries(tagsOf(view, id)).map(([Key, Value]) => ({ Key, Value }));

/** The condition keys that the tags of a resource give a request about it (docs.aws.amazon.com/IAM, "aws:ResourceTag"). */
export const tagContext = (view: View, id = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tagsOf(view, id)).flatMap(([key, value]) =>
      ['aws:ResourceTag', 'ec2:ResourceTag'].map((name) => [`${name}/${key}`, value] as const),
    ),
  );

/** Sets the tags of a resource that is made or seeded. */
export function putTags(rows: Rows, id: string, { account, region }: Owned, tags: TagsRow['tags']): void {
  if (Object.keys(tags).length > 0) rows.put(ec2Tags, id, { account, region, tags });
}

/** The tags that a request gives what it makes (docs.aws.amazon.com/AWSEC2, "Tag restrictions"). */
export function specifiedTags(
  specifications: readonly ec2.TagSpecification[] | undefined,
  type: ec2.ResourceType,
): TagsRow['tags'] {
  const wrong = specifications?.find(({ ResourceType }) => ResourceType !== type);
  if (wrong)
    throw new AwsFault(
      'InvalidParameterValue',
      `'${wrong.ResourceType}' is not a valid taggable resource type for this operation.`,
    );
  const tags = (specifications ?? []).flatMap(({ Tags = [] }) => Tags);
  for (const { Key = '', Value = '' } of tags) {
    if (Key.startsWith('aws:'))
      throw new AwsFault('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved for internal use`);
    if (Key === '' || Key.length > 128 || Value.length > 256)
      throw new AwsFault('InvalidParameterValue', `Tag key or value of '${Key}' has an invalid length.`);
  }
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The right to tag what a request makes, where it asks for tags. */
export const tagRight = (
  call: Call,
  specifications: readonly ec2.TagSpecification[] | undefined,
  type: ec2.ResourceType,
  creating: string,
): readonly Right[] =>
  specifications?.some(({ Tags = [] }) => Tags.length > 0)
    ? [{ action: 'ec2:CreateTags', on: ec2Arn(call, type), context: { 'ec2:CreateAction': creating } }]
    : [];

function passes<R extends Owned>(kind: Kind<R>, view: View, { Name = '', Values = [] }: ec2.Filter, row: R): boolean {
  const tags = () => tagsOf(view, kind.idOf(row));
  const of = kind.filters[Name];
  const found = Name.startsWith('tag:')
    ? [tags()[Name.slice('tag:'.length)]]
    : Name === 'tag-key'
      ? Object.keys(tags())
      : of?.(row, view);
  if (found === undefined) throw new AwsFault('InvalidParameterValue', `The filter '${Name}' is invalid`);
  return Values.some((value) => found.some((text) => text !== undefined && fits(glob(value), text)));
}

function checkPaging({ ids = [], MaxResults }: Asked, unpagedIds: true | undefined): void {
  if (MaxResults === undefined) return;
  if (MaxResults < 5 || MaxResults > 1_000)
    throw new AwsFault(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  if (unpagedIds && ids.length > 0)
    throw new AwsFault(
      'InvalidParameterCombination',
      'The parameter maxResults cannot be used with the parameter that lists ids',
    );
}

/** The rows that a Describe call names, page by page. */
export function described<R extends Owned>(
  call: Call,
  kind: Kind<R>,
  asked: Asked,
): { readonly rows: readonly R[]; readonly NextToken: string | undefined } {
  const { ids = [], Filters = [], MaxResults = 1_000, NextToken } = asked;
  checkPaging(asked, kind.unpagedIds);
  const { view, account, region } = call;
  for (const id of ids) rowOf(call, kind, id);
  const rows = view
    .all(kind.table)
    .map(([, row]) => row)
    .filter((row) => row.account === account && row.region === region)
    .filter((row) => ids.length === 0 || ids.includes(kind.idOf(row)))
    .filter((row) => Filters.every((filter) => passes(kind, view, filter, row)));
  const { items, next } = page(rows, NextToken, MaxResults);
  return { rows: items, NextToken: next };
}

/** Adds to every operation what all of EC2 shares: a dry run ends, once it is allowed, with DryRunOperation. */
export const withDryRun = (operations: Operations): Operations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, Operation] => [
      name,
      {
        ...operation,
        does(input, call) {
          if (input['DryRun'] === true)
            throw new AwsFault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
              status: 412,
            });
          return operation.does(input, call);
        },
      },
    ]),
  );

/** The subnet that an estate file names. */
export function seededSubnet(rows: View, id: string): SubnetRow {
  const subnet = rows.get(subnets, id);
  if (subnet) return subnet;
  throw new InvalidInput({ code: 'bad-estate', message: `no subnet ${id}`, remedy: 'List it under vpcs.' });
}
