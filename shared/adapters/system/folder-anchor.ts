import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asJson, canonical, own } from '../../model/json.ts';
import type { Anchor } from '../../ports/anchor.ts';

const codeOf = (thrown: unknown): unknown => own(thrown, 'code');
const absent = (thrown: unknown): undefined => {
  if (codeOf(thrown) === 'ENOENT') return undefined;
  throw thrown;
};

/**
 * Anchors as read-only files of a folder. It finds out a journal that was tampered with, not somebody who may write the
 * folder too: put it where others own it, or send its files there.
 */
export function folderAnchor(folder: string): Anchor {
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  return {
    async put(name, body) {
      await mkdir(folder, { recursive: true });
      const draft = join(folder, `.${name}-${randomBytes(6).toString('hex')}`);
      await writeFile(draft, canonical(body), { flag: 'wx', mode: 0o444 });
      try {
        await link(draft, fileOf(name)); // there at once and whole, or not at all
        return true;
      } catch (thrown) {
        if (codeOf(thrown) === 'EEXIST') return false;
        throw thrown;
      } finally {
        await rm(draft);
      }
    },
    async list() {
      const files = (await readdir(folder).catch(absent)) ?? [];
      return files
        .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
        .map((file) => file.slice(0, -'.json'.length))
        .sort();
    },
    async get(name) {
      const text = await readFile(fileOf(name), 'utf8').catch(absent);
      if (text === undefined) return undefined;
      try {
        return asJson(JSON.parse(text));
      } catch {
        return text; // whoever reads an anchor finds that it is none
      }
    },
  };
}

/** Anchors that last as long as the process. */
export function memoryAnchor(): Anchor {
  const bodies = new Map<string, string>();
  return {
    async put(name, body) {
      if (bodies.has(name)) return false;
      bodies.set(name, canonical(body));
      return true;
    },
    list: async () => [...bodies.keys()].sort(),
    get: async (name) => {
      const text = bodies.get(name);
      return text === undefined ? undefined : asJson(JSON.parse(text));
    },
  };
}
