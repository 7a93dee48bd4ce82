import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Generated } from './generated.ts';

type Found = { readonly id: string; readonly file: string; readonly name: string; readonly hash: string };

const declaration = /export const (\w+) = (?:aws|azure)Action\(\{\s*id: '([\w.-]+)'/;

/** A source with every file beside it that it is made of: what a plan's digest must change with. */
async function sourcesOf(
  folder: URL,
  file: string,
  seen = new Map<string, string>(),
): Promise<ReadonlyMap<string, string>> {
  if (seen.has(file)) return seen;
  const source = await readFile(new URL(file, folder), 'utf8');
  seen.set(file, source);
  for (const [, beside = ''] of source.matchAll(/from '\.\/([\w.-]+\.ts)'/g)) await sourcesOf(folder, beside, seen);
  return seen;
}

async function hashOf(folder: URL, file: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, source] of [...(await sourcesOf(folder, file))].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${source}\0`);
  return hash.digest('hex');
}

/** The actions of one cloud, found by their declarations. */
async function actionsIn(root: URL, cloud: 'aws' | 'azure'): Promise<readonly Found[]> {
  const folder = new URL(`shared/actions/${cloud}/`, root);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const found = await Promise.all(
    files.map(async (file): Promise<readonly Found[]> => {
      const [, name, id] = declaration.exec(await readFile(new URL(file, folder), 'utf8')) ?? [];
      return name === undefined || id === undefined ? [] : [{ id, file, name, hash: await hashOf(folder, file) }];
    }),
  );
  return found.flat();
}

/** The catalogue of one cloud's actions: ids to lazily loaded files, each with the digest of its source. */
export async function actionCatalogue(root: URL, cloud: 'aws' | 'azure'): Promise<Generated> {
  const actions = await actionsIn(root, cloud);
  const lines = actions.map(
    ({ id, file, name, hash }) =>
      `  '${id}': {\n    hash: '${hash}',\n    load: () => import('./${file}').then((file) => file.${name}),\n  },`,
  );
  const text = [
    '// Made by `npm run generate` from the files beside it; loads no action until one is asked for.',
    "import type { Catalogue } from '../../action/catalogue.ts';",
    '',
    `/** Every action on ${cloud === 'aws' ? 'AWS' : 'Azure'} by id. */`,
    `export const ${cloud}Actions: Catalogue = {`,
    ...lines,
    '};',
    '',
  ].join('\n');
  return { path: `shared/actions/${cloud}/catalogue.ts`, text };
}
