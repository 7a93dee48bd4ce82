import { CordonError } from '../../model/error.ts';

/** Where a cluster's API server is, and the authority that signs its certificate (PEM). */
export type ClusterAddress = { readonly server: string; readonly certificateAuthority: string };

/** A request to an API server; `path` has its query. */
export type ClusterRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or empty. */
  readonly body: string;
};

/** What an API server answers. Header names are lower case. */
export type ClusterAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Asks one cluster's API server as the session's own identity; asked before and noted as every call of a session is. */
export type Cluster = {
  /** Its name (EKS) or its ARM id (AKS): what its resources are named after in a plan. */
  readonly name: string;
  send(request: ClusterRequest, signal: AbortSignal): Promise<ClusterAnswer>;
};

/** A cluster that must be there, as for a change. Throws where it is gone. */
export function stillThere(cluster: Cluster | undefined, name: string): Cluster {
  if (cluster) return cluster;
  throw new CordonError({
    code: 'cluster-gone',
    message: `there is no cluster ${name} any more`,
    remedy: 'What was in it is gone with it; end the containment by hand.',
  });
}
