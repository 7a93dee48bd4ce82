import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createApi } from '../../shared/api/api.ts';
import { replyInSlack } from '../../shared/adapters/notify/slack-reply.ts';
import { environmentSecrets } from '../../shared/adapters/system/secrets.ts';
import { Person } from '../../shared/config/settings.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Identify } from '../../shared/ports/identify.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import type { Engine } from '../../shared/run/turn.ts';
import { faultFields, log } from '../log.ts';
import { round } from '../round.ts';
import { activeFindings } from '../wire.ts';
import { createRunner } from './runner.ts';

export type ServeOptions = {
  readonly deps: RunDeps;
  readonly engine: Engine;
  readonly playbooks: readonly Playbook[];
  /** A free one when left out. */
  readonly port?: number;
  /** A new one when left out. */
  readonly token?: string;
  /** The region of AWS whose findings are compared where the settings name none. */
  readonly homeRegion?: string;
  /** Whom the token stands for; somebody of the settings, or one who may do everything. */
  readonly person?: string;
};

/** Cordon's HTTP interface on this machine. */
export type Serving = {
  readonly url: string;
  readonly token: string;
  /** Resolves when no run is at work. */
  idle(): Promise<void>;
  /** Does what is done every few seconds: starts what is due, reads containments again, compares the providers' findings. */
  look(): Promise<void>;
  close(): Promise<void>;
};

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whoever holds the token is the one person; compared in constant time. */
export const identifyByHeldToken =
  (token: string, person: string): Identify =>
  async (request) => {
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    return given !== undefined && timingSafeEqual(hash(given), hash(token)) ? { id: person } : undefined;
  };

/** The person of the token, with every role where the settings do not know them. */
function withPerson({ settings, ...deps }: RunDeps, id: string): RunDeps {
  if (settings.people.some((person) => person.id === id)) return { ...deps, settings };
  const local = Person.parse({ id, roles: ['responder', 'approver'] });
  return { ...deps, settings: { ...settings, people: [...settings.people, local] } };
}

/** Serves the HTTP interface on the loopback and carries the runs on that it starts; `close` ends both. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const {
    deps,
    engine,
    playbooks,
    port = 0,
    person = 'local',
    homeRegion = '',
    token = randomBytes(24).toString('base64url'),
  } = options;
  const active = activeFindings(deps.clouds);
  const runner = createRunner({
    engine,
    report: (fault, runId) => log('error', 'a run could not be carried on', { runId, ...faultFields(fault) }),
    round: (starter, signal) => round({ ...deps, starter, active, homeRegion }, signal),
  });
  const api = createApi({
    ...withPerson(deps, person),
    playbooks,
    starter: runner.starter,
    identify: identifyByHeldToken(token, person),
    secrets: environmentSecrets(process.env),
    reply: replyInSlack,
    deadline: () => AbortSignal.timeout(60_000),
    report: (fault) => log('error', 'a request failed', faultFields(fault)),
  });
  const server = createAdaptorServer({ fetch: api.fetch });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo; // a server that listens on TCP has one
  return {
    url: `http://127.0.0.1:${taken}`,
    token,
    idle: runner.idle,
    look: runner.look,
    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await runner.close();
    },
  };
}
