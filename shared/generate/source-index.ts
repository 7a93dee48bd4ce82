import { readFile } from 'node:fs/promises';
import type { Source } from '../ingest/source.ts';
import type { Generated } from './generated.ts';

const imported = /^import \{ (\w+) \} from '(\.\/(?:aws|azure)\/[\w-]+\.ts)';$/gm;

/** Every source that `sources.ts` lists, by the names of its envelopes, so that a handler loads the one it needs. */
export async function sourceIndex(root: URL): Promise<Generated> {
  const folder = new URL('shared/ingest/', root);
  const list = await readFile(new URL('sources.ts', folder), 'utf8');
  const lines: string[] = [];
  for (const [, name = '', file = ''] of list.matchAll(imported)) {
    const { envelopes }: Source = (await import(new URL(file, folder).href))[name];
    lines.push(`const ${name} = () => import('${file}').then((one) => one.${name});`);
    lines.push(...envelopes.map((envelope) => `  ['${envelope}', ${name}],`));
  }
  const loaders = lines.filter((line) => line.startsWith('const'));
  const entries = lines.filter((line) => !line.startsWith('const')).sort();
  return {
    path: 'shared/ingest/source-index.ts',
    text: [
      '// Made by `npm run generate`; do not edit.',
      "import type { Source } from './source.ts';",
      '',
      ...loaders,
      '',
      '/** Every source by the names of its envelopes, loaded when a message of one comes. */',
      'export const sourceIndex: ReadonlyMap<string, () => Promise<Source>> = new Map([',
      ...entries,
      ']);',
      '',
    ].join('\n'),
  };
}
