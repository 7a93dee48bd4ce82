import type { JsonObject } from '../../model/json.ts';
import type { AzureRole } from '../../policy/azure.ts';
import { table } from '../rows.ts';

/** An ARM resource as the wire shows it, without its etag. */
export type ResourceRow = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: JsonObject;
  /** Counts the writes; the etag is made of it. */
  readonly revision: number;
  readonly extra: JsonObject;
};

/** A service principal or managed identity: what it may do in ARM, on data and in Graph. */
export type PrincipalRow = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly assignments: readonly { readonly scope: string; readonly role: AzureRole }[];
  /** Graph application permissions, as `User.ReadWrite.All`. */
  readonly graph: readonly string[];
};

/** Keyed by the ARM id in lower case. */
export const resources = table<ResourceRow>('azure.arm.resources');
/** Keyed by object id. */
export const principals = table<PrincipalRow>('azure.entra.principals');

export const etagOf = ({ revision }: ResourceRow): string => `W/"sandbox-${revision}"`;
