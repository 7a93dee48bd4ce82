import { type HttpRequest, type HttpResponse, httpResponse } from '../http.ts';
import type { Fault } from '../faults.ts';
import { ConnectionLost, type World } from '../world.ts';
import { authenticate, stranger } from './authenticate.ts';
import { denial, judge } from './authorise.ts';
import type { AwsNoun } from './noun.ts';
import type { Call, Caller, Operation, Operations, Right } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';
import type { AwsService } from './protocol/service.ts';
import { decodeCall, encodeFault, encodeOutput, readSignature } from './protocol/wire.ts';

export type Aws = {
  readonly world: World;
  readonly services: ReadonlyMap<string, AwsService>;
  readonly operations: ReadonlyMap<string, Operations>;
};

/** All operations of all nouns by service. */
export function operationsByService(nouns: readonly AwsNoun[]): ReadonlyMap<string, Operations> {
  const all = new Map<string, Operations>();
  for (const noun of nouns)
    for (const [service, operations] of Object.entries(noun.operations))
      all.set(service, { ...all.get(service), ...operations });
  return all;
}

const readingName = /^(Describe|List|Get|Head|Simulate|Search)/;

/** The IAM prefix of a service where it differs from its signing name. */
const prefixes: Readonly<Record<string, string>> = { sso: 'sso' };

type Asked = {
  readonly service: AwsService;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly operation: Operation;
};

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function actionsOf({ service, name, input, operation }: Asked, call: Call): readonly string[] {
  const { action } = operation;
  if (action === undefined) return [`${prefixes[service.name] ?? service.name}:${name}`];
  return listOf(typeof action === 'string' ? action : action(input, call));
}

const resourcesOf = ({ input, operation }: Asked, call: Call): readonly string[] =>
  listOf(operation.on?.(input, call) ?? '*');

const furtherOf = ({ input, operation }: Asked, call: Call): readonly Right[] => operation.also?.(input, call) ?? [];

function authorise(asked: Asked, call: Call): void {
  const { operation, service, input } = asked;
  if (operation.free || operation.trusts) return;
  const on = resourcesOf(asked, call);
  const context = operation.context?.(input, call) ?? {};
  const named = actionsOf(asked, call).map((action): Right => ({ action, on, context }));
  for (const right of [...named, ...furtherOf(asked, call)])
    for (const resource of listOf(right.on)) {
      const owner = resource.split(':')[4] || call.account;
      const resourceAccount = owner === 'aws' ? call.account : owner; // policies of AWS's own are everybody's
      const { action } = right;
      const wish = { action, resource, resourceAccount, region: call.region, context: right.context ?? {} };
      const verdict = judge(call.world, call.caller, wish);
      if (verdict.decision !== 'allowed') throw denial(service.name, call.caller, wish, verdict);
    }
}

function strike(fault: Fault | undefined, service: string): void {
  if (fault?.kind === 'throttle') {
    const code = service === 'ec2' ? 'RequestLimitExceeded' : service === 's3' ? 'SlowDown' : 'Throttling';
    throw new AwsFault(code, 'Rate exceeded', {
      status: service === 'ec2' || service === 's3' ? 503 : 400,
      retryable: true,
    });
  }
  if (fault?.kind === 'error')
    throw new AwsFault(fault.code, fault.message ?? 'The sandbox was told to fail.', { status: fault.status });
}

/** EC2 counts each operation of an account in a region by itself. */
function overQuota({ service, name, operation }: Asked, { world, account, region }: Call): boolean {
  if (service.name !== 'ec2') return false;
  const kind = readsOnly(name, operation) ? 'reads' : 'writes';
  return world.quotas.refuse('ec2', kind, `${account}:${region}:${name}`) !== undefined;
}

async function perform(asked: Asked, call: Call): Promise<HttpResponse> {
  const { service, name, input, operation } = asked;
  if (overQuota(asked, call)) strike({ kind: 'throttle' }, service.name);
  const fault = call.world.faults.strike(actionsOf(asked, call)[0] ?? name);
  if (fault?.kind === 'delay') call.world.clock.advance(fault.seconds);
  strike(fault, service.name);
  operation.reaches?.(input, call);
  authorise(asked, call);
  if (fault?.kind === 'effect-lost') return encodeOutput(service, name, {}, call.requestId);
  const output = await operation.does(input, call);
  if (fault?.kind === 'answer-lost') throw new ConnectionLost();
  return encodeOutput(service, name, output, call.requestId);
}

const asFault = (thrown: unknown): AwsFault => {
  if (thrown instanceof AwsFault) return thrown;
  throw thrown;
};

function modelled({ operations }: Aws, service: AwsService, name: string): Operation {
  const operation = operations.get(service.name)?.[name];
  if (operation) return operation;
  throw new AwsFault('NotImplemented', `the sandbox does not model ${service.name}:${name}`, { status: 501 });
}

/** Tells who calls, or a stranger together with the fault that says why. */
function callerOf(world: World, request: HttpRequest): { caller: Caller; fault?: AwsFault } {
  try {
    return { caller: authenticate(world, request, readSignature(request)) };
  } catch (thrown) {
    return { caller: stranger, fault: asFault(thrown) };
  }
}

/** A request on its way: what is known of it so far, for the record. */
type Attempt = {
  readonly service: AwsService;
  readonly region: string;
  readonly caller: Caller;
  readonly requestId: string;
  name: string;
  asked?: Asked;
  call?: Call;
};

const readsOnly = (name: string, operation?: Operation): boolean => operation?.reads ?? readingName.test(name);

function record({ recorder, clock }: World, attempt: Attempt, status: number, error: string): void {
  const { service, region, caller, requestId, name, asked, call } = attempt;
  const further = asked && call ? furtherOf(asked, call).map(({ action }) => action) : [];
  const actions = asked && call ? [...actionsOf(asked, call), ...further] : [];
  recorder.add({
    at: clock.now(),
    cloud: 'aws',
    operation: actions[0] ?? `${service.name}:${name}`,
    also: actions.slice(1),
    mutating: !readsOnly(name, asked?.operation),
    resource: asked && call ? resourcesOf(asked, call).join(' ') : '',
    caller: caller.arn,
    account: caller.account,
    region,
    status,
    error,
    requestId,
  });
}

async function serve(aws: Aws, request: HttpRequest, attempt: Attempt, fault?: AwsFault): Promise<HttpResponse> {
  const { world } = aws;
  const { service, region, caller, requestId } = attempt;
  const { operation: name, input } = await decodeCall(service, request);
  attempt.name = name;
  if (fault) throw fault;
  const operation = modelled(aws, service, name);
  const view = readsOnly(name, operation) ? world.rows.lagged : world.rows;
  attempt.call = { world, partition: 'aws', account: caller.account, region, caller, view, requestId };
  attempt.asked = { service, name, input, operation };
  return perform(attempt.asked, attempt.call);
}

/** Where an unsigned request goes: the region is in the host's name. */
const regionOf = ({ headers, url }: HttpRequest): string =>
  /[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/.exec(headers.host ?? url.host)?.[1] ?? 'us-east-1';

/** Without a signature there are strangers at buckets, and tokens that are exchanged at STS. */
const unsignedService = ({ headers, url }: HttpRequest): string =>
  /^sts[.-]/.test(headers.host ?? url.host) ? 'sts' : 's3';

/** The simulated AWS: authentication, decoding, faults, permission, the operation, and a record of all. */
export async function handleAws(aws: Aws, request: HttpRequest): Promise<HttpResponse> {
  const { world } = aws;
  const signature = readSignature(request);
  const service = aws.services.get(signature?.service ?? unsignedService(request));
  if (!service)
    return httpResponse(
      501,
      { 'content-type': 'text/plain' },
      `the sandbox has no service ${signature?.service ?? ''}`,
    );
  const requestId = `req-${String(world.next('aws.request')).padStart(8, '0')}`;
  const { caller, fault } = callerOf(world, request);
  const attempt: Attempt = { service, region: signature?.region ?? regionOf(request), caller, requestId, name: '' };
  try {
    const response = await serve(aws, request, attempt, fault);
    record(world, attempt, response.status, '');
    return response;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) record(world, attempt, 0, thrown.code);
    const refused = asFault(thrown);
    const response = encodeFault(service, refused, requestId);
    record(world, attempt, response.status, refused.awsCode);
    return response;
  }
}
