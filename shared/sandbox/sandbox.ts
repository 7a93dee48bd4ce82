import { principalOf, stranger } from './aws/authenticate.ts';
import { judge } from './aws/authorise.ts';
import { type Aws, handleAws, operationsByService } from './aws/handle.ts';
import { awsNouns } from './aws/nouns.ts';
import { requestHandler } from './aws/protocol/request-handler.ts';
import { awsServices } from './aws/services.ts';
import { tokenFor } from './azure/authenticate.ts';
import { azureHost, handleAzure, operationsOfNouns } from './azure/handle.ts';
import { azureNouns } from './azure/nouns.ts';
import { virtualClock } from './clock.ts';
import { type Estate, seed } from './estate.ts';
import { createFaults } from './faults.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { azureHttpClient, listen } from './mount.ts';
import { createRecorder } from './record.ts';
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
  credential(principal: string): SandboxCredential;
  /** On a free loopback port, for other programs. */
  listen(): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Whether AWS would let the holder of a key do something now. */
  can(attempt: Attempt): boolean;
};

function createWorld(start: string): World {
  const clock = virtualClock(start);
  const counters = new Map<string, number>();
  return {
    clock,
    rows: createRows(clock),
    faults: createFaults(),
    recorder: createRecorder(),
    next(kind) {
      const number = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, number);
      return number;
    },
  };
}

const credentialOf = ({ clock }: World, principal: string): SandboxCredential => ({
  async getToken(scopes) {
    const audience = String([scopes].flat()[0] ?? '')
      .replace(/\/?\.default$/, '')
      .replace(/\/$/, '');
    const expires = clock.milliseconds + 3_600_000;
    // The SDK refreshes by the process's own clock, so that one gets an instant which is always ahead.
    return { token: tokenFor(principal, audience, expires), expiresOnTimestamp: Date.now() + 3_600_000 };
  },
});

function can(world: World, { accessKeyId, action, resource, region = 'us-east-1', context = {} }: Attempt): boolean {
  const caller = accessKeyId === '' ? stranger : principalOf(world, accessKeyId)?.caller;
  if (!caller) return false;
  const wish = { action, resource, resourceAccount: resource.split(':')[4] || caller.account, region, context };
  return judge(world, caller, wish).decision === 'allowed';
}

/** A simulated AWS and a simulated Azure with the state of an estate. */
export function createSandbox(estate: Estate): Sandbox {
  const world = createWorld(estate.now);
  seed(world.rows, estate);
  const aws: Aws = { world, services: awsServices(), operations: operationsByService(awsNouns) };
  const azure = { world, operations: operationsOfNouns(azureNouns) };
  const handle = (request: HttpRequest): Promise<HttpResponse> => {
    const host = azureHost(request.url.hostname);
    return host ? handleAzure(azure, host, request) : handleAws(aws, request);
  };
  return {
    ...world,
    handle,
    requestHandler: requestHandler(handle),
    httpClient: azureHttpClient(handle),
    credential: (principal) => credentialOf(world, principal),
    listen: () => listen(handle),
    can: (attempt) => can(world, attempt),
  };
}
