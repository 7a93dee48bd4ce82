import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { environmentSecrets } from '../shared/adapters/system/secrets.ts';
import { hmacSigner, namedSigner, namesKeys, noSigner, readSigningKeys } from '../shared/adapters/system/signer.ts';
import { Settings, stageMode } from '../shared/config/settings.ts';
import { InvalidInput, messageOf } from '../shared/model/error.ts';
import { Playbook } from '../shared/model/playbook.ts';
import type { Anchor } from '../shared/ports/anchor.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Evidence } from '../shared/ports/evidence.ts';
import type { Records } from '../shared/ports/records.ts';
import type { Secrets } from '../shared/ports/secrets.ts';
import type { Signer } from '../shared/ports/signer.ts';
import { spilling } from '../shared/records/spill.ts';
import { log } from './log.ts';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a deployment keeps its truth, and how it is set up. */
export type Home = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly playbooks: readonly Playbook[];
  readonly signer: Signer;
  /** Where the heads of journals are kept beside the records, where one is named. */
  readonly anchor?: Anchor;
};

const recordsVariable = 'CORDON_RECORDS';
const evidenceVariable = 'CORDON_EVIDENCE';
const anchorVariable = 'CORDON_ANCHOR';
const keysVariable = 'CORDON_SIGNING_KEYS';

const refuse = (name: string, problem: string, remedy: string) =>
  new InvalidInput({ code: 'bad-environment', message: `${name}: ${problem}`, place: { path: name }, remedy });

/** A variable that must be set. Throws `InvalidInput` saying what it is for. */
export function required(environment: Environment, name: string, purpose: string): string {
  const value = environment[name];
  if (value) return value;
  throw refuse(name, 'is not set', `Set it to ${purpose}.`);
}

/** JSON given in a variable, or in the file it names below `root`, as its schema has it. */
async function jsonIn<S extends z.ZodType>(
  environment: Environment,
  root: string,
  name: string,
  schema: S,
): Promise<z.output<S>> {
  const given = required(environment, name, 'JSON, or a file that holds it').trim();
  const inline = given.startsWith('{') || given.startsWith('[');
  try {
    const value: unknown = JSON.parse(inline ? given : await readFile(resolve(root, given), 'utf8'));
    return schema.parse(value);
  } catch (thrown) {
    const [issue] = thrown instanceof z.ZodError ? thrown.issues : [];
    const problem = issue ? `${issue.path.map(String).join('.')} ${issue.message}` : messageOf(thrown);
    throw refuse(name, problem, 'Correct it and deploy again; `npm run build` writes what is checked.');
  }
}

/** One kind of store: how the rest of its name is written, and how it is opened. */
type Store<T> = { readonly form: string; readonly pattern: RegExp; readonly open: (name: string) => T };

/** The stores a host can reach besides SQLite, by the word before the colon: `dynamodb` in `dynamodb:<table>`. */
export type CloudStores = {
  readonly records: Readonly<Record<string, Store<Promise<Records>>>>;
  readonly evidence: Readonly<Record<string, Store<Evidence>>>;
  readonly anchor?: Readonly<Record<string, Store<Anchor>>>;
};

type Opened = Pick<Home, 'records' | 'evidence'>;

/** Opens the store that a variable names. Throws `InvalidInput` where this host has none such. */
function opened<T>(environment: Environment, name: string, stores: Readonly<Record<string, Store<T>>>): T {
  const forms = Object.entries(stores).map(([kind, { form }]) => `${kind}:${form}`);
  if (name === recordsVariable) forms.unshift('sqlite:<file>');
  const given = required(environment, name, forms.join(' or '));
  const [kind = ''] = given.split(':', 1);
  const store = Object.hasOwn(stores, kind) ? stores[kind] : undefined;
  if (!store) {
    const remedy = `Supported here is ${forms.join(' or ')}.`;
    throw refuse(name, `there is no store ${JSON.stringify(kind.slice(0, 20))}`, remedy);
  }
  const rest = given.slice(kind.length + 1);
  if (store.pattern.test(rest)) return store.open(rest);
  throw refuse(name, `${JSON.stringify(rest.slice(0, 80))} names no ${kind} store`, `Write ${kind}:${store.form}.`);
}

/** The evidence store alone, for a deployment that keeps no records. Throws `InvalidInput` naming the variable. */
export const openEvidence = (environment: Environment, { evidence }: CloudStores): Evidence =>
  opened(environment, evidenceVariable, evidence);

/** Both in one SQLite file, or each in a store of the cloud. */
async function openStores(environment: Environment, cloud: CloudStores): Promise<Opened> {
  const [, file] = /^sqlite:(.+)$/.exec(environment[recordsVariable] ?? '') ?? [];
  if (file === undefined)
    return {
      records: await opened(environment, recordsVariable, cloud.records),
      evidence: opened(environment, evidenceVariable, cloud.evidence),
    };
  if (environment[evidenceVariable])
    throw refuse(evidenceVariable, 'is set, but sqlite keeps evidence in the file of its records', 'Leave it out.');
  const { openSqlite } = await import('../shared/adapters/sqlite/records.ts');
  return openSqlite(file, { token: randomUUID });
}

/** Keys that are given wrongly stop the deployment; without any it plans, and a run that may change things fails: what it takes must be sealed. */
function signerOf({ [keysVariable]: keys }: Environment, secrets: Secrets): Signer {
  if (!keys) return noSigner(keysVariable);
  return namesKeys(keys) ? namedSigner(keys, secrets) : hmacSigner(readSigningKeys(keys));
}

/** Reads the settings and playbooks of a deployment and opens its store. Throws `InvalidInput` naming the variable. */
export async function openHome(
  environment: Environment,
  root: string,
  cloud: CloudStores = { records: {}, evidence: {} },
  secrets: Secrets = environmentSecrets(environment),
): Promise<Home> {
  const [given, playbooks] = await Promise.all([
    jsonIn(environment, root, 'CORDON_SETTINGS', Settings),
    jsonIn(environment, root, 'CORDON_PLAYBOOKS', z.array(Playbook)),
  ]);
  // one file of settings serves every stage; which one this is, the deployment knows
  const settings = { ...given, stage: environment['CORDON_STAGE'] || given.stage };
  if (stageMode(settings) === 'enforce' && settings.protectedPrincipals.length === 0)
    log('warn', 'no break-glass principal is protected: name at least one under protectedPrincipals', {
      stage: settings.stage,
    });
  const signer = signerOf(environment, secrets);
  const { records, evidence } = await openStores(environment, cloud);
  const anchor = environment[anchorVariable] ? opened(environment, anchorVariable, cloud.anchor ?? {}) : undefined;
  const home = { records: spilling(records, evidence), evidence, clock: systemClock, settings, playbooks, signer };
  return anchor ? { ...home, anchor } : home;
}
