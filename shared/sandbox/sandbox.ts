import { parsePolicy } from '../policy/document.ts';
import { principalOf, stranger } from './aws/authenticate.ts';
import { judge } from './aws/authorise.ts';
import { type Aws, handleAws, operationsByService } from './aws/handle.ts';
import { awsNouns } from './aws/nouns.ts';
import { requestHandler } from './aws/protocol/request-handler.ts';
import { awsServices } from './aws/services.ts';
import { tokenFor } from './azure/authenticate.ts';
import { azureHost, handleAzure, routesOfNouns } from './azure/handle.ts';
import { azureNouns } from './azure/nouns.ts';
import { principals } from './azure/rows.ts';
import { refuseSignIn } from './azure/sign-in.ts';
import { virtualClock } from './clock.ts';
import { type Estate, seed } from './estate.ts';
import { createFaults } from './faults.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { clusterAt, handleKubernetes } from './kubernetes/handle.ts';
import { azureHttpClient, clusterTransport, listen } from './mount.ts';
import { createQuotas } from './quotas.ts';
import { createRecorder } from './record.ts';
import { remembered } from './remembered.ts';
import { createRows } from './rows.ts';
import type { World } from './world.ts';

/** What somebody with an AWS key wants to do: asked of the policies as they stand, without doing it. */
export type Attempt = {
  readonly accessKeyId: string;
  readonly action: string;
  readonly resource: string;
  readonly region?: string;
  readonly context?: Readonly<Record<string, string>>;
};

/** A token source of one simulated principal, as Azure SDK clients take it. */
export type SandboxCredential = {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
};

export type Sandbox = World & {
  /** The one function from request to response. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** For AWS SDK clients: `new IAMClient({ requestHandler })`. */
  readonly requestHandler: ReturnType<typeof requestHandler>;
  /** For Azure SDK clients: the `httpClient` option. */
  readonly httpClient: ReturnType<typeof azureHttpClient>;
  /** The way to the API servers of clusters. */
  readonly clusters: ReturnType<typeof clusterTransport>;
  /** Somebody who signs in anew with each token; with a secret, only while the application has it. */
  credential(principal: string, secret?: string): SandboxCredential;
  /** On a free loopback port, for other programs. */
  listen(): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Whether AWS would let the holder of a key do something now. */
  can(attempt: Attempt): boolean;
  /** The same clouds at the same instant, to go on apart from these. */
  fork(): Sandbox;
};

/** A world that another one can be made of. */
type Forkable = World & { fork(): Forkable };

function worldOf(parts: Omit<World, 'next'>, counted: ReadonlyMap<string, number>): Forkable {
  const counters = new Map(counted);
  return {
    ...parts,
    next(kind) {
      const number = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, number);
      return number;
    },
    fork() {
      const clock = virtualClock(parts.clock.milliseconds);
      const { rows, faults, quotas, recorder, policy } = parts;
      const apart = {
        clock,
        rows: rows.fork(clock),
        faults: faults.fork(),
        quotas: quotas.fork(clock),
        recorder: recorder.fork(),
        policy,
      };
      return worldOf(apart, counters);
    },
  };
}

function createWorld(start: string): Forkable {
  const clock = virtualClock(start);
  const [rows, faults, quotas, recorder] = [createRows(clock), createFaults(), createQuotas(clock), createRecorder()];
  const policy = remembered((text) => parsePolicy(text));
  return worldOf({ clock, rows, faults, quotas, recorder, policy }, new Map());
}

const credentialOf = (world: World, principal: string, secret?: string): SandboxCredential => ({
  async getToken(scopes) {
    const { clock, rows } = world;
    refuseSignIn(world, principal, secret);
    const audience = String([scopes].flat()[0] ?? '')
      .replace(/\/?\.default$/, '')
      .replace(/\/$/, '');
    const expires = clock.milliseconds + 3_600_000;
    const row = rows.get(principals, principal);
    const said = row ? { oid: row.id, tid: row.tenant, roles: audience.includes('graph') ? row.graph : [] } : {};
    // The SDK refreshes by the process's own clock, so that one gets an instant which is always ahead.
    return { token: tokenFor(principal, audience, expires, said), expiresOnTimestamp: Date.now() + 3_600_000 };
  },
});

function can(world: World, { accessKeyId, action, resource, region = 'us-east-1', context = {} }: Attempt): boolean {
  const caller = accessKeyId === '' ? stranger : principalOf(world, accessKeyId)?.caller;
  if (!caller) return false;
  const wish = { action, resource, resourceAccount: resource.split(':')[4] || caller.account, region, context };
  return judge(world, caller, wish).decision === 'allowed';
}

/** Read once out of the SDK's own schemas, and out of the nouns; the same for every sandbox. */
const services = awsServices();
const awsOperations = operationsByService(awsNouns);
const azureRoutes = routesOfNouns(azureNouns);

/** A simulated AWS and a simulated Azure with the state of an estate. */
export function createSandbox(estate: Estate): Sandbox {
  const world = createWorld(estate.now);
  seed(world.rows, estate);
  return sandboxOf(world);
}

function sandboxOf(world: Forkable): Sandbox {
  const aws: Aws = { world, services, operations: awsOperations };
  const azure = { world, routes: azureRoutes };
  const handle = (request: HttpRequest): Promise<HttpResponse> => {
    const cluster = clusterAt(world, request.url.hostname);
    if (cluster) return handleKubernetes(world, cluster, request);
    const host = azureHost(request.url.hostname);
    return host ? handleAzure(azure, host, request) : handleAws(aws, request);
  };
  return {
    ...world,
    handle,
    requestHandler: requestHandler(handle),
    httpClient: azureHttpClient(handle),
    clusters: clusterTransport(handle),
    credential: (principal, secret) => credentialOf(world, principal, secret),
    listen: () => listen(handle),
    can: (attempt) => can(world, attempt),
    fork: () => sandboxOf(world.fork()),
  };
}
