import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildAll } from '../../functions/build.ts';
import { eagerFiles } from '../../functions/bundle.ts';
import { leakedKey, sqsEvent } from '../support/doors.ts';
import { startDynalite } from '../support/dynalite.ts';
import { type Built, builtOnce } from '../support/made-once.ts';

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
let built: Built | undefined;
const out = () => built?.folder ?? '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-build-'));
  built = await builtOnce();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As the functions are deployed: nobody turns text into code, and no object's prototype can be reached by name. */
const strict = [
  '--disable-warning=ExperimentalWarning',
  '--disallow-code-generation-from-strings',
  '--disable-proto=delete',
];

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
  const { stdout } = await run(process.execPath, [...strict, '--input-type=module', '-e', script], {
    env: { ...env, ...environment },
    cwd: folder,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
}

/** All modules that are read before a function can be called. */
const eager = (name: keyof Built['made']): readonly string[] =>
  built ? eagerFiles(built.made[name]).flatMap((file) => file.modules) : [];

describe('the build', () => {
  it('makes a folder for each cloud that holds all it needs', async () => {
    expect((await readdir(join(out(), 'aws'))).sort()).toEqual(
      ['on-event', 'on-request', 'on-run', 'on-schedule', 'package.json', 'playbooks.json', 'settings.json'].sort(),
    );
    expect((await readdir(join(out(), 'aws/on-event'))).sort()).toEqual(['chunks', 'on-event.js']);
    expect((await readdir(join(out(), 'azure'))).sort()).toEqual(
      ['chunks', 'host.json', 'main.js', 'package.json', 'playbooks.json', 'settings.json'].sort(),
    );
    expect(JSON.parse(await readFile(join(out(), 'azure/package.json'), 'utf8'))).toEqual({
      type: 'module',
      main: 'main.js',
    });
  });

  it('reads neither YAML, nor an SDK, nor an action before an event can be taken', () => {
    const early = eager('on-event');
    expect(early).toContain('functions/aws/on-event.ts');
    expect(
      early.filter((path) => /node_modules\/(yaml|@aws-sdk|@smithy|@azure)|shared\/(actions|sandbox)/.test(path)),
    ).toEqual([]);
    expect(eager('azure').filter((path) => /node_modules\/(yaml|@aws-sdk|@azure\/(arm|identity))/.test(path))).toEqual(
      [],
    );
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

/** What Lambda calls a durable function with, for a run that there is not. */
const execution = {
  DurableExecutionArn: 'arn:aws:lambda:eu-west-1:999988887777:function:cordon-on-run:1/durable-execution/x/y',
  CheckpointToken: 'first',
  InitialExecutionState: {
    Operations: [
      {
        Id: 'execution',
        Type: 'EXECUTION',
        Status: 'STARTED',
        StartTimestamp: 1_795_165_500,
        ExecutionDetails: { InputPayload: JSON.stringify({ runId: 'a'.repeat(26) }) },
      },
    ],
  },
};

const Written = z.object({
  Updates: z.array(
    z.looseObject({
      Action: z.enum(['START', 'FAIL']),
      Name: z.string(),
      Error: z.object({ ErrorMessage: z.string() }).optional(),
    }),
  ),
});

/** Lambda's checkpoints over HTTP: takes what is written and says how it stands. */
async function checkpoints() {
  const written: string[] = [];
  const server = createServer(async (request, response) => {
    const { Updates } = Written.parse(await json(request));
    const Operations = Updates.map(({ Action, Error: fault, ...update }) => {
      written.push([Action, update.Name, fault?.ErrorMessage].filter((word) => word !== undefined).join(' '));
      const StepDetails = { Attempt: 1, ...(fault && { Error: fault }) };
      const Status = Action === 'START' ? 'STARTED' : 'FAILED';
      return { ...update, Status, StartTimestamp: 1_795_165_500, StepDetails };
    });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ CheckpointToken: `after ${written.length}`, NewExecutionState: { Operations } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  return { written, url: `http://127.0.0.1:${port}`, close: async () => void server.close() };
}

describe('the bundle on Lambda', () => {
  it('takes an event from the environment it is given, and starts the run at Lambda', async () => {
    const lambda = await standIn(202);
    const environment = {
      LAMBDA_TASK_ROOT: dirname(out()),
      CORDON_SETTINGS: settings,
      CORDON_PLAYBOOKS: 'dist/aws/playbooks.json',
      CORDON_RECORDS: `sqlite:${join(folder, 'cordon.db')}`,
      CORDON_RUN_FUNCTION: 'cordon-on-run',
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    };
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    expect(await call('aws/on-event/on-event.js', environment, event)).toEqual({ batchItemFailures: [] });
    expect(lambda.asked).toEqual(['POST /2015-03-31/functions/cordon-on-run/invocations']);
    expect(await call('aws/on-schedule/on-schedule.js', environment, {})).toMatchObject({
      started: [expect.any(String)],
    });
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
    const answer = await call('aws/on-run/on-run.js', environment, { runId: 'a'.repeat(26) });
    expect(answer).toMatchObject({ thrown: expect.stringMatching(message) });
  });

  it('wires what carries runs on and what answers people, without calling a cloud', async () => {
    const lambda = await checkpoints();
    const run = await call('aws/on-run/on-run.js', { ...whole, AWS_ENDPOINT_URL_LAMBDA: lambda.url }, execution);
    expect(run).toEqual({ Status: 'FAILED', Error: expect.objectContaining({ ErrorType: 'StepError' }) });
    expect(lambda.written).toEqual(['START turn-0', expect.stringMatching(/^FAIL turn-0 there is no run/)]);
    await lambda.close();
    const authorizer = { jwt: { claims: { sub: 'vera' } } };
    const http = { method: 'GET', path: '/playbooks' };
    const event = { rawPath: '/playbooks', rawQueryString: '', headers: {}, requestContext: { http, authorizer } };
    const settings = JSON.stringify({ people: [{ id: 'vera', roles: ['viewer'] }] });
    expect(await call('aws/on-request/on-request.js', { ...whole, CORDON_SETTINGS: settings }, event)).toMatchObject({
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
      LAMBDA_TASK_ROOT: dirname(out()),
      CORDON_RECORDS: 'dynamodb:cordon-records',
      CORDON_EVIDENCE: 's3:cordon-evidence/staging',
      AWS_ENDPOINT_URL_DYNAMODB: dynalite.local.endpoint,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    };
    const event = sqsEvent([JSON.stringify(leakedKey())]);
    expect(await call('aws/on-event/on-event.js', environment, event)).toEqual({ batchItemFailures: [] });
    expect(s3.asked.join()).toMatch(/PUT \S*\/staging\/[0-9a-f]{64}/);
    expect(await call('aws/on-schedule/on-schedule.js', environment, {})).toMatchObject({
      started: [expect.any(String)],
    });
    await Promise.all([dynalite.stop(), s3.close(), lambda.close()]);
  });

  it('has every entry that serverless.yml names', async () => {
    const text = await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8');
    const entries = [...text.matchAll(/handler: dist\/(aws\/[\w/-]+)\.handler/g)].map(([, entry]) => `${entry}.js`);
    expect(entries).toHaveLength(4);
    expect(entries.filter((entry) => !existsSync(join(out(), entry)))).toEqual([]);
  });
});

describe('the bundle on Functions', () => {
  /** Loads the bundle as the worker does, and calls one function. */
  async function invoked(environment: Record<string, string>, event: unknown, name = 'on-event-grid') {
    const support = new URL('../support/functions-host.ts', import.meta.url).href;
    const script = `
      const { functionsHost, json } = await import(${JSON.stringify(support)});
      const host = functionsHost();
      await import(${JSON.stringify(join(out(), 'azure/main.js'))});
      const answer = await host.invoke(${JSON.stringify(name)}, json(${JSON.stringify(event)})).catch((thrown) => thrown.message);
      process.stdout.write('\\n' + JSON.stringify({ names: [...host.functions.keys()], answer }));
    `;
    const { PATH = '' } = process.env;
    const env = { PATH, AzureWebJobsScriptRoot: join(out(), 'azure'), ...environment };
    const { stdout } = await run(process.execPath, [...strict, '--input-type=module', '-e', script], { env });
    const printed: unknown = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
    return printed;
  }

  it('replays the orchestration of a run, whose SDK it loads only then', async () => {
    expect(eager('azure').filter((path) => /node_modules\/(durable-functions|axios|moment)/.test(path))).toEqual([]);
    const at = { EventId: -1, IsPlayed: false, Timestamp: '2026-11-20T09:05:00.000Z' };
    const history = [
      { EventType: 12, ...at },
      { EventType: 0, ...at, Name: 'run', Input: 'null' },
    ];
    const durations = { maximumShortTimerDuration: '6.00:00:00', longRunningTimerIntervalDuration: '3.00:00:00' };
    const instance = { input: null, instanceId: 'a'.repeat(26), isReplaying: false, parentInstanceId: null };
    const binding = { ...instance, ...durations, defaultHttpAsyncRequestSleepTimeMillseconds: 30_000 };
    const asked = await invoked({}, { history, ...binding, upperSchemaVersion: 3 }, 'run');
    expect(asked).toMatchObject({
      answer: { returned: { isDone: false, actions: [[{ actionType: 0, functionName: 'turn' }]] } },
    });
  });

  it('starts and wakes orchestrations with a client that it loads only then', async () => {
    const chunk = built?.made.azure.files.find(({ entry }) => entry === 'functions/azure/start-or-wake.ts')?.path ?? '';
    const script = `
      const { functionsHost } = await import(${JSON.stringify(new URL('../support/functions-host.ts', import.meta.url).href)});
      functionsHost();
      const { startOrWake } = await import(${JSON.stringify(chunk)});
      const said = await startOrWake({ options: { extraInputs: [] } }, 'x').catch(({ message }) => message);
      process.stdout.write(said);
    `;
    const { stdout } = await run(process.execPath, [...strict, '--input-type=module', '-e', script]);
    expect(stdout).toMatch(/Could not find a registered durable client input binding/);
  });

  it('registers every function with the worker, and says what is missing only when one is called', async () => {
    expect(await invoked({}, {})).toEqual({
      names: [
        'on-event-grid',
        'on-forwarded',
        'on-event-hub',
        'on-inbox',
        'on-inbox-poison',
        'on-run',
        'run',
        'turn',
        'on-request',
        'on-webhook',
        'on-schedule',
      ],
      answer: 'CORDON_SETTINGS: is not set',
    });
  });

  it('registers the relay where the deployment names a topic for it', async () => {
    const topic = 'https://cordon-relay.westeurope-1.eventgrid.azure.net/api/events';
    const { names } = z.object({ names: z.array(z.string()) }).parse(await invoked({ CORDON_RELAY_TOPIC: topic }, {}));
    expect(names).toContain('on-relay');
  });

  it('registers the hub of signals where the deployment names it, also where it hands events on', async () => {
    const there = { CORDON_SIGNALS_NAME: 'signals' };
    const home = 'event-bus:arn:aws:events:eu-west-1:999988887777:event-bus/cordon';
    for (const environment of [there, { ...there, CORDON_FORWARD_TO: home }]) {
      const { names } = z.object({ names: z.array(z.string()) }).parse(await invoked(environment, {}));
      expect(names).toContain('on-signals');
    }
  });

  it('registers nothing but what hands events on where the deployment names a home elsewhere, and needs no records', async () => {
    const home = 'event-bus:arn:aws:events:eu-west-1:999988887777:event-bus/cordon';
    expect(await invoked({ CORDON_FORWARD_TO: home }, {})).toEqual({
      names: ['on-event-grid', 'on-event-hub', 'on-inbox', 'on-inbox-poison'],
      answer: 'CORDON_EVIDENCE: is not set',
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
