import type { JsonObject } from '../../model/json.ts';
import type { AzureRequest } from '../../policy/azure-condition.ts';
import type { View } from '../rows.ts';
import type { World } from '../world.ts';
import type { PrincipalRow } from './rows.ts';

export type AzureHost = 'arm' | 'graph' | 'blob';

/** What an operation works with. */
export type AzureCall = {
  readonly world: World;
  /** Rows as this operation may see them: behind by the service's lag when it only reads. */
  readonly view: View;
  /** Undefined for an anonymous caller, which only Blob Storage serves. */
  readonly caller: PrincipalRow | undefined;
  readonly url: URL;
  /** What the path's `{name}` stand for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly bytes: Uint8Array;
  readonly requestId: string;
};

export type AzureAnswer = {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as they are instead of `body`. */
  readonly bytes?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A right the caller needs: an RBAC action on a scope, or one of some permissions of Graph and of Entra's roles. */
export type Need =
  | {
      readonly action: string;
      readonly scope: string;
      readonly data?: boolean;
      /** What conditions of role assignments may ask about. */
      readonly attributes?: AzureRequest['attributes'];
    }
  | { readonly anyOf: readonly string[] };

/** One operation of a host, found by method and path. */
export type AzureOperation = {
  readonly host: AzureHost;
  readonly method: string;
  /** `/subscriptions/{subscription}/…`; a name in braces is one segment, `{name*}` all that are left. */
  readonly path: string;
  /** Name in the record and for faults, as `Microsoft.Network/networkSecurityGroups/write`. */
  readonly operation: string;
  readonly reads: boolean;
  /** Every right that is needed; by default the operation itself on the path's resource. */
  readonly needs?: (call: AzureCall) => readonly Need[];
  /** Only when the query has this parameter, with this value unless empty, as `comp=tags`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Served without a caller when this says so. */
  readonly anonymous?: (call: AzureCall) => boolean;
  does(call: AzureCall): AzureAnswer | Promise<AzureAnswer>;
};
