import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { VirtualClock } from '../../shared/sandbox/clock.ts';
import { type Ask, asks, flat, type Happening, happens, type State } from './durable-history.ts';
import { type Data, type FunctionsHost, json, text as message } from './functions-host.ts';
import { type Mortality, mortality, type Process } from './host.ts';
import type { Death } from './killing.ts';
import { hostQueues } from './storage-queues.ts';

type Instance = {
  readonly id: string;
  readonly name: string;
  status: 'Running' | 'Completed' | 'Failed';
  history: Happening[];
  /** What has happened since the last episode. */
  news: Happening[];
  timers: { readonly id: number; readonly at: number }[];
  tasks: { readonly id: number; readonly name: string; readonly input: unknown }[];
};
type Host = Omit<FunctionsHost, 'forget'>;
type Message = { readonly body: unknown; deliveries: number; visibleAt: number };

/** The storage queue and the Durable Task extension beside a function app, in memory, on a clock that the test moves. */
export type DurableExtension = {
  readonly instances: ReadonlyMap<string, Instance>;
  readonly checkpoints: number;
  /** Puts a message into the queue of runs. */
  send(body: unknown): void;
  /** Delivers messages, replays orchestrations and calls activities until there is nothing to do. */
  work(process: () => Process): Promise<void>;
  /** Moves the clock to the next timer or delayed message; false where there is none until then. */
  pass(until: string): boolean;
  forget(): void;
  close(): Promise<void>;
};

type Extension = {
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly mortal: Mortality;
  readonly instances: Map<string, Instance>;
  messages: Message[];
  serving: Process | undefined;
};

const happening = ({ clock }: Extension, EventType: number, more: object = {}): Happening => ({
  EventType,
  EventId: -1,
  IsPlayed: false,
  Timestamp: clock.now(),
  ...more,
});

/** Writes something down, unless the process dies before; false where it dies, and what is at work is at work no more. */
function written({ mortal, serving }: Extension, effect: () => void): boolean {
  const fate = mortal.next();
  if (fate !== 'dies-before') effect();
  if (fate !== 'lives') serving?.kill();
  return fate === 'lives';
}

const begin = (all: Extension, name: string): Happening =>
  happening(all, happens.started, { Name: name, Input: 'null' });

/** What the orchestration asks for that it has not asked for before, under the numbers that its replay counts. */
function scheduled(all: Extension, instance: Instance, actions: readonly Ask[]): void {
  const known = new Set(instance.history.map(({ EventId }) => EventId));
  actions
    .filter(({ actionType }) => actionType !== asks.event && actionType !== asks.continueAsNew)
    .forEach(({ actionType, functionName: name = '', input, fireAt = '', isCanceled }, id) => {
      if (isCanceled) instance.timers = instance.timers.filter((timer) => timer.id !== id);
      if (known.has(id)) return;
      if (actionType === asks.activity) {
        instance.history.push(happening(all, happens.taskScheduled, { EventId: id, Name: name }));
        instance.tasks.push({ id, name, input });
      } else if (actionType === asks.timer) {
        instance.history.push(happening(all, happens.timerCreated, { EventId: id, FireAt: fireAt }));
        instance.timers.push({ id, at: Date.parse(fireAt) });
      } else throw new TypeError(`no such action here: ${actionType}`);
    });
}

function decided(all: Extension, instance: Instance, seen: readonly Happening[], { isDone, actions }: State): void {
  const [asked = []] = actions;
  const flattened = flat(asked);
  instance.news = instance.news.filter((one) => !seen.includes(one));
  if (flattened.some(({ actionType }) => actionType === asks.continueAsNew)) {
    // what was raised and not listened to is gone; what comes meanwhile finds the new history
    instance.news = [
      begin(all, instance.name),
      ...instance.news.filter((one) => one.EventType === happens.eventRaised),
    ];
    instance.history = [];
    instance.timers = [];
    instance.tasks = [];
    return;
  }
  const played = seen.map((one) => ({ ...one, IsPlayed: true }));
  const started = happening(all, happens.orchestratorStarted, { IsPlayed: true });
  instance.history.push(started, ...played);
  if (isDone) instance.status = 'Completed';
  else scheduled(all, instance, flattened);
  instance.history.push(happening(all, happens.orchestratorCompleted));
}

/** The outcome of a call into the process, or that the process has died. */
const called = <T>(process: Process, call: Promise<T>): Promise<T | 'dead' | { readonly fault: unknown }> =>
  Promise.race([call.catch((fault: unknown) => ({ fault })), process.dead]);

/** One episode of one orchestration: a replay of its history with what is new; decided at once or not at all. */
async function episode(all: Extension, process: Process, instance: Instance): Promise<void> {
  const seen = [...instance.news];
  const started = happening(all, happens.orchestratorStarted);
  const binding = {
    history: [...instance.history, started, ...seen],
    input: null,
    instanceId: instance.id,
    isReplaying: instance.history.length > 0,
    parentInstanceId: null,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    upperSchemaVersion: 3,
    upperSchemaVersionNew: 4,
  };
  const end = await called(process, all.host.invoke(instance.name, json(binding)));
  if (end === 'dead') return;
  written(all, () => {
    if ('fault' in end) instance.status = 'Failed';
    else decided(all, instance, seen, end.returned as State); // the SDK has made it
  });
}

async function activity(all: Extension, process: Process, instance: Instance): Promise<void> {
  const [task] = instance.tasks;
  if (!task) return;
  const input: Data = typeof task.input === 'string' ? message(task.input) : json(task.input ?? null);
  const end = await called(process, all.host.invoke(task.name, input));
  if (end === 'dead') return;
  written(all, () => {
    instance.tasks = instance.tasks.filter((one) => one !== task);
    const failed = 'fault' in end && { Reason: 'Activity failed', Details: String(end.fault) };
    const result = 'fault' in end ? {} : { Result: JSON.stringify(end.returned ?? null) };
    const kind = failed ? happens.taskFailed : happens.taskCompleted;
    instance.news.push(happening(all, kind, { TaskScheduledId: task.id, ...result, ...failed }));
  });
}

async function delivery(all: Extension, process: Process, one: Message, client: Data): Promise<void> {
  one.deliveries += 1;
  const end = await called(
    process,
    all.host.invoke('on-run', message(JSON.stringify(one.body)), { durableClient: client }),
  );
  if (end === 'dead') return;
  if ('fault' in end && one.deliveries < hostQueues.maxDequeueCount) {
    one.visibleAt = all.clock.milliseconds + hostQueues.visibilityMilliseconds;
    return;
  }
  written(all, () => {
    all.messages = all.messages.filter((other) => other !== one);
  });
}

type Reply = { readonly status: number; readonly body?: object };

/** What the extension's own HTTP interface does for a client; undefined where the one who asks dies of it. */
function asked(all: Extension, { method, url = '' }: IncomingMessage, body: string): Reply | undefined {
  const [, kind, first = '', second = ''] = url.split('/');
  const instance = all.instances.get(kind === 'orchestrators' ? second : first);
  if (kind === 'orchestrators') {
    if (instance?.status === 'Running') return { status: 409 };
    const fresh: Instance = {
      id: second,
      name: first,
      status: 'Running',
      history: [],
      news: [begin(all, first)],
      timers: [],
      tasks: [],
    };
    return written(all, () => void all.instances.set(second, fresh))
      ? { status: 202, body: { id: second } }
      : undefined;
  }
  if (!instance) return { status: 404 };
  const { id, name, status: runtimeStatus } = instance;
  const times = { createdTime: all.clock.now(), lastUpdatedTime: all.clock.now() };
  if (method === 'GET')
    return { status: 200, body: { name, instanceId: id, ...times, input: null, output: null, runtimeStatus } };
  if (runtimeStatus !== 'Running') return { status: 410 };
  const raised = happening(all, happens.eventRaised, { Name: url.split('/').at(-1), Input: body });
  return written(all, () => void instance.news.push(raised)) ? { status: 202 } : undefined;
}

/** Answers clients on the loopback, as the extension does. */
async function listening(all: Extension) {
  const server = createServer(async (request, response) => {
    const reply = asked(all, request, await text(request));
    if (!reply) return; // nobody is there any more who would hear it
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(reply.body ? JSON.stringify(reply.body) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const url = `http://127.0.0.1:${port}/`;
  const binding = {
    taskHubName: 'CordonRuns',
    creationUrls: {},
    managementUrls: { id: 'INSTANCEID' },
    rpcBaseUrl: url,
  };
  return {
    binding: json(binding),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export async function durableExtension(host: Host, clock: VirtualClock, death?: Death): Promise<DurableExtension> {
  const all: Extension = {
    host,
    clock,
    mortal: mortality(death),
    instances: new Map(),
    messages: [],
    serving: undefined,
  };
  const server = await listening(all);
  const running = () => [...all.instances.values()].filter(({ status }) => status === 'Running');

  /** One thing that can be done now; false where there is none. */
  async function one(process: Process): Promise<boolean> {
    all.serving = process;
    const waiting = all.messages.find(({ visibleAt }) => visibleAt <= clock.milliseconds);
    const told = running().find(({ news }) => news.length > 0);
    const busy = running().find(({ tasks }) => tasks.length > 0);
    if (waiting) await delivery(all, process, waiting, server.binding);
    else if (told) await episode(all, process, told);
    else if (busy) await activity(all, process, busy);
    else return false;
    return true;
  }

  return {
    instances: all.instances,
    get checkpoints() {
      return all.mortal.count;
    },
    send: (body) => void all.messages.push({ body, deliveries: 0, visibleAt: clock.milliseconds }),
    async work(process) {
      while (await one(process()));
    },
    pass(until) {
      const timers = running().flatMap((instance) => instance.timers.map((timer) => ({ ...timer, instance })));
      const [next] = timers.toSorted((a, b) => a.at - b.at);
      const [message] = all.messages.toSorted((a, b) => a.visibleAt - b.visibleAt);
      const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, message?.visibleAt ?? Number.POSITIVE_INFINITY);
      if (at > Date.parse(until)) return false;
      clock.moveTo(new Date(at).toISOString());
      if (next?.at !== at) return true;
      next.instance.timers = next.instance.timers.filter(({ id }) => id !== next.id);
      const FireAt = new Date(at).toISOString();
      next.instance.news.push(happening(all, happens.timerFired, { TimerId: next.id, FireAt }));
      return true;
    },
    forget() {
      all.instances.clear();
      all.messages = [];
    },
    close: server.close,
  };
}
