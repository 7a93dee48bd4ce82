import type { JsonObject } from '../../model/json.ts';
import type { AzureAssignment } from '../../policy/azure.ts';
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

/** A secret with which an application signs in. */
export type PasswordRow = {
  readonly keyId: string;
  readonly displayName: string;
  readonly secret: string;
  /** It stands on the application or, as here where nothing is said, on the service principal. */
  readonly on?: 'application' | undefined;
};

/** A service principal or managed identity: what it may do in ARM, on data and in Graph. */
export type PrincipalRow = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly assignments: readonly AzureAssignment[];
  /** Graph application permissions, as `User.ReadWrite.All`. */
  readonly graph: readonly string[];
  /** What its roles of Entra's own allow, as `microsoft.directory/servicePrincipals/disable`. */
  readonly directory?: readonly string[];
  readonly appId?: string | undefined;
  /** Object id of its application in this tenant. */
  readonly applicationId?: string | undefined;
  /** What Graph calls `servicePrincipalType`; an application where nothing is said. */
  readonly kind?: 'Application' | 'ManagedIdentity';
  /** The tenant that the application is registered in, where it is another one. */
  readonly ownerTenant?: string | undefined;
  /** True where nothing is said: it may sign in. */
  readonly accountEnabled?: boolean;
  readonly passwords?: readonly PasswordRow[];
};

/** Keyed by the ARM id in lower case. */
export const resources = table<ResourceRow>('azure.arm.resources');
/** Keyed by object id. */
export const principals = table<PrincipalRow>('azure.entra.principals');

export const etagOf = ({ revision }: ResourceRow): string => `W/"sandbox-${revision}"`;
