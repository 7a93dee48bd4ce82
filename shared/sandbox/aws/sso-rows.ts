import { table } from '../rows.ts';

/** A user of an identity store with the ids of its groups. */
export type StoreUserRow = {
  readonly store: string;
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
};
/** Where Identity Center is at home. */
export type InstanceRow = {
  readonly account: string;
  readonly region: string;
  readonly arn: string;
  readonly store: string;
};
export type PermissionSetRow = {
  readonly instance: string;
  readonly arn: string;
  readonly name: string;
  /** JSON text; empty where there is none. */
  readonly inline: string;
  /** Accounts that have a role for it. */
  readonly accounts: readonly string[];
  /** Those of them whose role is not as the permission set says now. */
  readonly behind: readonly string[];
  /** Why provisioning it fails, where it does. */
  readonly failure?: string;
};
export type AssignmentRow = {
  readonly permissionSet: string;
  readonly account: string;
  readonly type: 'USER' | 'GROUP';
  readonly principal: string;
};
export type ProvisioningRow = {
  readonly requestId: string;
  readonly permissionSet: string;
  readonly accounts: readonly string[];
  readonly status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  readonly startedAt: string;
};

/** Keyed by id. */
export const identityStores = table<{ readonly account: string; readonly region: string }>('aws.identitystore.stores');
/** Keyed by `store/user id`. */
export const storeUsers = table<StoreUserRow>('aws.identitystore.users');
/** Keyed by ARN. */
export const instances = table<InstanceRow>('aws.sso.instances');
export const permissionSets = table<PermissionSetRow>('aws.sso.permission-sets');
/** Keyed by `permission set ARN/account/principal`. */
export const assignments = table<AssignmentRow>('aws.sso.assignments');
/** Keyed by request id. */
export const provisionings = table<ProvisioningRow>('aws.sso.provisionings');
