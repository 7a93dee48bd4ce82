import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InvalidInput } from '../shared/model/error.ts';
import { buildAll } from './build.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Where the licences of others are listed. */
export const licenceFile = 'THIRD-PARTY.md';
/** Licences that ask for no more than to be named and kept. */
export const permitted = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

const Package = z.object({ name: z.string(), version: z.string(), license: z.string() });
const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) });
const lastPackage = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** One package that is deployed or runs at the command line. */
type Part = z.infer<typeof Package> & { readonly holder: string };

/** The first line of its licence that names who holds the copyright. */
async function holderIn(folder: string): Promise<string> {
  const [file] = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying)/i.test(name)).sort();
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return (/^\s*(Copyright (?:\(c\)|©|\d).*)$/im.exec(text)?.[1] ?? '').replaceAll('|', '/').trim();
}

async function partIn(folder: string): Promise<Part> {
  const part = Package.parse(JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')));
  return { ...part, holder: await holderIn(join(root, folder)) };
}

/** Folders of packages that some bundle holds. */
async function bundled(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-licences-'));
  try {
    const made = await buildAll({ playbooks: join(root, 'playbooks'), out: join(folder, 'dist') });
    const modules = Object.values(made).flatMap(({ files }) => files.flatMap((file) => file.modules));
    return modules.flatMap((module) => lastPackage.exec(module)?.[1] ?? []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The page: every package in a bundle, and every direct dependency, which the command line may load. */
export async function licencePage(): Promise<string> {
  const { dependencies } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const direct = Object.keys(dependencies).map((name) => `node_modules/${name}`);
  const folders = [...new Set([...(await bundled()), ...direct])].filter((one) => existsSync(join(root, one)));
  const parts = (await Promise.all(folders.map(partIn))).sort(
    (a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'),
  );
  const foreign = parts.filter(({ license }) => !permitted.includes(license));
  if (foreign.length > 0)
    throw new InvalidInput({
      code: 'licence-refused',
      message: `under a licence that is not permitted: ${foreign.map(({ name, license }) => `${name} ${license}`).join(', ')}`,
      remedy: 'Use another package, or read that licence and add it to the permitted ones.',
    });
  return [
    '<!-- Made by `npm run licences`; do not edit. -->',
    '',
    '# Third-party software',
    '',
    'What is in the bundles that are deployed, and what the command line may load beside it. Each package holds the text of its',
    'licence in `node_modules`.',
    '',
    '| package | version | licence | copyright |',
    '| --- | --- | --- | --- |',
    ...parts.map(({ name, version, license, holder }) => `| ${name} | ${version} | ${license} | ${holder} |`),
    '',
  ].join('\n');
}

if (import.meta.main) {
  await writeFile(join(root, licenceFile), await licencePage());
  console.log(`wrote ${licenceFile}`);
}
