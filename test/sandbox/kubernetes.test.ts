import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eksToken } from '../../shared/adapters/aws/eks-token.ts';
import { own } from '../../shared/model/json.ts';
import { accessKeys } from '../../shared/sandbox/aws/iam-rows.ts';
import { reachPod } from '../../shared/sandbox/kubernetes/reach.ts';
import { clusters } from '../../shared/sandbox/kubernetes/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { northwindSandbox, production, writerPrincipal } from '../support/company.ts';
import { aksHost, checkoutPod, eksHost, objectAt, reaches, rewriteObject } from '../support/kubernetes.ts';

const pods = '/api/v1/namespaces/shop/pods';
const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';

type Ask = { readonly method?: string; readonly path: string; readonly token?: string; readonly body?: object };

async function ask(sandbox: Sandbox, host: string, { method = 'GET', path, token, body }: Ask) {
  const headers: Record<string, string> = {
    'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const request = { method, path, headers, body: body ? JSON.stringify(body) : '' };
  const answer = await sandbox.clusters({ server: `https://${host}` }, request, AbortSignal.timeout(1_000));
  return { status: answer.status, body: JSON.parse(answer.body) };
}

/** A token of the CI user, who is let into the cluster first. */
function ciToken(sandbox: Sandbox, cluster = 'shop', secret = 'ci-deploy-secret'): string {
  const { rows } = sandbox;
  const row = rows.get(clusters, eksHost);
  if (!row) throw new Error('the estate has no EKS cluster');
  const accessEntries = { [`arn:aws:iam::${production}:user/ci-deploy`]: ['cordon-writers', 'cordon-readers'] };
  rows.put(clusters, eksHost, { ...row, accessEntries });
  const credentials = { accessKeyId: 'AKIACIDEPLOY00000001', secretAccessKey: secret };
  return eksToken(credentials, { cluster, partition: 'aws', region: 'eu-west-1', now: new Date(0) });
}

describe('the API server of an EKS cluster', () => {
  it('lets in whom an access entry names, by a call to STS that was signed for it', async () => {
    const sandbox = northwindSandbox();
    const token = ciToken(sandbox);
    const { status, body } = await ask(sandbox, eksHost, { path: `${pods}?limit=2`, token });
    expect([status, body.items.length, body.metadata.continue]).toEqual([200, 2, '2']);
    const rest = await ask(sandbox, eksHost, { path: `${pods}?limit=2&continue=2`, token });
    expect([rest.body.items.length, rest.body.metadata.continue]).toEqual([1, undefined]);
  });

  it.each<readonly [string, (sandbox: Sandbox) => string | undefined]>([
    ['nobody', () => undefined],
    ['a token that was signed for another cluster', (sandbox) => ciToken(sandbox, 'other')],
    ['a token that was signed with another secret', (sandbox) => ciToken(sandbox, 'shop', 'guessed')],
    ['text that is no token', () => 'k8s-aws-v1.bm90IGEgdXJs'],
    [
      'a key that was turned off since',
      (sandbox) => {
        const token = ciToken(sandbox);
        const key = sandbox.rows.get(accessKeys, 'AKIACIDEPLOY00000001');
        if (key) sandbox.rows.put(accessKeys, 'AKIACIDEPLOY00000001', { ...key, status: 'Inactive' });
        return token;
      },
    ],
  ])('does not let in %s', async (_, tokenOf) => {
    const sandbox = northwindSandbox();
    const token = tokenOf(sandbox);
    expect((await ask(sandbox, eksHost, { path: pods, ...(token && { token }) })).status).toBe(401);
  });

  it('has the groups that the manifest of the deployment lets in, with the same rules', () => {
    const file = new URL('../../functions/aws/deploy/cluster-access.yml', import.meta.url);
    const documents: unknown[] = parseAllDocuments(readFileSync(file, 'utf8')).map((one) => one.toJS());
    const bound = documents.filter((one) => own(one, 'kind') === 'ClusterRoleBinding');
    const groups = Object.fromEntries(
      bound.map((binding) => {
        const role = documents.find(
          (one) =>
            own(one, 'kind') === 'ClusterRole' &&
            own(own(one, 'metadata'), 'name') === own(own(binding, 'roleRef'), 'name'),
        );
        return [own(own(own(binding, 'subjects'), '0'), 'name'), own(role, 'rules')];
      }),
    );
    expect(groups).toEqual(northwindSandbox().rows.get(clusters, eksHost)?.groups);
  });
});

describe('an API server', () => {
  it('refuses what was written over in between, what is there already, and labels that are none', async () => {
    const sandbox = northwindSandbox();
    const { token } = await sandbox
      .credential(writerPrincipal)
      .getToken('6dae42f8-4368-4678-94ff-3960e28e3630/.default');
    const path = `${pods}/cart-7d9f8b6c5-x2k4q`;
    const patched = (metadata: object) => ask(sandbox, aksHost, { method: 'PATCH', path, token, body: { metadata } });
    expect((await patched({ resourceVersion: '1', labels: { team: 'shop' } })).status).toBe(200);
    expect((await patched({ resourceVersion: '1', labels: { team: null } })).body.reason).toBe('Conflict');
    expect((await patched({ labels: { team: 'not a value' } })).body.reason).toBe('Invalid');
    const body = { metadata: { name: 'cart-db' }, spec: { podSelector: {} } };
    expect((await ask(sandbox, aksHost, { method: 'POST', path: policies, token, body })).body.reason).toBe(
      'AlreadyExists',
    );
  });

  it('of AKS takes no token for another audience, and asks Azure RBAC', async () => {
    const sandbox = northwindSandbox();
    const tokenFor = async (audience: string) => (await sandbox.credential(writerPrincipal).getToken(audience)).token;
    const arm = await tokenFor('https://management.azure.com/.default');
    expect((await ask(sandbox, aksHost, { path: pods, token: arm })).status).toBe(401);
    const token = await tokenFor('6dae42f8-4368-4678-94ff-3960e28e3630/.default');
    const { status, body } = await ask(sandbox, aksHost, { path: '/api/v1/namespaces/shop/services', token });
    expect([status, body.reason]).toEqual([403, 'Forbidden']);
  });
});

describe('the network of a cluster', () => {
  it('adds policies up, and applies none to the network of a node', () => {
    const sandbox = northwindSandbox();
    expect(reaches(sandbox, eksHost, [checkoutPod, 'orders-db-0'], 5432)).toBe(true);
    expect(reaches(sandbox, eksHost, [checkoutPod, 'orders-db-0'], 22)).toBe(false);
    expect(reaches(sandbox, eksHost, ['orders-db-0', checkoutPod], 8080)).toBe(false); // default-deny lets nothing out of it
    const node = { namespace: 'kube-system', pod: 'aws-node-7x2k9' };
    const to = { namespace: 'shop', pod: checkoutPod };
    expect(reachPod(sandbox, { host: eksHost, from: node, to, port: 8080 })).toBe('connected');
    expect(reachPod(sandbox, { host: eksHost, from: to, to: { namespace: 'shop', pod: 'gone' }, port: 1 })).toBe(
      'blocked',
    );
  });

  it('enforces nothing without a plugin', () => {
    const sandbox = northwindSandbox();
    const row = sandbox.rows.get(clusters, eksHost);
    if (row) sandbox.rows.put(clusters, eksHost, { ...row, enforcesPolicies: false });
    expect(reaches(sandbox, eksHost, [checkoutPod, 'orders-db-0'], 22)).toBe(true);
  });

  it('puts another pod in the place of one that its set does not select any more', async () => {
    const sandbox = northwindSandbox();
    const token = ciToken(sandbox);
    const path = `${pods}/${checkoutPod}`;
    const label = (app: string | null) =>
      ask(sandbox, eksHost, { method: 'PATCH', path, token, body: { metadata: { labels: { app } } } });
    await label(null);
    expect(objectAt(sandbox, eksHost, 'pods', checkoutPod).owner).toBeUndefined();
    expect(objectAt(sandbox, eksHost, 'pods', 'checkout-7d9f8c6b5-r0001').labels).toMatchObject({ app: 'checkout' });
    rewriteObject(sandbox, objectAt(sandbox, eksHost, 'pods', checkoutPod), () => ({ annotations: { looked: 'at' } }));
    await label('checkout');
    expect(objectAt(sandbox, eksHost, 'pods', checkoutPod).owner?.name).toBe('checkout-7d9f8c6b5');
    expect(() => objectAt(sandbox, eksHost, 'pods', 'checkout-7d9f8c6b5-r0001')).toThrow('the estate has no pods');
  });
});
