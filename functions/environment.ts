import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { openSqlite } from '../shared/adapters/sqlite/records.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { Settings } from '../shared/config/settings.ts';
import { InvalidInput, messageOf } from '../shared/model/error.ts';
import { Playbook } from '../shared/model/playbook.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Evidence } from '../shared/ports/evidence.ts';
import type { Records } from '../shared/ports/records.ts';
import { spilling } from '../shared/records/spill.ts';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a deployment keeps its truth, and how it is set up. */
export type Home = {
  readonly records: Records;
  readonly evidence: Evidence;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly playbooks: readonly Playbook[];
};

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

/** The store that a deployment names. Only SQLite is there yet. */
function openStore(environment: Environment): Pick<Home, 'records' | 'evidence'> {
  const name = 'CORDON_RECORDS';
  const given = required(environment, name, 'sqlite:<file>');
  const [, file] = /^sqlite:(.+)$/.exec(given) ?? [];
  if (file) return openSqlite(file, { token: randomUUID });
  const kind = given.split(':', 1)[0] ?? '';
  throw refuse(name, `there is no store ${JSON.stringify(kind.slice(0, 20))}`, 'Supported is sqlite:<file>.');
}

/** Reads the settings and playbooks of a deployment and opens its store. Throws `InvalidInput` naming the variable. */
export async function openHome(environment: Environment, root: string): Promise<Home> {
  const [settings, playbooks] = await Promise.all([
    jsonIn(environment, root, 'CORDON_SETTINGS', Settings),
    jsonIn(environment, root, 'CORDON_PLAYBOOKS', z.array(Playbook)),
  ]);
  const { records, evidence } = openStore(environment);
  return { records: spilling(records, evidence), evidence, clock: systemClock, settings, playbooks };
}
