import { own } from '../../model/json.ts';

type Told = { readonly operation: string; readonly request: unknown };

/** Where each call says whom it shares with. */
const permissions: Readonly<Record<string, string>> = {
  ModifySnapshotAttribute: 'createVolumePermission',
  ModifyImageAttribute: 'launchPermission',
};
/** How a permission names somebody: everybody, an account, an organisation, a unit of one. */
const names = ['group', 'userId', 'organizationArn', 'organizationalUnitArn'] as const;

/** EC2 writes lists as `{ items: [...] }`. */
function itemsOf(value: unknown): readonly unknown[] {
  const items = own(value, 'items');
  return Array.isArray(items) ? items : [];
}

/**
 * With whom a call shares a snapshot or an image beside those who had it (docs.aws.amazon.com/AWSEC2, ModifySnapshotAttribute,
 * ModifyImageAttribute): `all`, accounts, organisations by ARN. Undefined where it shares with nobody, as what only takes away does.
 */
export function sharedBy({ operation, request }: Told): readonly string[] | undefined {
  const member = Object.hasOwn(permissions, operation) ? permissions[operation] : undefined;
  if (member === undefined) return undefined;
  const added = itemsOf(own(own(request, member), 'add')).flatMap((one) =>
    names.map((name) => own(one, name)).filter((who): who is string => typeof who === 'string' && who !== ''),
  );
  return added.length > 0 ? [...new Set(added)].sort() : undefined;
}
