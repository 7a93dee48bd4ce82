import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { Settings } from '../../shared/config/settings.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { isObject } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { parseEstate } from '../../shared/sandbox/estate.ts';
import { createSandbox, type Sandbox } from '../../shared/sandbox/sandbox.ts';
import { loadPlaybooks, usable } from './playbooks.ts';
import { grantDeclared } from './rights.ts';
import { allActions } from '../wire.ts';
import { type Identities, type Local, local, realClouds, realNotifier, sandboxClouds } from './wire.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const company = join(root, 'test/fixtures/estates/northwind');

/** What every command works with. */
export type Desk = Local & {
  readonly settings: Settings;
  readonly playbooks: readonly Playbook[];
  readonly clock: Clock;
  /** Undefined when the real clouds are meant. */
  readonly sandbox: Sandbox | undefined;
  /** Keeps the sandbox's state for the next command and closes the store. */
  close(): Promise<void>;
};

export type DeskOptions = {
  /** Settings file; the sandbox company when left out and there is no `cordon.yaml`. */
  readonly config?: string;
  /** Folder of the local store. */
  readonly state: string;
  readonly playbooks: readonly string[];
};

/** Reads settings from YAML. Throws `InvalidInput` with the path of the first thing that is wrong. */
export function parseSettings(text: string, file: string): Settings {
  const parsed = Settings.safeParse(parse(text, { version: '1.2', maxAliasCount: 0 }) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = { file, path: issue?.path.join('.') ?? '' };
  throw new InvalidInput({ code: 'bad-settings', message: issue?.message ?? 'the settings do not fit', place });
}

const identities: Identities = {
  aws: { accessKeyId: 'AKIACORDONHOME000001', secretAccessKey: 'cordon-home-secret' },
  azure: { reader: '0a1b2c3d-0000-4000-8000-00000000c0de', writer: '0a1b2c3d-0000-4000-8000-00000000c0df' },
};

/** The sandbox company with its settings: the one that demo, tests of playbooks and first steps play in. */
export async function northwind(): Promise<{
  readonly sandbox: Sandbox;
  readonly settings: Settings;
  readonly identities: Identities;
}> {
  const [estate, settings] = await Promise.all([
    readFile(`${company}.yaml`, 'utf8'),
    readFile(`${company}.settings.yaml`, 'utf8'),
  ]);
  const sandbox = createSandbox(parseEstate(estate, 'northwind.yaml'));
  const parsed = parseSettings(settings, 'northwind.settings.yaml');
  await grantDeclared(sandbox, allActions, parsed, identities);
  return { sandbox, settings: parsed, identities };
}

type Saved = { readonly now: string; readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

async function restore(sandbox: Sandbox, file: string): Promise<void> {
  if (!existsSync(file)) return;
  const saved: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isObject(saved) || !isObject(saved['tables'])) return;
  sandbox.rows.restore((saved as Saved).tables); // written by `save` alone
  sandbox.clock.moveTo(String(saved['now']));
}

const save = (sandbox: Sandbox, file: string): Promise<void> =>
  writeFile(file, JSON.stringify({ now: sandbox.clock.now(), tables: sandbox.rows.snapshot() } satisfies Saved));

/** Opens the store and the clouds that a command works with. */
export async function openDesk({ config = 'cordon.yaml', state, playbooks: paths }: DeskOptions): Promise<Desk> {
  await mkdir(state, { recursive: true });
  const playbooks = usable(await loadPlaybooks(paths));
  const file = join(state, 'cordon.db');
  if (existsSync(config)) {
    const settings = parseSettings(await readFile(config, 'utf8'), config);
    const clock = systemClock;
    const made = local({ settings, clouds: realClouds(settings, clock), clock, file, notifier: realNotifier });
    return { ...made, settings, playbooks, clock, sandbox: undefined, close: async () => made.store.close() };
  }
  const { sandbox, settings, identities: who } = await northwind();
  const saved = join(state, 'sandbox.json');
  await restore(sandbox, saved);
  const made = local({ settings, clouds: sandboxClouds(sandbox, settings, who), clock: sandbox.clock, file });
  return {
    ...made,
    settings,
    playbooks,
    clock: sandbox.clock,
    sandbox,
    async close() {
      await save(sandbox, saved);
      made.store.close();
    },
  };
}
