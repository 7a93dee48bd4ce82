import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InvalidInput } from '../../shared/model/error.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { checkPlaybook } from '../../shared/playbook/check.ts';
import { type ReadPlaybook, readPlaybook } from '../../shared/playbook/parse.ts';
import { allActions } from '../wire.ts';

export type PlaybookFile = {
  readonly file: string;
  readonly read: ReadPlaybook | undefined;
  readonly problems: readonly InvalidInput[];
};

async function filesIn(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** Reads and checks playbooks from files and folders. */
export async function loadPlaybooks(paths: readonly string[]): Promise<readonly PlaybookFile[]> {
  const files = (await Promise.all(paths.map(filesIn))).flat();
  return Promise.all(
    files.map(async (file): Promise<PlaybookFile> => {
      const { read, problems } = readPlaybook(await readFile(file, 'utf8'), file);
      return { file, read, problems: read ? await checkPlaybook(read, allActions) : problems };
    }),
  );
}

/** Those that can be used. */
export const usable = (files: readonly PlaybookFile[]): readonly Playbook[] =>
  files.flatMap(({ read, problems }) => (read && problems.length === 0 ? [read.playbook] : []));
