import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { loopback } from './loopback.ts';

/** A function of Lambda in a process of its own. */
export type LambdaProcess = {
  /** Invokes it. Rejects with what the function threw, or with why it could not start. */
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

export type LambdaOptions = {
  /** The folder that is deployed. */
  readonly root: string;
  /** `on-event/on-event.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Flags of Node, as the deployment sets them. */
  readonly flags?: readonly string[];
  /** The time of the test, in milliseconds. */
  readonly now: () => number;
};

type Invocation = { readonly event: unknown; readonly end: PromiseWithResolvers<unknown> };
type Runtime = {
  readonly waiting: Invocation[];
  readonly open: Map<string, Invocation>;
  readonly now: () => number;
  idle: ServerResponse | undefined;
  count: number;
  fault: Error | undefined;
};

const Fault = z.object({ errorType: z.string(), errorMessage: z.string() });
const faultIn = (body: string): Error => {
  const { errorType, errorMessage } = Fault.parse(JSON.parse(body));
  return Object.assign(new Error(errorMessage), { name: errorType });
};

/** Hands the next event to the function where it waits for one. */
function hand(runtime: Runtime): void {
  const { idle, waiting, open, now } = runtime;
  const next = idle && waiting.shift();
  if (!idle || !next) return;
  runtime.idle = undefined;
  runtime.count += 1;
  const id = `0f0e0d0c-0b0a-4000-8000-${String(runtime.count).padStart(12, '0')}`;
  open.set(id, next);
  idle.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(now() + 300_000),
    'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:999988887777:function:cordon',
  });
  idle.end(JSON.stringify(next.event));
}

/** Nothing that is asked of it will be answered any more. */
function broken(runtime: Runtime, fault: Error): void {
  runtime.fault ??= fault;
  for (const { end } of [...runtime.open.values(), ...runtime.waiting.splice(0)]) end.reject(runtime.fault);
  runtime.open.clear();
}

async function answer(runtime: Runtime, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , , kind = '', id = '', end = ''] = (request.url ?? '').split('/');
  if (request.method === 'GET' && id === 'next') {
    runtime.idle = response;
    hand(runtime);
    return;
  }
  const body = await text(request);
  const invocation = runtime.open.get(id);
  runtime.open.delete(id);
  if (kind === 'init') broken(runtime, faultIn(body));
  else if (end === 'response') invocation?.end.resolve(JSON.parse(body));
  else if (end === 'error') invocation?.end.reject(faultIn(body));
  response.writeHead(202).end('{}');
}

function started({ root, handler, environment, flags = [] }: LambdaOptions, api: string): ChildProcess {
  const support = (name: string): string => new URL(name, import.meta.url).pathname;
  const { PATH = '' } = process.env;
  const own = { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: root, _HANDLER: handler, PATH };
  const args = [...flags, support('lambda-bootstrap.ts')];
  return spawn(process.execPath, args, {
    cwd: root,
    env: { ...environment, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts a function as Lambda does: a process that asks the Lambda Runtime API for its events. */
export async function lambdaProcess(options: LambdaOptions): Promise<LambdaProcess> {
  const runtime: Runtime = {
    waiting: [],
    open: new Map(),
    now: options.now,
    idle: undefined,
    count: 0,
    fault: undefined,
  };
  const api = await loopback((request, response) => void answer(runtime, request, response));
  const child = started(options, api.host);
  const exit = once(child, 'exit');
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(String(chunk)));
  child.on('exit', (code) => broken(runtime, new Error(`${options.handler} ended with ${code}: ${said.join('')}`)));
  return {
    async invoke(event) {
      if (runtime.fault) throw runtime.fault;
      const end = Promise.withResolvers<unknown>();
      runtime.waiting.push({ event, end });
      hand(runtime);
      return end.promise;
    },
    async stop() {
      child.kill();
      await Promise.all([exit, api.close()]);
    },
  };
}
