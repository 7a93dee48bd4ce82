import { createHash, createHmac } from 'node:crypto';

type Signing = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
type Wish = { readonly cluster: string; readonly partition: string; readonly region: string; readonly now: Date };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * A token for an EKS cluster: a GetCallerIdentity that the cluster makes itself, signed for this one cluster
 * (docs.aws.amazon.com/eks, "Grant IAM users access to Kubernetes"). The cluster takes it for 15 minutes.
 */
export function eksToken(credentials: Signing, { cluster, partition, region, now }: Wish): string {
  const host = `sts.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const date = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = `${date.slice(0, 8)}/${region}/sts/aws4_request`;
  const query = Object.entries({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '60',
    ...(credentials.sessionToken !== undefined && { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&'); // in the order of their names, as the signature wants them
  const request = ['GET', '/', query, `host:${host}`, `x-k8s-aws-id:${cluster}`, '', 'host;x-k8s-aws-id', sha256('')];
  const key = scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(request.join('\n'))].join('\n')).toString('hex');
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}
