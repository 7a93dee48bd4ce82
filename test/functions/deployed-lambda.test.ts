import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Settings } from '../../shared/config/settings.ts';
import { hmacSigner, readSigningKeys } from '../../shared/adapters/system/signer.ts';
import { own } from '../../shared/model/json.ts';
import { anchorDigest, anchorName, anchorText, daysBefore, StoredAnchor } from '../../shared/records/anchors.ts';
import { objects } from '../../shared/sandbox/aws/s3-rows.ts';
import { enableOutboundFederation } from '../../shared/sandbox/aws/sts-outbound.ts';
import { httpResponse, type HttpRequest } from '../../shared/sandbox/http.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { awsStacks, handingOn } from '../support/aws-stages.ts';
import { type Deployment, deployedLambda } from '../support/deployed-lambda.ts';
import { entraEndpoint } from '../support/entra-endpoint.ts';
import { readEvent } from '../support/events.ts';
import { builtOnce } from '../support/made-once.ts';
import { secretValue } from '../support/stack-in-sandbox.ts';
import { home } from '../support/stack-rights.ts';
import { tlsFront } from '../support/tls-front.ts';

const open: (() => Promise<void>)[] = [];
// what every test needs is made before their time begins
beforeAll(() => Promise.all([builtOnce(), awsStacks()]), 300_000);
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
async function deployed(deployment: Deployment) {
  const one = await deployedLambda(deployment);
  open.push(one.close);
  return one;
}

const leakedKey = () => readEvent('guardduty/leaked-access-key');
const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };
const { people } = Settings.parse({ people: [{ id: 'vera', roles: ['viewer'] }] });
const seen = (path: string) => ({
  ...{ rawPath: path, rawQueryString: '', headers: {} },
  requestContext: { http: { method: 'GET', path }, authorizer: { jwt: { claims: { sub: 'vera' } } } },
});
/** What lies in the bucket of a stack, by key. */
const keptIn = ({ rows }: Sandbox, bucket: string): readonly (readonly [key: string, body: string])[] =>
  rows.all(objects).flatMap(([, one]) => (one.bucket === bucket ? [[one.key, one.body] as const] : []));

const signer = hmacSigner(readSigningKeys(`k1:${secretValue}`));
/** An anchor of yesterday: without one the first look goes back over a year, day by day. */
async function anchorYesterday({ rows, clock }: Sandbox, bucket: string): Promise<void> {
  const at = daysBefore(clock.now(), 1);
  const body = { format: 1, seq: 0, at, previous: '', heads: [], watching: [] } as const;
  const digest = anchorDigest({ ...body, heads: [], watching: [] });
  const anchor = { ...body, digest, signature: await signer.sign(anchorText(digest)) };
  const key = `anchors/${anchorName(0)}`;
  rows.put(objects, `${bucket}/${key}`, { bucket, key, body: JSON.stringify(anchor), acl: 'private', modifiedAt: at });
}

describe('the built functions as the packaged template deploys them', () => {
  it('carry an event from the queue to containment and anchor its journal, each with its own role and variables', async () => {
    const { sandbox, stack, deliver, work, functionOf, refused } = await deployed({
      stage: 'production',
      settings: { people },
    });
    const bucket = String(stack['Evidence']?.Properties['BucketName']);
    await anchorYesterday(sandbox, bucket);
    expect(await deliver('Events', [leakedKey()])).toEqual({ batchItemFailures: [] });
    const [run = ''] = await work();
    sandbox.clock.advance(60); // a key that is off works for some seconds more
    expect(sandbox.can(key)).toBe(false);

    const [onRequest, onSchedule] = await Promise.all([functionOf('on-request'), functionOf('on-schedule')]);
    expect(await onRequest.invoke(seen(`/runs/${run}`))).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('"outcome":"contained"'),
    });
    expect(await onSchedule.invoke({})).toMatchObject({ started: [] });
    const kept = keptIn(sandbox, bucket);
    const [, [, text = 'null'] = []] = kept.filter(([name]) => name.startsWith('anchors/')).sort();
    const anchored = StoredAnchor.parse(JSON.parse(text));
    expect(anchored.heads.map((head) => head.run)).toEqual([run]);
    expect(await signer.verify(anchorText(anchored.digest), anchored.signature)).toBe(true);
    const evidence = kept.filter(([name]) => /^[0-9a-f]{64}$/.test(name)).map(([, body]) => body);
    expect(evidence.join()).toContain(String(own(leakedKey(), 'id')));
    expect(refused).toEqual([]);
  });

  it('hand events on to the home in Azure, with the token of the role that Entra trusts for it', async () => {
    const { azureTenant: tenant, azureHomeClientId: clientId, forwardTo } = handingOn;
    const topic = forwardTo.slice('event-topic:'.length);
    const taken: unknown[] = [];
    const take = ({ url, headers, body }: HttpRequest) => {
      const invited = headers['authorization'] === 'Bearer token for https://eventgrid.azure.net/.default';
      if (!invited || !url.href.startsWith(topic)) return httpResponse(401, {});
      taken.push(...JSON.parse(Buffer.from(body).toString()));
      return httpResponse(200, {});
    };
    const signIn: { at: string } = { at: '' };
    const relay = async ({ method, url, headers, body }: HttpRequest) => {
      const { 'content-type': type = 'text/plain' } = headers;
      const init = method === 'GET' ? {} : { method, headers: { 'content-type': type }, body: Buffer.from(body) };
      const response = await fetch(`${signIn.at}${url.pathname}${url.search}`, init);
      return httpResponse(response.status, { 'content-type': 'application/json' }, await response.text());
    };
    const entra = 'login.microsoftonline.com';
    const front = await tlsFront([entra, new URL(topic).host], async (request) =>
      request.url.host === entra ? relay(request) : take(request),
    );
    open.push(front.close);
    const { sandbox, deliver } = await deployed({
      stage: 'production',
      params: handingOn,
      internet: front.environment,
    });
    const { issuer, jwks } = await enableOutboundFederation(sandbox.rows, home);
    const subject = `arn:aws:iam::${home}:role/cordon-production-event`;
    const { url, answered } = await entraEndpoint({
      ...{ tenant, clientId, jwks, now: () => new Date(sandbox.clock.milliseconds) },
      trusts: { issuer, subject, audience: 'api://AzureADTokenExchange' },
      issue: async (scope) => `token for ${scope}`,
    });
    signIn.at = url;
    expect(await deliver('Events', [leakedKey()])).toEqual({ batchItemFailures: [] });
    expect(taken).toMatchObject([{ type: 'cordon.forwarded.v1', data: { cloud: 'aws', event: leakedKey() } }]);
    expect(answered.filter(({ path }) => path.endsWith('/token'))).toMatchObject([{ status: 200 }]);
    expect(new Set(sandbox.recorder.calls.map(({ operation }) => operation))).toEqual(
      new Set(['sts:GetWebIdentityToken']),
    );
  });
});
