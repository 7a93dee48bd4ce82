import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import { actionsOf } from '../../action/action.ts';
import type { Session } from '../../ports/clouds.ts';
import type { Cluster, ClusterAddress } from '../kubernetes/cluster.ts';
import { azureFault } from './fault.ts';

/** Options that every Azure SDK client takes: the transport, no retries of its own, the record of calls. */
export type AzureClientOptions = {
  readonly httpClient?: HttpClient;
  /** ARM clients read `maxRetries`, storage clients `maxTries`. */
  readonly retryOptions: { readonly maxRetries: number; readonly maxTries: number };
  readonly additionalPolicies: { readonly policy: PipelinePolicy; readonly position: 'perCall' | 'perRetry' }[];
};

/** Constructor of an ARM client: one subscription at a time. */
export type ArmClient<C> = new (credential: TokenCredential, subscription: string, options: AzureClientOptions) => C;
/** Constructor of a data-plane client: one URL at a time. It names the type of its transport otherwise and takes the same one. */
export type DataClient<C> = new (
  url: string,
  credential: TokenCredential,
  options: Omit<AzureClientOptions, 'httpClient'>,
) => C;

/** One subscription, and the tenant it belongs to. */
export type AzureSession = Session & {
  readonly cloud: 'azure';
  readonly tenant: string;
  readonly subscription: string;
  /** Where malicious blobs are kept; undefined where none is configured. */
  readonly quarantineStorageAccount: string | undefined;
  client<C>(Client: ArmClient<C>): C;
  open<C>(Client: DataClient<C>, url: string): C;
  /** The API server of an AKS cluster, by the cluster's ARM id, asked with a token of this session's identity. */
  kubernetes(clusterId: string, address: ClusterAddress): Cluster;
  /** A bearer token for an audience, to be handed on where a service fetches something itself, as a copy its source. */
  token(audience: string, signal: AbortSignal): Promise<string>;
  /** A call to Microsoft Graph v1.0; `path` starts with a slash. Throws what the SDKs throw. */
  graph(method: 'GET' | 'POST' | 'PATCH', path: string, signal: AbortSignal, body?: object): Promise<unknown>;
  /** A call to Resource Manager that no client here makes, as a list or an action; `path` has its `api-version`. Throws what the SDKs throw. */
  arm(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: object): Promise<unknown>;
};

const isAzure = (session: unknown): session is AzureSession =>
  typeof session === 'object' && session !== null && 'cloud' in session && session.cloud === 'azure';

/** Declares an Azure action; its grants may name `{subscription}`, `{tenant}` and its inputs. */
export const azureAction = actionsOf<AzureSession>({
  cloud: 'azure',
  names: ['subscription', 'tenant'],
  fault: azureFault,
  enter(session) {
    if (isAzure(session)) return session;
    throw new TypeError('an Azure action was given a session of another cloud');
  },
});
