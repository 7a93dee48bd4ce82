import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAll } from '../../functions/build.ts';
import { leakedKey, sqsEvent } from '../support/doors.ts';
import { startDynalite } from '../support/dynalite.ts';

const run = promisify(execFile);
const playbook = `
id: leaked-key
title: Turn a leaked access key off
on: { finding: { provider: [guardduty] } }
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
`;

let folder = '';
let made: Awaited<ReturnType<typeof buildAll>> | undefined;
const out = () => join(folder, 'dist');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-build-'));
  await writeFile(join(folder, 'leaked-key.yaml'), playbook);
  made = await buildAll({ playbooks: folder, out: out() });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A function of the bundle, called once in a process of its own. */
async function call(file: string, environment: Record<string, string>, event: unknown): Promise<unknown> {
  const script = `
    const { handler } = await import(${JSON.stringify(join(out(), file))});
    const context = { getRemainingTimeInMillis: () => 300000 };
    const answer = await handler(${JSON.stringify(event)}, context).catch((thrown) => ({ thrown: thrown.message }));
    process.stdout.write('\\n' + JSON.stringify(answer));
  `;
  const { PATH = '' } = process.env;
  const env = { PATH, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };
  const { stdout } = await run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
    {
      env: { ...env, ...environment },
      cwd: folder,
    },
  );
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
}

/** All files that are read before an entry can be called. */
function eager(cloud: 'aws' | 'azure', entry: string): readonly string[] {
  const outputs = made?.[cloud].outputs ?? {};
  const inputs = new Set<string>();
  const seen = new Set<string>();
  const open = Object.keys(outputs).filter((path) => path.endsWith(`/${cloud}/${entry}.js`));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const input of Object.keys(outputs[path]?.inputs ?? {})) inputs.add(input);
    for (const { kind, path: next, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) open.push(next);
  }
  return [...inputs];
}

describe('the build', () => {
  it('makes a folder for each cloud that holds all it needs', async () => {
    expect((await readdir(join(out(), 'aws'))).sort()).toEqual(
      [
        'chunks',
        'on-event.js',
        'on-request.js',
        'on-run.js',
        'on-schedule.js',
        'package.json',
        'playbooks.json',
      ].sort(),
    );
    expect((await readdir(join(out(), 'azure'))).sort()).toEqual(
      ['chunks', 'host.json', 'main.js', 'package.json', 'playbooks.json'].sort(),
    );
    expect(JSON.parse(await readFile(join(out(), 'azure/package.json'), 'utf8'))).toEqual({
      type: 'module',
      main: 'main.js',
    });
  });

  it('reads neither YAML, nor an SDK, nor an action before an event can be taken', () => {
    const early = eager('aws', 'on-event');
    expect(early).toContain('functions/aws/on-event.ts');
    expect(
      early.filter((path) => /node_modules\/(yaml|@aws-sdk|@smithy|@azure)|shared\/(actions|sandbox)/.test(path)),
    ).toEqual([]);
    expect(
      eager('azure', 'main').filter((path) => /node_modules\/(yaml|@aws-sdk|@azure\/(arm|identity))/.test(path)),
    ).toEqual([]);
  });

  it('refuses playbooks that do not check, with every problem', async () => {
    const wrong = await mkdtemp(join(tmpdir(), 'cordon-wrong-'));
    await writeFile(join(wrong, 'a.yaml'), playbook.replace('disable-access-key', 'disable-acces-key'));
    await writeFile(join(wrong, 'b.yaml'), playbook.replace('title:', 'titel:'));
    const built = buildAll({ playbooks: wrong, out: join(wrong, 'dist') });
    await expect(built).rejects.toThrow(/a\.yaml:\d+:\d+[^\n]*disable-acces-key[\s\S]*b\.yaml:\d+:\d+/);
    await rm(wrong, { recursive: true });
  });
});

const settings = JSON.stringify({
  aws: { accounts: { '111122223333': { externalId: 'northwind-cordon-7f3a91c2' } } },
  maxEventAgeHours: 1_000_000,
});

/** A service that answers everything alike and keeps what it was asked. */
async function standIn(status: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.writeHead(status).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  return { asked, url: `http://127.0.0.1:${port}`, close: async () => void server.close() };
}

describe('the bundle on Lambda', () => {
  it('takes an event from the environment it is given, and starts the run at Lambda', async () => {
    const lambda = await standIn(202);
    const environment = {
      LAMBDA_TASK_ROOT: folder,
      CORDON_SETTINGS: settings,
      CORDON_PLAYBOOKS: 'dist/aws/playbooks.json',
      CORDON_RECORDS: `sqlite:${join(folder, 'cordon.db')}`,
      CORDON_RUN_FUNCTION: 'cordon-on-run',
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    };
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    expect(await call('aws/on-event.js', environment, event)).toEqual({ batchItemFailures: [] });
    expect(lambda.asked).toEqual(['POST /2015-03-31/functions/cordon-on-run/invocations']);
    expect(await call('aws/on-schedule.js', environment, {})).toMatchObject({ started: [expect.any(String)] });
    await lambda.close();
  });

  const whole = {
    CORDON_RUN_FUNCTION: 'cordon-on-run',
    CORDON_SETTINGS: '{}',
    CORDON_PLAYBOOKS: '[]',
    CORDON_RECORDS: 'sqlite::memory:',
  };
  it.each([
    ['nothing', {}, /^CORDON_SETTINGS: is not set/],
    ['settings of another shape', { ...whole, CORDON_SETTINGS: '{"stag":"x"}' }, /^CORDON_SETTINGS: .*stag/],
    ['a file that is not there', { ...whole, CORDON_PLAYBOOKS: 'nope.json' }, /^CORDON_PLAYBOOKS: .*nope\.json/],
    [
      'a store that no host has',
      { ...whole, CORDON_RECORDS: 'redis:cordon' },
      /^CORDON_RECORDS: there is no store "redis"/,
    ],
    ['a table that can be none', { ...whole, CORDON_RECORDS: 'dynamodb:a/b' }, /^CORDON_RECORDS: "a\/b" names no/],
    ['a table alone', { ...whole, CORDON_RECORDS: 'dynamodb:cordon' }, /^CORDON_EVIDENCE: is not set/],
    [
      'evidence in a store of another cloud',
      { ...whole, CORDON_RECORDS: 'dynamodb:cordon', CORDON_EVIDENCE: 'blobs:cordon' },
      /^CORDON_EVIDENCE: there is no store "blobs"/,
    ],
    ['evidence beside SQLite', { ...whole, CORDON_EVIDENCE: 's3:cordon' }, /^CORDON_EVIDENCE: is set, but sqlite/],
  ])('says which variable is wrong when it is called: %s', async (_, environment, message) => {
    const answer = await call('aws/on-run.js', environment, { runId: 'a'.repeat(26) });
    expect(answer).toMatchObject({ thrown: expect.stringMatching(message) });
  });

  it('wires what carries runs on and what answers people, without calling a cloud', async () => {
    const run = await call('aws/on-run.js', whole, { runId: 'a'.repeat(26) });
    expect(run).toMatchObject({ thrown: expect.stringMatching(/^there is no run/) });
    const authorizer = { jwt: { claims: { sub: 'vera' } } };
    const http = { method: 'GET', path: '/playbooks' };
    const event = { rawPath: '/playbooks', rawQueryString: '', headers: {}, requestContext: { http, authorizer } };
    const settings = JSON.stringify({ people: [{ id: 'vera', roles: ['viewer'] }] });
    expect(await call('aws/on-request.js', { ...whole, CORDON_SETTINGS: settings }, event)).toMatchObject({
      statusCode: 200,
      body: '{"playbooks":[]}',
    });
  });

  it('keeps runs in DynamoDB and their events in S3, which it loads when the first one comes', async () => {
    const [dynalite, s3] = await Promise.all([startDynalite(), standIn(200)]);
    const lambda = await standIn(202);
    await dynalite.createTable('cordon-records');
    const environment = {
      ...whole,
      CORDON_SETTINGS: settings,
      CORDON_PLAYBOOKS: 'dist/aws/playbooks.json',
      LAMBDA_TASK_ROOT: folder,
      CORDON_RECORDS: 'dynamodb:cordon-records',
      CORDON_EVIDENCE: 's3:cordon-evidence/staging',
      AWS_ENDPOINT_URL_DYNAMODB: dynalite.local.endpoint,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    };
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    expect(await call('aws/on-event.js', environment, event)).toEqual({ batchItemFailures: [] });
    expect(s3.asked.join()).toMatch(/PUT \S*\/staging\/[0-9a-f]{64}/);
    expect(await call('aws/on-schedule.js', environment, {})).toMatchObject({ started: [expect.any(String)] });
    await Promise.all([dynalite.stop(), s3.close(), lambda.close()]);
  });

  it('has every entry that serverless.yml names', async () => {
    const text = await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8');
    const entries = [...text.matchAll(/handler: dist\/aws\/([\w-]+)\.handler/g)].map(([, entry]) => `${entry}.js`);
    const files = await readdir(join(out(), 'aws'));
    expect(entries).toHaveLength(4);
    expect(entries.filter((entry) => !files.includes(entry))).toEqual([]);
  });
});

describe('the bundle on Functions', () => {
  /** Loads the bundle as the worker does, and calls one function. */
  async function invoked(environment: Record<string, string>, event: unknown): Promise<unknown> {
    const support = new URL('../support/functions-host.ts', import.meta.url).href;
    const script = `
      const { functionsHost, json } = await import(${JSON.stringify(support)});
      const host = functionsHost();
      await import(${JSON.stringify(join(out(), 'azure/main.js'))});
      const answer = await host.invoke('on-event-grid', json(${JSON.stringify(event)})).catch((thrown) => thrown.message);
      process.stdout.write('\\n' + JSON.stringify({ names: [...host.functions.keys()], answer }));
    `;
    const { PATH = '' } = process.env;
    const env = { PATH, AzureWebJobsScriptRoot: join(out(), 'azure'), ...environment };
    const quiet = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
    const { stdout } = await run(process.execPath, quiet, { env });
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
  }

  it('registers every function with the worker, and says what is missing only when one is called', async () => {
    expect(await invoked({}, {})).toEqual({
      names: ['on-event-grid', 'on-event-hub', 'on-inbox', 'on-run', 'on-request', 'on-schedule'],
      answer: 'CORDON_SETTINGS: is not set',
    });
  });

  it('takes an event from the environment it is given, and puts its run into the queue', async () => {
    const settings = {
      aws: { accounts: { '111122223333': { externalId: 'northwind-cordon-7f3a91c2' } } },
      maxEventAgeHours: 1_000_000,
    };
    const environment = {
      CORDON_SETTINGS: JSON.stringify(settings),
      CORDON_PLAYBOOKS: 'playbooks.json',
      CORDON_RECORDS: 'sqlite::memory:',
    };
    expect(await invoked(environment, leakedKey())).toMatchObject({
      answer: { queues: { 'cordon-runs': [{ runId: expect.stringMatching(/^[a-z2-7]{26}$/) }] } },
    });
  });
});
