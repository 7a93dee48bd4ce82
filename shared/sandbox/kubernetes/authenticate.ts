import { authenticate as awsCaller } from '../aws/authenticate.ts';
import { AwsFault } from '../aws/protocol/fault.ts';
import { readSignature } from '../aws/protocol/wire.ts';
import { principalWith } from '../azure/authenticate.ts';
import { AzureFault } from '../azure/fault.ts';
import type { PrincipalRow } from '../azure/rows.ts';
import type { HttpRequest } from '../http.ts';
import type { World } from '../world.ts';
import { KubernetesFault } from './fault.ts';
import type { ClusterRow } from './rows.ts';

/** Who asks: in the cloud's words, with the groups of an EKS caller or the principal of an AKS one. */
export type ClusterCaller = {
  readonly id: string;
  readonly groups: readonly string[];
  readonly principal?: PrincipalRow;
};

const unauthorized = (): KubernetesFault => new KubernetesFault(401, 'Unauthorized', 'Unauthorized');
const aksAudience = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** The call to STS that an EKS token is: made as the cluster makes it, with its own name in the header that was signed. */
function callerOfToken(world: World, { name }: ClusterRow, token: string): string {
  const [prefix, text = ''] = token.split('.');
  const url = URL.parse(Buffer.from(text, 'base64url').toString());
  if (prefix !== 'k8s-aws-v1' || !url || !/^sts[.][a-z0-9-]+[.]amazonaws[.]com$/.test(url.host)) throw unauthorized();
  if (url.searchParams.get('Action') !== 'GetCallerIdentity') throw unauthorized();
  const headers = { host: url.host, 'x-k8s-aws-id': name };
  const request: HttpRequest = { method: 'GET', url, headers, body: new Uint8Array() };
  const signature = readSignature(request);
  if (signature?.service !== 'sts' || !signature.signedHeaders.includes('x-k8s-aws-id')) throw unauthorized();
  if ((signature.expiresSeconds ?? Number.POSITIVE_INFINITY) > 900) throw unauthorized();
  try {
    return awsCaller(world, request, signature).arn;
  } catch (thrown) {
    if (thrown instanceof AwsFault) throw unauthorized();
    throw thrown;
  }
}

/** Access entries name the role, not its sessions. */
const entryArn = (arn: string): string => arn.replace(/:sts::(\d+):assumed-role\/([^/]+)\/.*$/, ':iam::$1:role/$2');

function aksCaller(world: World, token: string): ClusterCaller {
  try {
    const principal = principalWith(world, aksAudience, `Bearer ${token}`);
    if (!principal) throw unauthorized();
    return { id: principal.id, groups: [], principal };
  } catch (thrown) {
    if (thrown instanceof AzureFault) throw unauthorized();
    throw thrown;
  }
}

/** Who sent a request to an API server; 401 for whoever the cluster does not let in. */
export function clusterCaller(world: World, cluster: ClusterRow, { headers }: HttpRequest): ClusterCaller {
  const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
  if (token === undefined) throw unauthorized();
  if (cluster.cloud === 'azure') return aksCaller(world, token);
  const id = callerOfToken(world, cluster, token);
  const groups = cluster.accessEntries[entryArn(id)];
  if (!groups) throw unauthorized();
  return { id, groups };
}
