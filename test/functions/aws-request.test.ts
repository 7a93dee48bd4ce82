import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { identifyByGateway } from '../../functions/aws/identify.ts';
import { createHandler } from '../../functions/aws/on-request.ts';
import { lambdaStarter } from '../../shared/adapters/aws/starter.ts';
import { isObject } from '../../shared/model/json.ts';
import { person } from '../support/api.ts';
import { doors, leakedKey } from '../support/doors.ts';
import { memory } from '../support/store.ts';

type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};
type Authorizer = object | undefined;

/** What an HTTP API hands over (payload format 2.0), with what its authorizer has proven. */
const gatewayEvent = (
  authorizer: Authorizer,
  { method = 'GET', path = '/playbooks', body, headers = {} }: Sent = {},
): APIGatewayProxyEventV2 => {
  const requestContext = {
    accountId: '999988887777',
    apiId: 'a1b2c3d4e5',
    domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
    domainPrefix: 'a1b2c3d4e5',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl' },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: 'ANY /{path+}',
    stage: '$default',
    time: '20/Nov/2026:09:05:00 +0000',
    timeEpoch: 1_795_165_500_000,
    ...(authorizer && { authorizer }),
  };
  return {
    version: '2.0',
    routeKey: 'ANY /{path+}',
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', host: requestContext.domainName, ...headers },
    requestContext,
    isBase64Encoded: false,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
};

const jwt = (sub: string) => ({ jwt: { claims: { sub, iss: 'https://login.example' }, scopes: null } });
const iam = (userArn: string) => ({
  iam: {
    accessKey: 'ASIAEXAMPLE',
    accountId: '999988887777',
    callerId: 'AROAEXAMPLE:x',
    userArn,
    userId: 'AROAEXAMPLE:x',
  },
});
const role = 'arn:aws:sts::999988887777:assumed-role/Responders';
const maria =
  'arn:aws:sts::999988887777:assumed-role/AWSReservedSSO_Responder_0123456789abcdef/maria.lind@northwind.example';

const people = [person('sub-1', ['responder']), person(role, ['viewer']), person(maria, ['viewer'])];

function handlerOf() {
  const { deps, known, started } = doors({ people });
  known(leakedKey());
  const handle = createHandler({
    ...deps,
    identify: identifyByGateway,
    deadline: () => AbortSignal.timeout(10_000),
    report: () => undefined,
  });
  const ask = async (authorizer: Authorizer, sent?: Sent) => {
    const event: unknown = gatewayEvent(authorizer, sent);
    const answer: unknown = await handle(event as Parameters<typeof handle>[0], undefined); // Lambda's own type of the same thing
    if (!isObject(answer)) throw new TypeError('no answer');
    return { status: answer['statusCode'], body: JSON.parse(String(answer['body'])), headers: answer['headers'] };
  };
  return { ask, started };
}

describe('on-request on Lambda', () => {
  it.each([
    ['the subject of a token', jwt('sub-1'), 200],
    ['a role, whatever the session calls itself', iam(`${role}/anything`), 200],
    ['a person of Identity Center', iam(maria), 200],
    ['another person of that role', iam(maria.replace('maria.lind', 'jonas.berg')), 403],
    ['somebody who names a session after a listed person', iam(`${role.replace('Responders', 'Others')}/sub-1`), 403],
    ['an empty subject', jwt(''), 401],
    ['no authorizer at all', undefined, 401],
  ])('knows a caller as %s', async (_, authorizer, status) => {
    expect((await handlerOf().ask(authorizer)).status).toBe(status);
  });

  it('believes no header', async () => {
    const headers = {
      authorization: 'Bearer sub-1',
      'x-amzn-request-context': JSON.stringify({ authorizer: jwt('sub-1') }),
    };
    expect((await handlerOf().ask(undefined, { headers })).status).toBe(401);
  });

  it('opens a run and answers with where it is', async () => {
    const { ask, started } = handlerOf();
    const body = { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' };
    const answer = await ask(jwt('sub-1'), { method: 'POST', path: '/runs', body });
    expect(answer).toMatchObject({ status: 202, body: { runs: [{ mode: 'enforce' }] } });
    expect(answer.headers).toMatchObject({ location: `/runs/${started[0]}` });
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('starting a run on Lambda', () => {
  type HttpRequest = { readonly path: string; readonly headers: Record<string, string>; readonly body: Uint8Array };
  const lambda = (statusCode: number) => {
    const seen: HttpRequest[] = [];
    const requestHandler = {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request: HttpRequest) => {
        seen.push(request);
        const headers = statusCode === 202 ? {} : { 'x-amzn-errortype': 'TooManyRequestsException' };
        return { response: { statusCode, headers, body: new Uint8Array() } };
      },
    };
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
    const options = { functionName: 'cordon-on-run:durable', region: 'eu-west-1', requestHandler };
    return { seen, starter: lambdaStarter({ ...options, home: async () => memory() }) };
  };

  it('is an asynchronous invocation under the name of the run, with its id and nothing else', async () => {
    const { seen, starter } = lambda(202);
    await starter.start('a'.repeat(26));
    expect(seen).toHaveLength(1);
    expect(decodeURIComponent(seen[0]?.path ?? '')).toBe('/2015-03-31/functions/cordon-on-run:durable/invocations');
    expect(seen[0]?.headers['x-amz-durable-execution-name']).toBe('a'.repeat(26));
    expect(seen[0]?.headers['x-amz-invocation-type']).toBe('Event');
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe(`{"runId":"${'a'.repeat(26)}"}`);
  });

  it('that Lambda refuses is a fault that may pass, tried once', async () => {
    const { seen, starter } = lambda(429);
    await expect(starter.start('a'.repeat(26))).rejects.toMatchObject({ code: 'not-started', retryable: true });
    expect(seen).toHaveLength(1);
  });
});
