import { join } from 'node:path';
import { makeKnown } from '../../functions/local/known.ts';
import { grantDeclared } from '../../functions/local/rights.ts';
import { allActions } from '../../functions/wire.ts';
import { openSqlite } from '../../shared/adapters/sqlite/records.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import type { Json } from '../../shared/model/json.ts';
import type { RunState } from '../../shared/model/run.ts';
import { readRun } from '../../shared/run/turn.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { listen } from '../../shared/sandbox/mount.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type AzureFront, azureFront } from './azure-front.ts';
import { identities, northwindSandbox, northwindSettings, readerPrincipal, writerPrincipal } from './company.ts';
import { sqsEvent } from './doors.ts';
import { type DurableLambda, durableLambda } from './durable-lambda.ts';
import { durableExtension } from './durable-extension.ts';
import { json, runIdsOf } from './functions-host.ts';
import { type FunctionsProcess, functionsProcess } from './functions-process.ts';
import type { Process } from './host.ts';
import { lambdaApi, onTheWire } from './lambda-api.ts';
import { type LambdaProcess, lambdaProcess } from './lambda-process.ts';

/** As the deployments set them. */
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--disallow-code-generation-from-strings',
  '--disable-proto=delete',
];

/** Which rights a deployment has: both; or the reader's alone, whatever its settings say. */
export type Has = 'writer' | 'reader alone';
export type Stage = {
  /** What `npm run build` made, and where the records of this deployment are kept. */
  readonly built: string;
  readonly records: string;
  readonly settings: Partial<Settings>;
  readonly has: Has;
  /** Variables of this deployment beside those of every one. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** Waits of runs pass until here; those for people do not. */
const soon = '2026-11-20T09:20:00.000Z';

/** What is closed when a deployment ends. */
export type Closing = (() => Promise<unknown>)[];

/** A simulated company with the rights that the actions declare, and no writer where there is to be none. */
async function companyOf({ has, settings: changed }: Stage): Promise<{ sandbox: Sandbox; settings: Settings }> {
  const sandbox = northwindSandbox();
  const settings = northwindSettings(changed);
  const { reader, writer } = { reader: readerPrincipal, writer: writerPrincipal };
  const azure = has === 'writer' ? { reader, writer } : { reader };
  await grantDeclared(sandbox, allActions, settings, { ...identities, azure });
  if (has === 'reader alone')
    for (const [key] of sandbox.rows.all(roles)) if (key.endsWith('CordonWriter')) sandbox.rows.delete(roles, key);
  return { sandbox, settings };
}

const environmentOf = ({ records }: Stage, { sandbox, settings }: { sandbox: Sandbox; settings: Settings }) => ({
  OWN_TIME_START: sandbox.clock.now(),
  CORDON_SETTINGS: JSON.stringify(settings),
  CORDON_PLAYBOOKS: 'playbooks.json',
  CORDON_RECORDS: `sqlite:${records}`,
  CORDON_SIGNING_KEYS: `built:${Buffer.alloc(32, 7).toString('base64')}`,
});

/** The providers know of what the events tell. */
export function makeAllKnown(sandbox: Sandbox, events: readonly Json[]): void {
  for (const event of events) {
    const { reading } = normalise(event);
    for (const finding of reading.kind === 'findings' ? reading.findings : []) makeKnown(sandbox, finding, event);
  }
}

/** Runs as the store of a deployment holds them. */
async function runsIn(records: string, ids: readonly string[]): Promise<readonly RunState[]> {
  const store = openSqlite(records, { token: () => '' });
  const runs = await Promise.all(ids.map((id) => readRun(store.records, id)));
  store.close();
  return runs.flatMap((run) => (run ? [run] : []));
}

export const closer = (closing: Closing) => async (): Promise<void> => {
  for (const close of closing.splice(0).reverse()) await close();
};

/** Carries on what was started until nothing is due any more. */
export async function workOff(lambda: DurableLambda, onRun: LambdaProcess): Promise<void> {
  const handler = (async (event: unknown) => onRun.invoke(onTheWire(event))) as never; // called with the event; the context is the process's own
  const alive = { handler, dead: new Promise<never>(() => undefined), kill: () => undefined };
  do await lambda.work(() => alive);
  while (lambda.pass(soon));
}

/** The sandbox as the AWS SDK reaches it; its clock goes with those who call. */
export async function awsOn(sandbox: Sandbox, closing: Closing): Promise<string> {
  const { url, close } = await listen(async (request) => {
    const at = (request.headers['x-amz-date'] ?? '').replace(
      /^(....)(..)(..)T(..)(..)(..)Z$/,
      '$1-$2-$3T$4:$5:$6.000Z',
    );
    if (at !== '') sandbox.clock.moveTo(at);
    const { headers, ...answer } = await sandbox.handle(request);
    // the SDK sets its clock by this header where the two differ
    return { ...answer, headers: { ...headers, date: new Date(sandbox.clock.milliseconds).toUTCString() } };
  });
  closing.push(close);
  return url;
}

/** Cordon on AWS out of its bundles. */
export type BuiltLambda = {
  readonly sandbox: Sandbox;
  readonly lambda: DurableLambda;
  /** Delivers events as one batch of the queue; answers with what the function answered. */
  deliver(events: readonly Json[]): Promise<unknown>;
  /** Carries on what was started; then the runs as they stand. */
  work(): Promise<readonly RunState[]>;
  functionOf(file: string): Promise<LambdaProcess>;
  close(): Promise<void>;
};

export async function builtLambda(stage: Stage): Promise<BuiltLambda> {
  const company = await companyOf(stage);
  const { sandbox } = company;
  const closing: Closing = [];
  const lambda = durableLambda(sandbox.clock);
  const api = await lambdaApi(lambda, (request) => sandbox.handle(request));
  closing.push(api.close);
  const environment = {
    ...environmentOf(stage, company),
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: identities.aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identities.aws.secretAccessKey,
    AWS_ENDPOINT_URL: await awsOn(sandbox, closing),
    AWS_ENDPOINT_URL_LAMBDA: `http://${api.host}`,
    CORDON_RUN_FUNCTION: 'cordon-on-run:durable',
    ...stage.variables,
  };
  const functionOf = async (file: string): Promise<LambdaProcess> => {
    const now = () => sandbox.clock.milliseconds;
    const one = await lambdaProcess({
      root: join(stage.built, 'aws'),
      handler: `${file}/${file}.handler`,
      environment,
      flags,
      now,
    });
    closing.push(one.stop);
    return one;
  };
  const [onEvent, onRun] = await Promise.all([functionOf('on-event'), functionOf('on-run')]);
  return {
    sandbox,
    lambda,
    functionOf,
    async deliver(events) {
      makeAllKnown(sandbox, events);
      return onEvent.invoke(sqsEvent(events.map((event) => JSON.stringify(event))));
    },
    async work() {
      await workOff(lambda, onRun);
      return runsIn(stage.records, [...lambda.executions.keys()]);
    },
    close: closer(closing),
  };
}

/** Cordon on Azure out of its bundle. */
export type BuiltFunctions = {
  readonly sandbox: Sandbox;
  readonly app: FunctionsProcess;
  /** What Application Insights took. */
  readonly metrics: AzureFront['metrics'];
  /** Delivers each event through Event Grid and carries on what it starts; the runs as they stand. */
  deliver(events: readonly Json[]): Promise<readonly RunState[]>;
  close(): Promise<void>;
};

export async function builtFunctions(stage: Stage): Promise<BuiltFunctions> {
  const company = await companyOf(stage);
  const { sandbox } = company;
  const closing: Closing = [];
  const front = await azureFront(sandbox);
  closing.push(front.close);
  const environment = {
    ...environmentOf(stage, company),
    ...front.environment,
    CORDON_IDENTITY: 'easy-auth',
    CORDON_AZURE_READER_CLIENT_ID: readerPrincipal,
    ...(stage.has === 'writer' && { CORDON_AZURE_WRITER_CLIENT_ID: writerPrincipal }),
  };
  const now = () => sandbox.clock.milliseconds;
  const app = await functionsProcess({ root: join(stage.built, 'azure'), environment, flags, now });
  closing.push(app.stop);
  const extension = await durableExtension({ functions: new Map(), invoke: app.invoke }, sandbox.clock);
  closing.push(extension.close);
  const alive = { dead: new Promise<never>(() => undefined), alive: true, kill: () => undefined } as unknown as Process; // the app has the engine
  return {
    sandbox,
    app,
    metrics: front.metrics,
    async deliver(events) {
      const ids: string[] = [];
      for (const event of events) {
        makeAllKnown(sandbox, [event]);
        const started = runIdsOf(await app.invoke('on-event-grid', json(event)));
        for (const runId of started) extension.send({ runId });
        ids.push(...started);
      }
      do await extension.work(() => alive);
      while (extension.pass(soon));
      return runsIn(stage.records, ids);
    },
    close: closer(closing),
  };
}
