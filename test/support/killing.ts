import { sandboxClouds } from '../../functions/local/wire.ts';
import { hmacSigner } from '../../shared/adapters/system/signer.ts';
import type { SqliteStore } from '../../shared/adapters/sqlite/records.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import { silentNotifier } from '../../shared/ports/notifier.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import { requestHandler } from '../../shared/sandbox/aws/protocol/request-handler.ts';
import { azureHttpClient, clusterTransport } from '../../shared/sandbox/mount.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import type { Estate } from '../../shared/sandbox/estate.ts';
import { allActions } from '../../functions/wire.ts';
import { identities, northwindSettings } from './company.ts';
import type { Road } from './road.ts';
import { memory } from './store.ts';

/** What outlives a process: the clouds and the store. */
export type Lasting = { readonly sandbox: Sandbox; readonly store: SqliteStore };

export const lasting = (estate: Estate): Lasting => ({ sandbox: createSandbox(estate), store: memory() });

/** Where a process dies: before or after the effect of its nth call on the store or a cloud. */
export type Death = { readonly at: number; readonly after: boolean };

/** What became of a process: it came to its end, or it died on the way; and how many calls it made. */
export type Fate = { readonly died: boolean; readonly calls: number };

/** What a write or a call passes on its way out of a process. */
export type Boundary = <T>(effect: () => Promise<T>) => Promise<T>;

const bounded = (records: Records, evidence: Evidence, boundary: Boundary): Pick<RunDeps, 'records' | 'evidence'> => ({
  records: {
    ...records,
    create: (draft) => boundary(() => records.create(draft)),
    replace: (draft, version) => boundary(() => records.replace(draft, version)),
  },
  evidence: { ...evidence, put: (value) => boundary(() => evidence.put(value)) },
});

/** A process over what lasts; every write to the store and every call to a cloud passes the boundary. */
export function processOn({ sandbox, store }: Lasting, boundary: Boundary): Road {
  const handle: Sandbox['handle'] = (request) => boundary(() => sandbox.handle(request));
  const ways = {
    requestHandler: requestHandler(handle),
    httpClient: azureHttpClient(handle),
    clusters: clusterTransport(handle),
  };
  const watched: Sandbox = { ...sandbox, ...ways };
  const settings = northwindSettings();
  const deps: RunDeps = {
    ...bounded(store.records, store.evidence, boundary),
    clock: sandbox.clock,
    clouds: sandboxClouds(watched, settings, identities),
    actions: allActions,
    settings,
    signer: hmacSigner([{ id: 'test', secret: Buffer.alloc(32, 7) }]),
    notifier: silentNotifier,
  };
  return { sandbox, deps, engine: engineOf(deps), signal: new AbortController().signal };
}

/**
 * Runs a process to its end or to its death. Nothing can catch a death: the call it dies in never comes back, and what
 * the process had in its memory is not seen again.
 */
export async function living(on: Lasting, job: (one: Road) => Promise<unknown>, death?: Death): Promise<Fate> {
  let calls = 0;
  const dead = Promise.withResolvers<'dead'>();
  const boundary: Boundary = async (effect) => {
    calls += 1;
    const dies = death !== undefined && calls >= death.at;
    if (!dies) return effect();
    if (calls === death.at && death.after) await effect();
    dead.resolve('dead');
    return new Promise(() => {});
  };
  const end = await Promise.race([job(processOn(on, boundary)), dead.promise]);
  return { died: end === 'dead', calls };
}
