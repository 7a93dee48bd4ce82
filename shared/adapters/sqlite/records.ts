import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { CordonError } from '../../model/error.ts';
import { canonical, digest, type Json } from '../../model/json.ts';
import type { Evidence } from '../../ports/evidence.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Records, Stored } from '../../ports/records.ts';
import { recordBody } from '../record-body.ts';

const tables = `
  PRAGMA busy_timeout = 5000; -- first: several processes may open a new file at once
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, writer TEXT NOT NULL, body TEXT NOT NULL,
    grouped TEXT, due TEXT, PRIMARY KEY (kind, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS by_group ON records (kind, grouped, id) WHERE grouped IS NOT NULL;
  CREATE INDEX IF NOT EXISTS by_due ON records (kind, due) WHERE due IS NOT NULL;
  CREATE TABLE IF NOT EXISTS evidence (digest TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
`;

const Line = z.object({
  kind: z.string(),
  id: z.string(),
  version: z.int(),
  body: z.string(),
  grouped: z.string().nullable(),
  due: z.string().nullable(),
});

/** SQLite has no limit below zero. */
const unlimited = -1;

const stored = (row: unknown): Stored => {
  const { kind, id, version, body: text, grouped, due } = Line.parse(row);
  const body: Json = JSON.parse(text); // what is JSON text gives JSON
  return {
    kind: kind as Stored['kind'], // only kinds are ever written
    id,
    version,
    body,
    ...(grouped !== null && { group: grouped }),
    ...(due !== null && { due }),
  };
};

export type SqliteStore = { readonly records: Records; readonly evidence: Evidence; close(): void };

/** Records and evidence in one SQLite file (node:sqlite), or in memory with `:memory:`. */
export function openSqlite(file: string, ids: Ids): SqliteStore {
  const database = new DatabaseSync(file);
  database.exec(tables);
  const insert = database.prepare(
    'INSERT INTO records (kind, id, version, writer, body, grouped, due) VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE records SET version = version + 1, writer = ?, body = ?, grouped = ?, due = ? WHERE kind = ? AND id = ? AND version = ?',
  );
  const select = database.prepare('SELECT * FROM records WHERE kind = ? AND id = ?');
  // the planner would rather read all of a kind in the order of its key
  const grouped = database.prepare(
    'SELECT * FROM records INDEXED BY by_group WHERE kind = ? AND grouped = ? ORDER BY id LIMIT ?',
  );
  const due = database.prepare(
    'SELECT * FROM records INDEXED BY by_due WHERE kind = ? AND due <= ? ORDER BY due, id LIMIT ?',
  );
  const putEvidence = database.prepare('INSERT INTO evidence (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const getEvidence = database.prepare('SELECT body FROM evidence WHERE digest = ?');

  const records: Records = {
    async create(draft) {
      const { kind, id, group = null, due: at = null } = draft;
      return Number(insert.run(kind, id, ids.token(), recordBody(draft), group, at).changes) === 1;
    },
    async read(kind, id) {
      const row = select.get(kind, id);
      return row && stored(row);
    },
    async replace(draft, version) {
      const { kind, id, group = null, due: at = null } = draft;
      return Number(update.run(ids.token(), recordBody(draft), group, at, kind, id, version).changes) === 1;
    },
    async list(kind, group, limit = unlimited) {
      return grouped.all(kind, group, limit).map(stored);
    },
    async listDue(kind, before, limit) {
      return due.all(kind, before, limit).map(stored);
    },
  };
  const evidence: Evidence = {
    async put(value) {
      const key = digest(value);
      putEvidence.run(key, canonical(value));
      return key;
    },
    async get(key) {
      const row = getEvidence.get(key);
      if (!row) return undefined;
      const value: Json = JSON.parse(z.object({ body: z.string() }).parse(row).body); // what has the digest is what was put
      if (digest(value) === key) return value;
      throw new CordonError({ code: 'evidence-altered', message: `evidence ${key} was altered in the store` });
    },
  };
  return { records, evidence, close: () => database.close() };
}
