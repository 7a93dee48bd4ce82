import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grantDeclared } from '../../functions/local/rights.ts';
import { allActions } from '../../functions/wire.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Json } from '../../shared/model/json.ts';
import { sessions } from '../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type FunctionName, functionIn, functionNames, type Stage, variablesIn } from './aws-stages.ts';
import { awsOn, type Closing, closer, makeAllKnown, workOff } from './built.ts';
import { type Stack, stackOf } from './cloud-formation.ts';
import { identities, northwindSandbox, northwindSettings } from './company.ts';
import { sqsEvent } from './doors.ts';
import { durableLambda } from './durable-lambda.ts';
import { startDynalite } from './dynalite.ts';
import { lambdaApi } from './lambda-api.ts';
import { type LambdaProcess, lambdaProcess } from './lambda-process.ts';
import { builtOnce, packagedOnce } from './made-once.ts';
import { guardedTables } from './guarded-tables.ts';
import { credentialsOf, placeStack } from './stack-in-sandbox.ts';
import { home } from './stack-rights.ts';

export type Deployment = {
  readonly stage: Stage;
  /** Parameters of serverless.yml. */
  readonly params?: Readonly<Record<string, string>>;
  readonly settings?: Partial<Settings>;
  /** Variables that a deployment has not: where on this machine the internet is. */
  readonly internet?: Readonly<Record<string, string>>;
};

/** Cordon's functions as they are deployed. */
export type DeployedLambda = {
  readonly sandbox: Sandbox;
  readonly stack: Stack;
  /** What the roles had no right to do to the records. */
  readonly refused: readonly string[];
  /** Lambda's function of this name, in a process of its own. */
  functionOf(name: FunctionName): Promise<LambdaProcess>;
  /** Delivers events as one batch of a queue of the stack; answers with what the function answered. */
  deliver(queue: string, events: readonly Json[]): Promise<unknown>;
  /** Carries on what was started; the ids of the runs. */
  work(): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** The package of the functions, with the settings that `npm run build` would write for this deployment. */
async function packageWith(settings: Settings, closing: Closing): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cordon-deployed-'));
  closing.push(() => rm(root, { recursive: true }));
  const [from, to] = [join((await builtOnce()).folder, 'aws'), join(root, 'dist/aws')];
  await mkdir(to, { recursive: true });
  for (const name of functionNames) await symlink(join(from, name), join(to, name));
  for (const name of ['package.json', 'playbooks.json']) await copyFile(join(from, name), join(to, name));
  await writeFile(join(to, 'settings.json'), JSON.stringify(settings));
  return root;
}

/** A DynamoDB with the tables of the stack, which lets each session do what its role may. */
async function tablesOf(stack: Stack, sandbox: Sandbox, closing: Closing) {
  const dynalite = await startDynalite();
  closing.push(dynalite.stop);
  for (const { Type, arn = '' } of Object.values(stack))
    if (Type === 'AWS::DynamoDB::Table') await dynalite.createTable(arn.split('/').at(-1) ?? '');
  const guarded = await guardedTables(dynalite.local.endpoint, (accessKeyId) => {
    const name = sandbox.rows.get(sessions, accessKeyId)?.roleName;
    return Object.values(stack).find((role) => role.Properties['RoleName'] === name);
  });
  closing.push(guarded.close);
  return guarded;
}

/**
 * The built functions with what the packaged template gives them, and nothing else: their variables, their handlers,
 * their roles with the rights that the template grants, its table, its bucket and its secret. Beside Lambda's own
 * variables there are only those that lead the SDKs to this machine.
 */
export async function deployedLambda(deployment: Deployment): Promise<DeployedLambda> {
  const { stage, params = {}, settings: changed, internet = {} } = deployment;
  const closing: Closing = [];
  const settings = northwindSettings(changed);
  const [template, root] = await Promise.all([packagedOnce(stage, params), packageWith(settings, closing)]);
  const stack = stackOf(template, { account: home });
  const sandbox = northwindSandbox();
  await grantDeclared(sandbox, allActions, settings, identities);
  placeStack(sandbox, stack);
  const lambda = durableLambda(sandbox.clock);
  const api = await lambdaApi(lambda, (request) => sandbox.handle(request));
  closing.push(api.close);
  const tables = await tablesOf(stack, sandbox, closing);
  const host = {
    OWN_TIME_START: sandbox.clock.now(),
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: await awsOn(sandbox, closing),
    AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: `http://${api.host}`,
    ...internet,
  };
  const now = () => sandbox.clock.milliseconds;
  const start = async (name: FunctionName): Promise<LambdaProcess> => {
    const made = functionIn(stack, stage, name);
    if (!made) throw new TypeError(`the stack has no function ${name}`);
    const handler = String(made.Properties['Handler']);
    const environment = { ...variablesIn(made), ...credentialsOf(sandbox, made), ...host };
    const one = await lambdaProcess({ root, handler, environment, now });
    closing.push(one.stop);
    return one;
  };
  const started = new Map<string, Promise<LambdaProcess>>();
  const functionOf = (name: FunctionName): Promise<LambdaProcess> => {
    const one = started.get(name) ?? start(name);
    started.set(name, one);
    return one;
  };
  return {
    sandbox,
    stack,
    refused: tables.refused,
    functionOf,
    async deliver(queue, events) {
      makeAllKnown(sandbox, events);
      const { Records } = sqsEvent(events.map((event) => JSON.stringify(event)));
      const eventSourceARN = stack[queue]?.arn ?? '';
      const onEvent = await functionOf('on-event');
      return onEvent.invoke({ Records: Records.map((record) => ({ ...record, eventSourceARN })) });
    },
    async work() {
      await workOff(lambda, await functionOf('on-run'));
      return [...lambda.executions.keys()];
    },
    close: closer(closing),
  };
}
