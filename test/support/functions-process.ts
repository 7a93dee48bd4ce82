import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Data, FunctionsHost, Invoked } from './functions-host.ts';
import type { Asked, Told } from './functions-worker.ts';

/** A function app in a process of its own. */
export type FunctionsProcess = Pick<FunctionsHost, 'invoke'> & {
  readonly functions: readonly string[];
  stop(): Promise<void>;
};

export type FunctionsOptions = {
  /** The folder that is deployed. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** The time of the test, in milliseconds. */
  readonly now: () => number;
};

/** Loads a function app as the worker does. */
export async function functionsProcess({
  root,
  environment,
  flags = [],
  now,
}: FunctionsOptions): Promise<FunctionsProcess> {
  const support = (name: string): string => new URL(name, import.meta.url).pathname;
  const { PATH = '' } = process.env;
  const child = fork(support('functions-worker.ts'), [`${root}/main.js`], {
    cwd: root,
    env: { AzureWebJobsScriptRoot: root, ...environment, PATH },
    execArgv: [...flags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exit = once(child, 'exit');
  const open = new Map<number, PromiseWithResolvers<Invoked>>();
  const ready = Promise.withResolvers<readonly string[]>();
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(String(chunk)));
  child.on('message', (told: Told | { readonly functions: readonly string[] }) => {
    if ('functions' in told) ready.resolve(told.functions);
    else if ('fault' in told) open.get(told.id)?.reject(new Error(told.fault));
    else {
      const { queues, returned, http } = told;
      open
        .get(told.id)
        ?.resolve({ queues, returned, http: http ? { ...http, headers: new Headers(http.headers) } : undefined });
    }
  });
  child.on('exit', (code) => {
    const fault = new Error(`the function app ended with ${code}: ${said.join('')}`);
    for (const one of [ready, ...open.values()]) one.reject(fault);
  });
  const functions = await ready.promise;
  return {
    functions,
    async invoke(name: string, trigger: Data, inputs: Asked['inputs']) {
      const id = open.size + 1;
      const end = Promise.withResolvers<Invoked>();
      open.set(id, end);
      child.send({ id, now: now(), name, trigger, ...(inputs && { inputs }) } satisfies Asked);
      return end.promise;
    },
    async stop() {
      child.kill();
      await exit;
    },
  };
}
