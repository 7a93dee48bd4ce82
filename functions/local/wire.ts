import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { openSqlite, type SqliteStore } from '../../shared/adapters/sqlite/records.ts';
import { folderAnchor, memoryAnchor } from '../../shared/adapters/system/folder-anchor.ts';
import { type NotifierDeps, notifierOf } from '../../shared/adapters/notify/notifier.ts';
import { environmentSecrets } from '../../shared/adapters/system/secrets.ts';
import { fileSigner, passingSigner } from '../../shared/adapters/system/signer.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Anchor } from '../../shared/ports/anchor.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Clouds } from '../../shared/ports/clouds.ts';
import { type Notifier, silentNotifier } from '../../shared/ports/notifier.ts';
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
      const { requestHandler, clusters, clock } = sandbox;
      return awsClouds({
        settings,
        clock,
        credentials: async () => aws,
        homeRegion: 'eu-west-1',
        requestHandler,
        clusters,
      });
    },
    azure: async () => {
      const { azureClouds } = await import('../../shared/adapters/azure/clouds.ts');
      const writer = azure.writer === undefined ? {} : { writer: sandbox.credential(azure.writer) };
      return azureClouds({
        settings,
        credentials: { reader: sandbox.credential(azure.reader), ...writer },
        httpClient: sandbox.httpClient,
        clusters: sandbox.clusters,
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

/** The channels of the settings, with the secrets of this process and the AWS SDK's own chain of credentials. */
export const realNotifier = (deps: Pick<NotifierDeps, 'settings' | 'signer' | 'clock'>): Notifier =>
  notifierOf({
    ...deps,
    secrets: environmentSecrets(process.env),
    sns: async (settings) => (await import('../../shared/adapters/aws/sns-channel.ts')).snsChannel(settings),
  });

/** Cordon on one machine. */
export type Local = {
  readonly deps: RunDeps;
  readonly engine: Engine;
  readonly store: SqliteStore;
  /** Where the heads of journals are kept beside the store. */
  readonly anchor: Anchor;
};

export function local(options: {
  readonly settings: Settings;
  readonly clouds: Clouds;
  readonly clock: Clock;
  /** A SQLite file, or `:memory:`. */
  readonly file: string;
  /** How people are told; nobody is when left out. */
  readonly notifier?: typeof realNotifier;
}): Local {
  const { settings, clouds, clock, file, notifier: tell = () => silentNotifier } = options;
  const store = openSqlite(file, { token: randomUUID });
  const { evidence } = store;
  const records = spilling(store.records, evidence);
  const inMemory = file === ':memory:';
  const beside = (name: string): string => join(dirname(file), name);
  const signer = inMemory ? passingSigner() : fileSigner(beside('signing-keys'));
  const anchor = inMemory ? memoryAnchor() : folderAnchor(beside('anchors'));
  const notifier = tell({ settings, signer, clock });
  const deps: RunDeps = { records, evidence, clock, clouds, actions: allActions, settings, signer, notifier };
  return { deps, engine: engineOf(deps), store, anchor };
}
