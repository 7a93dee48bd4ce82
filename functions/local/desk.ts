import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../shared/config/settings.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { isObject, own, shortDigest } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { parseEstate } from '../../shared/sandbox/estate.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { findSettings } from '../find-settings.ts';
import { readSettingsFile } from '../settings-file.ts';
import { loadPlaybooks, usable } from './playbooks.ts';
import { grantDeclared } from './rights.ts';
import { allActions } from '../wire.ts';
import { type Identities, type Local, local, realClouds, realNotifier, sandboxClouds } from './wire.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const company = join(root, 'test/fixtures/estates/northwind');
const storeFile = 'cordon.db';

/** What every command works with. */
export type Desk = Local & {
  readonly settings: Settings;
  /** Read and checked when they are first asked for; many a command needs none. Throws with every problem. */
  playbooks(): Promise<readonly Playbook[]>;
  readonly clock: Clock;
  /** Undefined when the real clouds are meant. */
  readonly sandbox: Sandbox | undefined;
  /** Keeps the sandbox's state for the next command and closes the store. */
  close(): Promise<void>;
};

export type DeskOptions = {
  /** Settings file, which must be there; without it `CORDON_CONFIG`, then `cordon.yaml`, then the sandbox company. */
  readonly config?: string;
  /** The stage that is meant, whatever the settings or the environment say. */
  readonly stage?: string;
  /** The sandbox company, whatever settings there are. */
  readonly sandbox?: boolean;
  /** Folder of the local store. */
  readonly state: string;
  readonly playbooks: readonly string[];
};

/** Reads settings from YAML. Throws `InvalidInput` with line and column of what is wrong. */
export const parseSettings = (text: string, file: string, stage?: string): Settings =>
  readSettingsFile(text, file, process.env, stage).settings;

const identities: Identities = {
  aws: { accessKeyId: 'AKIACORDONHOME000001', secretAccessKey: 'cordon-home-secret' },
  azure: { reader: '0a1b2c3d-0000-4000-8000-00000000c0de', writer: '0a1b2c3d-0000-4000-8000-00000000c0df' },
};

/** The sandbox company as its files tell of it. */
export type Northwind = {
  /** Where more than one play, each takes a fork of it. */
  readonly sandbox: Sandbox;
  readonly settings: Settings;
  readonly identities: Identities;
};

/** Reads the sandbox company, once for however many play in it; Cordon has no rights there yet. */
export async function readNorthwind(): Promise<Northwind> {
  const [estate, settings] = await Promise.all([
    readFile(`${company}.yaml`, 'utf8'),
    readFile(`${company}.settings.yaml`, 'utf8'),
  ]);
  return {
    sandbox: createSandbox(parseEstate(estate, 'northwind.yaml')),
    settings: parseSettings(settings, 'northwind.settings.yaml'),
    identities,
  };
}

/** The sandbox company with its settings, and Cordon with its rights: the one that demo and first steps play in. */
export async function northwind(): Promise<Northwind> {
  const company = await readNorthwind();
  await grantDeclared(company.sandbox, allActions, company.settings, company.identities);
  return company;
}

type Saved = {
  readonly now: string;
  /** Digest of the actions whose rights Cordon had. */
  readonly actions: string;
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const actionsDigest = (): string => shortDigest(Object.entries(allActions).map(([id, { hash }]) => [id, hash]));

/** Goes on from where the last command left the sandbox; with the rights it had then, unless the actions are others now. */
async function restore({ sandbox, settings, identities: who }: Northwind, file: string): Promise<void> {
  const saved: unknown = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined;
  if (isObject(saved) && isObject(saved['tables'])) {
    sandbox.rows.restore((saved as Saved).tables); // written by `save` alone
    sandbox.clock.moveTo(String(saved['now']));
  }
  if (own(saved, 'actions') !== actionsDigest()) await grantDeclared(sandbox, allActions, settings, who);
}

const save = (sandbox: Sandbox, file: string): Promise<void> =>
  writeFile(
    file,
    JSON.stringify({
      now: sandbox.clock.now(),
      actions: actionsDigest(),
      tables: sandbox.rows.snapshot(),
    } satisfies Saved),
  );

/** A desk at the sandbox company, in a folder of its own: nothing it does is ever taken for what was done for real. */
async function sandboxDesk(folder: string, playbooks: Desk['playbooks']): Promise<Desk> {
  await mkdir(folder, { recursive: true });
  const company = await readNorthwind();
  const { sandbox, settings, identities: who } = company;
  const saved = join(folder, 'estate.json');
  await restore(company, saved);
  const { clock } = sandbox;
  const made = local({ settings, clouds: sandboxClouds(sandbox, settings, who), clock, file: join(folder, storeFile) });
  return {
    ...{ ...made, settings, playbooks, clock, sandbox },
    async close() {
      await save(sandbox, saved);
      made.store.close();
    },
  };
}

/** Opens the store and the clouds that a command works with. */
export async function openDesk({ config, stage, sandbox, state, playbooks: paths }: DeskOptions): Promise<Desk> {
  let reading: Promise<readonly Playbook[]> | undefined;
  const playbooks = (): Promise<readonly Playbook[]> => {
    reading ??= loadPlaybooks(paths).then(usable);
    return reading;
  };
  const { file, text } = sandbox ? { file: '', text: undefined } : await findSettings(config, process.env);
  if (text === undefined) return sandboxDesk(join(state, 'sandbox'), playbooks);
  const settings = parseSettings(text, file, stage);
  await mkdir(state, { recursive: true });
  const clock = systemClock;
  const clouds = realClouds(settings, clock);
  const made = local({ settings, clouds, clock, file: join(state, storeFile), notifier: realNotifier });
  return { ...made, settings, playbooks, clock, sandbox: undefined, close: async () => made.store.close() };
}
