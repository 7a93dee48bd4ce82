import * as z from 'zod';

/** Parts of an Amazon Resource Name (docs.aws.amazon.com/IAM, "Amazon Resource Names"). */
export type Arn = {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
};

export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...rest] = text.split(':');
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined) return undefined;
  const resource = rest.join(':');
  return resource === '' ? undefined : { partition, service, region, account, resource };
}

export const formatArn = ({ partition, service, region, account, resource }: Arn): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

/** Parts of an Azure Resource Manager id; `type` and names keep the case they came in, comparison must not. */
export type ArmId = {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Provider and type path, as `Microsoft.Network/networkSecurityGroups/securityRules`. */
  readonly type: string;
  readonly names: readonly string[];
  /** The last name. */
  readonly name: string;
};

const segment = /^[^/?#%\\\p{Cc}\p{Cs}]+$/u;

/** Reads `/subscriptions/…/resourceGroups/…/providers/Microsoft.X/type/name[/type/name…]`; undefined for anything else. */
export function parseArmId(text: string): ArmId | undefined {
  const parts = text.split('/').slice(1);
  if (!text.startsWith('/') || parts.some((part) => !segment.test(part) || part === '.' || part === '..'))
    return undefined;
  const [subscriptions, subscription, groups, resourceGroup, providers, namespace, ...path] = parts;
  if (subscriptions?.toLowerCase() !== 'subscriptions' || groups?.toLowerCase() !== 'resourcegroups') return undefined;
  if (providers?.toLowerCase() !== 'providers' || !subscription || !resourceGroup || !namespace) return undefined;
  if (path.length < 2 || path.length % 2 !== 0) return undefined;
  const names = path.filter((_, at) => at % 2 === 1);
  const type = [namespace, ...path.filter((_, at) => at % 2 === 0)].join('/');
  return { subscription, resourceGroup, type, names, name: names.at(-1) ?? '' };
}

/** The id as its cloud compares it: ARM ids without case, ARNs and plain ids to the letter. */
export const comparable = (id: string): string => (/^\/(subscriptions|tenants)\//i.test(id) ? id.toLowerCase() : id);

export const AwsAccountId = z.string().regex(/^\d{12}$/, 'an AWS account id has 12 digits');
export const AwsRegion = z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'an AWS region looks like eu-west-1');
export const AwsPartition = z.string().regex(/^aws(-[a-z]+)*$/, 'a partition looks like aws or aws-cn');
/** A long-term key; temporary ones start with ASIA and cannot be turned off. */
export const AccessKeyId = z.string().regex(/^AKIA[A-Z0-9]{12,124}$/, 'a long-term access key id starts with AKIA');
export const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'an instance id looks like i-0123456789abcdef0');
export const SecurityGroupId = z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'a group id looks like sg-0123456789abcdef0');
export const SnapshotId = z.string().regex(/^snap-[0-9a-f]{8,17}$/, 'a snapshot id looks like snap-0123456789abcdef0');
export const ImageId = z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'an image id looks like ami-0123456789abcdef0');
/** IAM user, role and policy names (docs.aws.amazon.com/IAM, "Names and quotas"). */
export const IamName = z.string().regex(/^[\w+=,.@-]{1,128}$/, 'letters, digits and + = , . @ - _ only');
/** `AROA…:session` or `AIDA…`, as `aws:userid` shows it. */
export const PrincipalId = z.string().regex(/^A[A-Z]{3}[A-Z0-9]{4,124}(:[\w+=,.@-]{2,64})?$/, 'AROA…:session');
export const BucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'an S3 bucket name');
export const SubscriptionId = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    'a subscription id looks like 0a1b2c3d-0000-4000-8000-000000000001',
  );

/** An ARM id of one resource type, compared without case. */
export const armIdOf = (type: string): z.ZodString =>
  z.string().refine((id) => parseArmId(id)?.type.toLowerCase() === type.toLowerCase(), {
    error: `must be the resource id of a ${type}`,
  }) as z.ZodString; // refine keeps the string schema

/** What lies on a subscription, a group or a resource: `{scope}/providers/Microsoft.X/type/name`. */
export type ExtensionId = { readonly scope: string; readonly name: string };

/** Reads the id of something of one type that lies on something else; undefined for anything else. */
export function parseExtensionId(text: string, type: string): ExtensionId | undefined {
  const parts = text.split('/').slice(1);
  if (!text.startsWith('/') || parts.some((part) => !segment.test(part) || part === '.' || part === '..'))
    return undefined;
  const [providers, namespace, kind, name] = parts.slice(-4);
  const scope = parts.slice(0, -4);
  if (scope[0]?.toLowerCase() !== 'subscriptions' || scope.length < 2 || providers?.toLowerCase() !== 'providers')
    return undefined;
  if (`${namespace}/${kind}`.toLowerCase() !== type.toLowerCase() || name === undefined) return undefined;
  return { scope: `/${scope.join('/')}`, name };
}
