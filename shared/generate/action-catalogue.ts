import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Action } from '../action/action.ts';
import type { PortableEntry } from '../action/portable.ts';
import { CordonError } from '../model/error.ts';
import { canonical, isObject } from '../model/json.ts';
import type { Generated } from './generated.ts';

type Found = {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly hash: string;
  readonly d3fend: string;
  readonly portable: PortableEntry | undefined;
};

/** As `biome.json` has it. */
const lineWidth = 120;
const declaration = /export const (\w+) = (?:aws|azure)Action\(\{\s*id: '([\w.-]+)'/;

/** A source with every file it is made of, beside it or shared by both clouds: what a plan's digest must change with. */
async function sourcesOf(
  folder: URL,
  file: string,
  seen = new Map<string, string>(),
): Promise<ReadonlyMap<string, string>> {
  if (seen.has(file)) return seen;
  const source = await readFile(new URL(file, folder), 'utf8');
  seen.set(file, source);
  for (const [, beside = ''] of source.matchAll(/from '((?:\.|\.\.\/kubernetes)\/[\w.-]+\.ts)'/g))
    await sourcesOf(folder, posix.join(posix.dirname(file), beside), seen);
  return seen;
}

async function hashOf(folder: URL, file: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, source] of [...(await sourcesOf(folder, file))].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${source}\0`);
  return hash.digest('hex');
}

/** What an action declares that is asked for without loading it: its technique, and what a portable verb finds it by. */
async function declaredBy(file: URL, name: string): Promise<Pick<Found, 'd3fend' | 'portable'>> {
  const { target, portable, d3fend }: Action = (await import(file.href))[name];
  if (!portable) return { d3fend, portable: undefined };
  return { d3fend, portable: { verb: portable.verb, target, ...(portable.where && { where: portable.where }) } };
}

/** A verb means one thing for a kind of target. */
function checkVerbs(actions: readonly Found[]): void {
  const meanings = new Map<string, string>();
  for (const { id, portable } of actions) {
    if (!portable) continue;
    const meaning = canonical({ ...portable, where: portable.where ?? null });
    const other = meanings.get(meaning);
    if (other !== undefined)
      throw new CordonError({
        code: 'portable-twice',
        message: `${other} and ${id} both declare ${portable.verb} for ${portable.target}`,
        remedy: 'Tell them apart with `where`.',
      });
    meanings.set(meaning, id);
  }
}

/** The actions of one cloud, found by their declarations. */
async function actionsIn(root: URL, cloud: 'aws' | 'azure'): Promise<readonly Found[]> {
  const folder = new URL(`shared/actions/${cloud}/`, root);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const found = await Promise.all(
    files.map(async (file): Promise<readonly Found[]> => {
      const [, name, id] = declaration.exec(await readFile(new URL(file, folder), 'utf8')) ?? [];
      if (name === undefined || id === undefined) return [];
      const declared = await declaredBy(new URL(file, folder), name);
      return [{ id, file, name, hash: await hashOf(folder, file), ...declared }];
    }),
  );
  return found.flat();
}

const name = (key: string): string => (/^\w+$/.test(key) ? key : `'${key}'`);

/** A value as a literal in one line. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (!isObject(value)) return `'${String(value)}'`;
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${name(key)}: ${literal(member)}`)
    .join(', ')} }`;
}

/** The same over several lines where one would be too long for the formatter. */
function portableLines(portable: PortableEntry): readonly string[] {
  const line = `    portable: ${literal(portable)},`;
  if (line.length <= lineWidth) return [line];
  const members = Object.entries(portable).map(([key, member]) => `      ${name(key)}: ${literal(member)},`);
  return ['    portable: {', ...members, '    },'];
}

/** How an action is loaded, over two lines where one would be too long for the formatter. */
function loadLines(file: string, name: string): readonly string[] {
  const load = `import('./${file}').then((file) => file.${name}),`;
  const line = `    load: () => ${load}`;
  return line.length <= lineWidth ? [line] : ['    load: () =>', `      ${load}`];
}

/** The catalogue of one cloud's actions: ids to lazily loaded files, each with the digest of its source. */
export async function actionCatalogue(root: URL, cloud: 'aws' | 'azure'): Promise<Generated> {
  const actions = await actionsIn(root, cloud);
  checkVerbs(actions);
  const lines = actions.map(({ id, file, name, hash, d3fend, portable }) =>
    [
      `  '${id}': {`,
      `    hash: '${hash}',`,
      `    d3fend: '${d3fend}',`,
      ...(portable ? portableLines(portable) : []),
      ...loadLines(file, name),
      '  },',
    ].join('\n'),
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
