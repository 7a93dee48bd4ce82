import { randomUUID } from 'node:crypto';
import { registerHooks } from 'node:module';
import { isObject } from '../../shared/model/json.ts';

/** A value as the host sends it over its protocol (azure-functions-language-worker-protobuf, TypedData). */
export type Data =
  | { readonly json: string }
  | { readonly string: string }
  | { readonly collectionString: { readonly string: readonly string[] } }
  | { readonly http: object };

type Binding = { readonly type: string; readonly direction: string; readonly queueName?: string };
type Metadata = { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
type Callback = (...inputs: unknown[]) => unknown;
type Registered = { readonly metadata: Metadata; readonly callback: Callback };

type Answered = {
  readonly returnValue?: Data & { readonly http?: HttpAnswer };
  readonly outputData: readonly { readonly name: string; readonly data: Data }[];
};
type HttpAnswer = {
  readonly statusCode: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly string?: string; readonly bytes?: Uint8Array };
};
/** What the library makes of one invocation (`InvocationModel` of @azure/functions-core). */
type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<Answered>;
};
type ProgrammingModel = { getInvocationModel(core: object): InvocationModel };

/** What came of an invocation that did not fail: messages by queue, and the answer to a request. */
export type Invoked = {
  readonly queues: Readonly<Record<string, readonly unknown[]>>;
  readonly http: { readonly status: number; readonly headers: Headers; readonly body: unknown } | undefined;
  /** What the function returned, where that is no answer to a request. */
  readonly returned: unknown;
};

export type FunctionsHost = {
  readonly functions: ReadonlyMap<string, Metadata>;
  /** Forgets what is registered, so that another app can be. */
  forget(): void;
  /**
   * Calls a registered function as the host does; `inputs` are those beside the trigger, by the type of their binding,
   * `metadata` what the trigger tells of it. Rejects when the function throws: nothing is put out then.
   */
  invoke(
    name: string,
    trigger: Data,
    inputs?: Readonly<Record<string, Data>>,
    metadata?: Readonly<Record<string, Data>>,
  ): Promise<Invoked>;
};

/** A host that ends the app. */
type Ending = {
  /** Does what is registered for the end. */
  terminate(): Promise<void>;
};

export const json = (value: unknown): Data => ({ json: JSON.stringify(value) });
export const text = (value: string): Data => ({ string: value });
export const batch = (messages: readonly string[]): Data => ({ collectionString: { string: messages } });

type HttpRequest = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
export const http = ({ method = 'GET', path, headers = {}, body }: HttpRequest): Data => {
  const url = new URL(path, 'https://cordon.azurewebsites.net');
  const rest = { params: {}, query: Object.fromEntries(url.searchParams), identities: [] };
  const nullable = { nullableHeaders: {}, nullableQuery: {}, nullableParams: {} };
  const sent = body === undefined ? {} : { body: { string: JSON.stringify(body) } };
  return { http: { method, url: url.href, headers, ...rest, ...nullable, ...sent } };
};

const coreUrl = 'cordon:functions-core';
const coreKey = Symbol.for('cordon.functions-core');
const coreSource = `module.exports = globalThis[Symbol.for('cordon.functions-core')]`;

/** Puts the stand-in where the worker puts its own `@azure/functions-core`. */
function supply(core: object): void {
  Reflect.set(globalThis, coreKey, core);
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: coreUrl, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === coreUrl ? { format: 'commonjs', source: coreSource, shortCircuit: true } : next(url, context),
  });
}

const believed = (data: Data): unknown => {
  if ('json' in data) return JSON.parse(data.json);
  return 'string' in data ? data.string : undefined;
};

function queuesOf({ bindings }: Metadata, { outputData }: Answered): Invoked['queues'] {
  const out = outputData.map(({ name, data }) => {
    const value = believed(data);
    return [bindings[name]?.queueName ?? name, Array.isArray(value) ? value : [value]] as const;
  });
  return Object.fromEntries(out);
}

function httpOf({ returnValue }: Answered): Invoked['http'] {
  const answer = returnValue?.http;
  if (!answer) return undefined;
  const { bytes, string = bytes ? Buffer.from(bytes).toString() : '' } = answer.body ?? {};
  const body: unknown = string === '' ? undefined : JSON.parse(string);
  return { status: Number(answer.statusCode), headers: new Headers(answer.headers), body };
}

type Inputs = Readonly<Record<string, Data>>;

type Given = { readonly trigger: Data; readonly inputs: Inputs; readonly triggerMetadata: Inputs };

async function call(
  model: ProgrammingModel,
  { metadata, callback }: Registered,
  { trigger, inputs, triggerMetadata }: Given,
): Promise<Invoked> {
  const inputData = Object.entries(metadata.bindings).flatMap(([name, { type }]) => {
    const data = /trigger$/i.test(type) ? trigger : inputs[type];
    return data === undefined ? [] : [{ name, data }];
  });
  const invocationId = randomUUID();
  const invocation = model.getInvocationModel({
    invocationId,
    metadata,
    state: undefined,
    log: () => undefined,
    request: { invocationId, functionId: metadata.name, inputData, triggerMetadata },
  });
  const { context, inputs: args } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, args, callback);
  const answered = await invocation.getResponse(context, result);
  const { returnValue } = answered;
  const returned = returnValue && !returnValue.http ? believed(returnValue) : undefined;
  return { queues: queuesOf(metadata, answered), http: httpOf(answered), returned };
}

/**
 * Stands in for the Functions worker, so that the real `@azure/functions` registers and converts in this process.
 * Make it before that library is first loaded: import the functions dynamically, after this.
 */
export function functionsHost(): FunctionsHost & Ending {
  const registered = new Map<string, Registered>();
  const hooks: [name: string, callback: Callback][] = [];
  let model: ProgrammingModel | undefined;
  supply({
    version: '0.0.0',
    hostVersion: '4.1045.0',
    Disposable: class {},
    setProgrammingModel(given: ProgrammingModel) {
      model = given;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: Metadata, callback: Callback) {
      if (registered.has(metadata.name)) throw new TypeError(`${metadata.name} is registered twice`);
      registered.set(metadata.name, { metadata, callback });
      return { dispose: () => registered.delete(metadata.name) };
    },
    registerHook(name: string, callback: Callback) {
      hooks.push([name, callback]);
      return { dispose: () => undefined };
    },
    log: () => undefined,
  });
  return {
    async terminate() {
      for (const [name, callback] of hooks)
        if (name === 'appTerminate') await callback({ hookData: {}, appHookData: {} });
    },
    get functions() {
      return new Map([...registered].map(([name, { metadata }]) => [name, metadata]));
    },
    forget: () => registered.clear(),
    async invoke(name, trigger, inputs = {}, triggerMetadata = {}) {
      const one = registered.get(name);
      if (!model || !one) throw new TypeError(`no function is called ${name}`);
      return call(model, one, { trigger, inputs, triggerMetadata });
    },
  };
}

/** The messages of one queue. */
export const inQueue = ({ queues }: Invoked, name: string): readonly unknown[] => queues[name] ?? [];

/** The run ids in the messages of the runs queue. */
export const runIdsOf = (invoked: Invoked): readonly string[] =>
  inQueue(invoked, 'cordon-runs').map((message) => (isObject(message) ? String(message['runId']) : ''));
