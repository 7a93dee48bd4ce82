import { AwsFault } from './protocol/fault.ts';

/** One permission as a request spells it. */
type Permission = {
  readonly Group?: string | undefined;
  readonly UserId?: string | undefined;
  readonly OrganizationArn?: string | undefined;
  readonly OrganizationalUnitArn?: string | undefined;
};
/** What is added or removed; one call does one of the two. */
export type Modification = {
  readonly Add?: readonly Permission[] | undefined;
  readonly Remove?: readonly Permission[] | undefined;
};

/** The older form of the same, which awscli offers: who, and whether they are added or removed. */
type Listed = {
  readonly OperationType?: string | undefined;
  readonly UserIds?: readonly string[] | undefined;
  /** Of a snapshot and of an image. */
  readonly GroupNames?: readonly string[] | undefined;
  readonly UserGroups?: readonly string[] | undefined;
  readonly OrganizationArns?: readonly string[] | undefined;
  readonly OrganizationalUnitArns?: readonly string[] | undefined;
};

/** What a request modifies, in either form (docs.aws.amazon.com/AWSEC2, ModifySnapshotAttribute and ModifyImageAttribute). */
export function modificationIn(modification: Modification | undefined, listed: Listed): Modification | undefined {
  if (modification || listed.OperationType === undefined) return modification;
  const { UserIds = [], GroupNames = [], UserGroups = [], OrganizationArns = [], OrganizationalUnitArns = [] } = listed;
  const permissions: readonly Permission[] = [
    ...[...GroupNames, ...UserGroups].map((Group) => ({ Group })),
    ...UserIds.map((UserId) => ({ UserId })),
    ...OrganizationArns.map((OrganizationArn) => ({ OrganizationArn })),
    ...OrganizationalUnitArns.map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
  ];
  return listed.OperationType === 'remove' ? { Remove: permissions } : { Add: permissions };
}

const named = (permissions: readonly Permission[] = []): readonly string[] =>
  permissions.flatMap(
    ({ Group, UserId, OrganizationArn, OrganizationalUnitArn }) =>
      Group ?? UserId ?? OrganizationArn ?? OrganizationalUnitArn ?? [],
  );

/** With whom something is shared after a call; throws for a call that EC2 does not take. */
export function sharingOf(before: readonly string[], modification: Modification | undefined): readonly string[] {
  const [added, removed] = [named(modification?.Add), named(modification?.Remove)];
  if ((added.length === 0) === (removed.length === 0))
    throw new AwsFault('InvalidParameterCombination', 'Permissions are either added or removed, at least one of them.');
  const wrong = [...added, ...removed].find((who) => !/^(all|\d{12}|arn:aws[\w-]*:organizations::.+)$/.test(who));
  if (wrong !== undefined) throw new AwsFault('InvalidParameterValue', `Invalid value '${wrong}' for a permission.`);
  return [...new Set([...before, ...added])].filter((who) => !removed.includes(who)).sort();
}

/** Condition keys by which a policy can tell sharing with everybody from taking it back. */
export function sharingContext(modification: Modification | undefined): Readonly<Record<string, readonly string[]>> {
  const keys = { 'ec2:Add': named(modification?.Add), 'ec2:Remove': named(modification?.Remove) };
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, all]) => [
      ...(all.includes('all') ? [[`${key}/group`, ['all']] as const] : []),
      ...(all.some((who) => who !== 'all') ? [[`${key}/userId`, all.filter((who) => who !== 'all')] as const] : []),
    ]),
  );
}

/** Whether an account may use what another one owns. Which organisation an account is in is not modelled. */
export const isSharedWith = (
  { account, sharedWith = [] }: { readonly account: string; readonly sharedWith?: readonly string[] },
  other: string,
): boolean => account === other || sharedWith.includes('all') || sharedWith.includes(other);
