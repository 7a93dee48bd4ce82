import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const project = dirname(dirname(import.meta.dirname));
const folders = ['shared', 'functions'];

/** What the rules of `.dependency-cruiser.cjs` say of one tree. */
export type Borders = {
  /** `rule: from -> to`, sorted. */
  readonly violations: readonly string[];
  /** The `.ts` files that are there and that no import was read of. */
  readonly unread: readonly string[];
  readonly files: number;
};

const isCode = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts');

const filesOf = (tree: string): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(tree, folder), { recursive: true, encoding: 'utf8' })
      .filter(isCode)
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  );

const readOptions = (): Promise<ICruiseOptions> => extractOptions(join(project, '.dependency-cruiser.cjs'));

/** The names of all rules. */
export async function ruleNames(): Promise<string[]> {
  const { ruleSet } = await readOptions();
  return (ruleSet?.forbidden ?? []).map(({ name = 'unnamed' }) => name);
}

async function cruised(tree: string): Promise<ICruiseResult> {
  const { output } = await cruise(folders, { ...(await readOptions()), baseDir: tree, validate: true });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text');
  return output;
}

/** Reads every import below `shared/` and `functions/` of a tree and holds it against the rules. */
export async function checkBorders(tree: string = project): Promise<Borders> {
  const { modules, summary } = await cruised(tree);
  const read = new Set(modules.map(({ source }) => source));
  const files = filesOf(tree);
  return {
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort(),
    unread: files.filter((path) => !read.has(path)).sort(),
    files: files.length,
  };
}

/** Prints what is wrong and says whether anything is. */
async function main(): Promise<boolean> {
  const { violations, unread, files } = await checkBorders();
  for (const violation of violations) console.error(violation);
  for (const path of unread) console.error(`not read: ${path}`);
  console.log(`borders: ${files} files, ${violations.length} violations, ${unread.length} not read`);
  return violations.length === 0 && unread.length === 0;
}

if (import.meta.main && !(await main())) process.exitCode = 1;
