import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../shared/model/finding.ts';
import type { Target } from '../../shared/model/target.ts';
import { type Json, type JsonObject, isObject } from '../../shared/model/json.ts';
import { normalise } from '../../shared/ingest/recognise.ts';

const folder = join(import.meta.dirname, '../fixtures/events');

/** `guardduty/leaked-access-key` and so on: every event of `test/fixtures/events`. */
export const eventNames: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .map((path) => path.slice(0, -'.json'.length).replaceAll('\\', '/'))
  .sort();

/** One event, read anew, so that a test may change it. */
export const readEvent = (name: string): JsonObject => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

/** A copy of an event with members at dotted paths replaced; `undefined` takes one out. */
export function withMembers(event: JsonObject, members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const copy: JsonObject = structuredClone(event);
  for (const [path, value] of Object.entries(members)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const holder = keys.reduce<unknown>((at, key) => Reflect.get(Object(at), key), copy);
    if (!isObject(holder) && !Array.isArray(holder)) throw new TypeError(`${path} has no holder`);
    if (value === undefined) Reflect.deleteProperty(holder, last);
    else Reflect.set(holder, last, value);
  }
  return copy;
}

/** The one finding that an event makes. */
export function findingIn(event: Json): Finding {
  const { reading } = normalise(event);
  const [finding, ...more] = reading.kind === 'findings' ? reading.findings : [];
  if (!finding || more.length > 0) throw new TypeError(`not one finding: ${JSON.stringify(reading)}`);
  return finding;
}

/** The first resource that a finding is about. */
export function primaryOf({ resources }: Finding): Target {
  const [first] = [...resources.filter(({ role }) => role === 'affected'), ...resources];
  if (!first) throw new TypeError('no resource');
  return first;
}
