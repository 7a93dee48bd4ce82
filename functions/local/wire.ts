import { randomUUID } from 'node:crypto';
import { openSqlite, type SqliteStore } from '../../shared/adapters/sqlite/records.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import { spilling } from '../../shared/records/spill.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import type { Engine } from '../../shared/run/turn.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { allActions, joinClouds } from '../wire.ts';

/** The simulated identities that Cordon works with in an estate. */
export type Identities = {
  readonly aws: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Object ids; a stage without a writer cannot change anything. */
  readonly azure: { readonly reader: string; readonly writer?: string };
};

/** Both simulated clouds, reached through the real SDK clients. */
export const sandboxClouds = (sandbox: Sandbox, settings: Settings, { aws, azure }: Identities): Clouds =>
  joinClouds({
    aws: async () => {
      const { awsClouds } = await import('../../shared/adapters/aws/clouds.ts');
      const { requestHandler, clock } = sandbox;
      return awsClouds({ settings, clock, credentials: async () => aws, homeRegion: 'eu-west-1', requestHandler });
    },
    azure: async () => {
      const { azureClouds } = await import('../../shared/adapters/azure/clouds.ts');
      const writer = azure.writer === undefined ? {} : { writer: sandbox.credential(azure.writer) };
      return azureClouds({
        settings,
        credentials: { reader: sandbox.credential(azure.reader), ...writer },
        httpClient: sandbox.httpClient,
      });
    },
  });

/** The real clouds with the credentials of this machine: the SDKs' own chains. */
export const realClouds = (settings: Settings, clock: Clock): Clouds =>
  joinClouds({
    aws: async () => {
      const { awsClouds } = await import('../../shared/adapters/aws/clouds.ts');
      return awsClouds({ settings, clock, homeRegion: process.env['AWS_REGION'] ?? 'us-east-1' });
    },
    azure: async () => {
      const [{ azureClouds }, { DefaultAzureCredential }] = await Promise.all([
        import('../../shared/adapters/azure/clouds.ts'),
        import('@azure/identity'),
      ]);
      const credential = new DefaultAzureCredential();
      return azureClouds({ settings, credentials: { reader: credential, writer: credential } });
    },
  });

/** Cordon on one machine. */
export type Local = { readonly deps: RunDeps; readonly engine: Engine; readonly store: SqliteStore };

export function local(options: {
  readonly settings: Settings;
  readonly clouds: Clouds;
  readonly clock: Clock;
  /** A SQLite file, or `:memory:`. */
  readonly file: string;
}): Local {
  const { settings, clouds, clock, file } = options;
  const store = openSqlite(file, { token: randomUUID });
  const { evidence } = store;
  const records = spilling(store.records, evidence);
  const deps: RunDeps = { records, evidence, clock, clouds, actions: allActions, settings };
  return { deps, engine: engineOf(deps), store };
}
