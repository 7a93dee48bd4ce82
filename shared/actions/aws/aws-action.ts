import { actionsOf } from '../../action/action.ts';
import type { Session } from '../../ports/clouds.ts';
import type { Cluster, ClusterAddress } from '../kubernetes/cluster.ts';
import { awsFault } from './fault.ts';

/** Constructor of an AWS SDK client, as far as an action needs to know it. */
export type AwsClient<C> = new (config: AwsClientConfig) => C;
export type AwsClientConfig = {
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
};

/** One account and region. The action names the client class; the adapter makes it once, with its limits and its record. */
export type AwsSession = Session & {
  readonly cloud: 'aws';
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  client<C>(Client: AwsClient<C>): C;
  /** The API server of an EKS cluster, asked with a token that this session's credentials sign. */
  kubernetes(name: string, address: ClusterAddress): Cluster;
  /** The same rights for another region or account of the same stage, as Identity Center's home needs. */
  elsewhere(place: { readonly account?: string; readonly region?: string }): Promise<AwsSession>;
};

const isAws = (session: unknown): session is AwsSession =>
  typeof session === 'object' && session !== null && 'cloud' in session && session.cloud === 'aws';

/** Declares an AWS action; its grants may name `{partition}`, `{account}`, `{region}` and its inputs. */
export const awsAction = actionsOf<AwsSession>({
  cloud: 'aws',
  names: ['partition', 'account', 'region'],
  fault: awsFault,
  enter(session) {
    if (isAws(session)) return session;
    throw new TypeError('an AWS action was given a session of another cloud');
  },
});
