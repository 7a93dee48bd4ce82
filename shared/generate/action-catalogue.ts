import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Generated } from './generated.ts';

type Found = { readonly id: string; readonly file: string; readonly name: string; readonly hash: string };

const declaration = /export const (\w+) = (?:aws|azure)Action\(\{\s*id: '([\w.-]+)'/;

/** The actions of one cloud, found by their declarations. */
async function actionsIn(root: URL, cloud: 'aws' | 'azure'): Promise<readonly Found[]> {
  const folder = new URL(`shared/actions/${cloud}/`, root);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const found = await Promise.all(
    files.map(async (file): Promise<readonly Found[]> => {
      const source = await readFile(new URL(file, folder), 'utf8');
      const [, name, id] = declaration.exec(source) ?? [];
      if (name === undefined || id === undefined) return [];
      return [{ id, file, name, hash: createHash('sha256').update(source).digest('hex') }];
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
