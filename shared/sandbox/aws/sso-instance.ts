import type { Call } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import { type InstanceRow, instances, type PermissionSetRow, permissionSets } from './sso-rows.ts';

const noSuch = (kind: string, arn: string) =>
  new AwsFault('ResourceNotFoundException', `${kind} with ARN ${arn} was not found.`, { status: 400 });

/** An instance, which answers only in its own account and region. */
export function instanceOf({ view, account, region }: Call, arn = ''): InstanceRow {
  const instance = view.get(instances, arn);
  if (instance?.account !== account || instance.region !== region) throw noSuch('Instance', arn);
  return instance;
}

/** A permission set of an instance. */
export function setOf(call: Call, instance: string | undefined, arn = ''): PermissionSetRow {
  const set = call.view.get(permissionSets, arn);
  if (set?.instance !== instanceOf(call, instance).arn) throw noSuch('PermissionSet', arn);
  return set;
}

type Named = { readonly InstanceArn?: string | undefined; readonly PermissionSetArn?: string | undefined };

/** The resources of most operations: the instance and the permission set. */
export const onBoth = ({ InstanceArn = '*', PermissionSetArn = '*' }: Named): readonly string[] => [
  InstanceArn,
  PermissionSetArn,
];
