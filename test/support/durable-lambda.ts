import type {
  CheckpointDurableExecutionRequest,
  DurableExecutionClient,
  DurableExecutionInvocationOutput,
  OperationUpdate,
  WireOperation,
} from '@aws/durable-execution-sdk-js';
import type { createHandler } from '../../functions/aws/on-run.ts';
import type { VirtualClock } from '../../shared/sandbox/clock.ts';
import { lambdaContext } from './doors.ts';
import { type Mortality, mortality, type Process } from './host.ts';
import type { Death } from './killing.ts';

type Handler = ReturnType<typeof createHandler>;

/** A process of the function, as Lambda knows it: called, and gone when it dies. */
export type Sandboxed = Pick<Process, 'dead' | 'kill'> & { readonly handler: Handler };

type Kept = WireOperation & { deadline?: number };
type Execution = {
  readonly name: string;
  readonly arn: string;
  readonly operations: Map<string, Kept>;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  /** Something has happened that it has not been told. */
  ready: boolean;
  invocations: number;
  token: number;
};

type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};
type Answer = { readonly status: number; readonly body?: object; readonly error?: string; readonly arn?: string };

/** Lambda's side of durable executions, in memory, on a clock that the test moves. */
export type DurableLambda = {
  /** The transport of the SDK in the function. */
  readonly client: DurableExecutionClient;
  /** The transport of clients that call Lambda. */
  readonly requestHandler: object;
  readonly executions: ReadonlyMap<string, Execution>;
  readonly checkpoints: number;
  /** What clients have sent along, in order. */
  readonly bodies: string[];
  /** Begins an execution, or finds the one of that name. */
  start(name: string, payload: string): Execution;
  /** Calls the function until no execution has anything to do. */
  work(process: () => Sandboxed): Promise<void>;
  /** Moves the clock to the next wait or retry that is over; false where there is none until then. */
  pass(until: string): boolean;
  forget(): void;
};

const functionArn = 'arn:aws:lambda:eu-west-1:999988887777:function:cordon-on-run:1';

/** What became of an operation by one update. */
function applied(before: Kept | undefined, update: OperationUpdate, now: number): Kept {
  const { Id, Name, ParentId, SubType, Type, Action, Payload, Error: fault } = update;
  const StartTimestamp = new Date(now);
  const one: Kept = before ?? { Id, Name, ParentId, SubType, Type, StartTimestamp, Status: 'STARTED' };
  const attempts = one.StepDetails?.Attempt ?? 0;
  if (Action === 'START' && Type === 'CALLBACK') {
    const seconds = update.CallbackOptions?.TimeoutSeconds;
    const wait = { ...one, CallbackDetails: { CallbackId: `callback-${Id}` } };
    return seconds === undefined ? wait : { ...wait, deadline: now + seconds * 1_000 };
  }
  if (Action === 'START') return { ...one, Status: 'STARTED', StepDetails: { Attempt: attempts + 1 } };
  if (Action === 'SUCCEED')
    return { ...one, Status: 'SUCCEEDED', StepDetails: { ...one.StepDetails, Result: Payload } };
  if (Action === 'FAIL') return { ...one, Status: 'FAILED', StepDetails: { ...one.StepDetails, Error: fault } };
  if (Action !== 'RETRY') throw new TypeError(`no such action here: ${Action}`);
  const NextAttemptTimestamp = new Date(now + (update.StepOptions?.NextAttemptDelaySeconds ?? 0) * 1_000);
  return { ...one, Status: 'PENDING', StepDetails: { Attempt: attempts, Error: fault, NextAttemptTimestamp } };
}

/** When an open operation goes on by itself. */
function dueAt({ Status, Type, deadline, StepDetails }: Kept): number | undefined {
  if (Status === 'STARTED' && Type === 'CALLBACK') return deadline;
  const next = Status === 'PENDING' ? StepDetails?.NextAttemptTimestamp : undefined;
  return next === undefined ? undefined : new Date(next).getTime();
}

const timedOut = (one: Kept): Kept => ({
  ...one,
  Status: 'TIMED_OUT',
  CallbackDetails: { ...one.CallbackDetails, Error: { ErrorMessage: 'Callback timed out' } },
});

type Service = {
  readonly clock: VirtualClock;
  readonly mortal: Mortality;
  readonly executions: Map<string, Execution>;
  readonly bodies: string[];
  serving: Sandboxed | undefined;
  count: number;
};

const byArn = ({ executions }: Service, arn: string | undefined): Execution | undefined =>
  [...executions.values()].find((execution) => execution.arn === arn);
const stateOf = ({ operations }: Execution): WireOperation[] => structuredClone([...operations.values()]);

/** Begins an execution, or finds the one of that name. */
function begin(service: Service, name: string, payload: string): Execution {
  const before = service.executions.get(name);
  if (before) return before;
  service.count += 1;
  const arn = `${functionArn}/durable-execution/${name}/${service.count}`;
  const first: Kept = {
    Id: 'execution',
    Type: 'EXECUTION',
    Status: 'STARTED',
    StartTimestamp: new Date(service.clock.milliseconds),
    ExecutionDetails: { InputPayload: payload },
  };
  const operations = new Map([['execution', first]]);
  const execution: Execution = { name, arn, operations, status: 'RUNNING', ready: true, invocations: 0, token: 0 };
  service.executions.set(name, execution);
  return execution;
}

/** Takes one checkpoint; a token is good for one, and only for the invocation it was given to. */
function write(service: Service, request: CheckpointDurableExecutionRequest): WireOperation[] {
  const execution = byArn(service, request.DurableExecutionArn);
  if (!execution || request.CheckpointToken !== `token-${execution.token}`)
    throw Object.assign(new Error('Invalid Checkpoint Token'), { name: 'InvalidParameterValueException' });
  execution.token += 1;
  return (request.Updates ?? []).map((update) => {
    const id = String(update.Id);
    const next = applied(execution.operations.get(id), update, service.clock.milliseconds);
    execution.operations.set(id, next);
    return structuredClone(next);
  });
}

const clientOf = (service: Service): DurableExecutionClient => ({
  async getExecutionState({ DurableExecutionArn }) {
    const execution = byArn(service, DurableExecutionArn);
    return { Operations: execution ? stateOf(execution).slice(1) : [] };
  },
  async checkpoint(request) {
    const fate = service.mortal.next();
    const changed = fate === 'dies-before' ? [] : write(service, request);
    if (fate !== 'lives') {
      service.serving?.kill();
      return new Promise<never>(() => {});
    }
    const token = byArn(service, request.DurableExecutionArn)?.token;
    return { CheckpointToken: `token-${token}`, NewExecutionState: { Operations: changed } };
  },
});

/** One invocation of the function for one execution; a process that dies is followed by another. */
async function invoke(service: Service, execution: Execution, process: Sandboxed): Promise<void> {
  execution.ready = false;
  execution.invocations += 1;
  execution.token += 1;
  service.serving = process;
  const [first] = stateOf(execution);
  const event = {
    DurableExecutionArn: execution.arn,
    CheckpointToken: `token-${execution.token}`,
    // the rest of the state is asked for, as it is when there is much of it
    InitialExecutionState: { Operations: first ? [first] : [], NextMarker: 'more' },
  };
  const ended: DurableExecutionInvocationOutput | 'dead' = await Promise.race([
    process.handler(event, lambdaContext()),
    process.dead,
  ]);
  const overdue = (one: Kept) => (dueAt(one) ?? Number.POSITIVE_INFINITY) <= service.clock.milliseconds;
  if (ended === 'dead') execution.ready = true;
  else if (ended.Status !== 'PENDING') execution.status = ended.Status;
  else if ([...execution.operations.values()].some(overdue)) execution.ready = true;
}

/** Completes a callback for a client. */
function wake({ executions }: Service, callback: string): Answer {
  for (const execution of executions.values())
    for (const [id, one] of execution.operations)
      if (one.CallbackDetails?.CallbackId === callback && execution.status === 'RUNNING') {
        if (one.Status !== 'STARTED') return { status: 400, error: 'CallbackTimeoutException' };
        execution.operations.set(id, { ...one, Status: 'SUCCEEDED' });
        execution.ready = true;
        return { status: 200, body: {} };
      }
  return { status: 404, error: 'ResourceNotFoundException' };
}

function answer(service: Service, { method, path, headers, body }: HttpRequest): Answer {
  const [, callback] = /durable-execution-callbacks\/([^/]+)\/succeed$/.exec(path) ?? [];
  if (callback !== undefined) return wake(service, decodeURIComponent(callback));
  if (path.endsWith('/invocations')) {
    const name = headers['x-amz-durable-execution-name'] ?? '';
    return { status: 202, arn: begin(service, name, Buffer.from(body ?? '').toString()).arn };
  }
  const [, arn] = /durable-executions\/(.+)$/.exec(path) ?? [];
  const execution = method === 'GET' ? byArn(service, decodeURIComponent(arn ?? '')) : undefined;
  if (!execution) return { status: 404, error: 'ResourceNotFoundException' };
  return { status: 200, body: { DurableExecutionArn: execution.arn, Status: execution.status } };
}

const handlerOf = (service: Service) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  async handle(request: HttpRequest) {
    service.bodies.push(Buffer.from(request.body ?? '').toString());
    const { status: statusCode, body, error, arn } = answer(service, request);
    const headers = {
      'content-type': 'application/json',
      ...(error !== undefined && { 'x-amzn-errortype': error }),
      ...(arn !== undefined && { 'x-amz-durable-execution-arn': arn }),
    };
    return { response: { statusCode, headers, body: Buffer.from(body ? JSON.stringify(body) : '') } };
  },
});

/** Moves the clock to the first wait or retry that is over by then, and says so to its execution. */
function pass({ executions, clock }: Service, until: string): boolean {
  const running = [...executions.values()].filter(({ status }) => status === 'RUNNING');
  const open = running.flatMap((execution) =>
    [...execution.operations].flatMap(([id, one]) => {
      const at = dueAt(one);
      return at === undefined ? [] : [{ execution, id, one, at }];
    }),
  );
  const [next] = open.toSorted((a, b) => a.at - b.at);
  if (!next || next.at > Date.parse(until)) return false;
  clock.moveTo(new Date(next.at).toISOString());
  const { execution, id, one } = next;
  execution.operations.set(id, one.Type === 'CALLBACK' ? timedOut(one) : { ...one, Status: 'READY' });
  execution.ready = true;
  return true;
}

export function durableLambda(clock: VirtualClock, death?: Death): DurableLambda {
  const executions = new Map<string, Execution>();
  const bodies: string[] = [];
  const service: Service = { clock, mortal: mortality(death), executions, bodies, serving: undefined, count: 0 };
  return {
    client: clientOf(service),
    requestHandler: handlerOf(service),
    executions,
    bodies,
    get checkpoints() {
      return service.mortal.count;
    },
    start: (name, payload) => begin(service, name, payload),
    async work(process) {
      for (;;) {
        const ready = [...executions.values()].filter((one) => one.status === 'RUNNING' && one.ready);
        if (ready.length === 0) return;
        for (const execution of ready) await invoke(service, execution, process());
      }
    },
    pass: (until) => pass(service, until),
    forget: () => executions.clear(),
  };
}
