import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { actionCatalogue } from './action-catalogue.ts';
import type { Generated } from './generated.ts';

const root = new URL('../../', import.meta.url);

async function everything(): Promise<readonly Generated[]> {
  const catalogues = await Promise.all((['aws', 'azure'] as const).map((cloud) => actionCatalogue(root, cloud)));
  return catalogues;
}

const current = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8').catch(() => '');

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const stale: string[] = [];
  for (const { path, text } of await everything()) {
    if ((await current(path)) === text) continue;
    stale.push(path);
    if (!check) await writeFile(fileURLToPath(new URL(path, root)), text);
  }
  for (const path of stale) console.log(check ? `out of date: ${path}` : `wrote ${path}`);
  if (stale.length === 0) console.log('generated files are up to date');
  if (check && stale.length > 0) {
    console.log('Run `npm run generate` and commit what it writes.');
    process.exitCode = 1;
  }
}
