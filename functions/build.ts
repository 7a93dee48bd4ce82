import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { readSettingsFile } from './settings-file.ts';
import { InvalidInput } from '../shared/model/error.ts';
import { checkPlaybook } from '../shared/playbook/check.ts';
import { readPlaybook } from '../shared/playbook/parse.ts';
import { allActions } from './wire.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

export type BuildOptions = {
  /** Folder of playbooks in YAML. */
  readonly playbooks: string;
  /** The settings of the deployment; the defaults where there is no such file. */
  readonly settings?: string;
  /** Folder that gets `aws/` and `azure/`, each one deployable as it is. */
  readonly out: string;
};

/** What runs in both clouds: one folder each, shared pieces in chunks that load when they are needed. */
const bundles = {
  aws: ['on-event', 'on-run', 'on-request', 'on-schedule'],
  azure: ['main'],
} as const;
type Cloud = keyof typeof bundles;

/** CommonJS inside an ES module asks for `require`; the Functions worker hooks into it. */
const banner =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

async function bundle(cloud: Cloud, out: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: bundles[cloud].map((name) => join('functions', cloud, `${name}.ts`)),
    outdir: join(out, cloud),
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['@azure/functions-core'],
    // the Kubernetes client brings a megabyte of it for requests that sessions make themselves
    alias: { undici: join(root, 'functions', 'global-fetch.ts') },
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** Playbooks as JSON, checked against schema, patterns and the actions they name. Throws with every problem. */
async function compiled(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const read = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const result = readPlaybook(await readFile(file, 'utf8'), file);
      return { ...result, problems: result.read ? await checkPlaybook(result.read, allActions) : result.problems };
    }),
  );
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0)
    throw new InvalidInput({
      code: 'bad-playbook',
      message: `the playbooks do not check:\n${problems.map((problem) => problem.describe()).join('\n')}`,
      remedy: 'See `npm run cordon -- validate`.',
    });
  const playbooks = read.flatMap((one) => (one.read ? [one.read.playbook] : []));
  return JSON.stringify(playbooks.map(({ tests: _, ...does }) => does));
}

/** Builds what is deployed; answers with what esbuild made of each cloud. */
export async function buildAll({
  playbooks,
  settings = '',
  out,
}: BuildOptions): Promise<Readonly<Record<Cloud, Metafile>>> {
  const json = await compiled(playbooks);
  const text = existsSync(settings) ? await readFile(settings, 'utf8') : '';
  const set = JSON.stringify(readSettingsFile(text, settings).settings);
  await rm(out, { recursive: true, force: true });
  const [aws, azure] = await Promise.all([bundle('aws', out), bundle('azure', out)]);
  const main = { type: 'module', main: 'main.js' };
  for (const cloud of ['aws', 'azure'] as const) {
    await mkdir(join(out, cloud), { recursive: true });
    await writeFile(join(out, cloud, 'playbooks.json'), json);
    await writeFile(join(out, cloud, 'settings.json'), set);
    await writeFile(
      join(out, cloud, 'package.json'),
      `${JSON.stringify(cloud === 'aws' ? { type: 'module' } : main)}\n`,
    );
  }
  await copyFile(join(root, 'host.json'), join(out, 'azure', 'host.json'));
  return { aws, azure };
}

if (import.meta.main) {
  const out = join(root, 'dist');
  const settings = resolve(process.env['CORDON_CONFIG'] ?? 'cordon.yaml');
  const made = await buildAll({ playbooks: join(root, 'playbooks'), settings, out });
  if (!existsSync(settings)) console.log(`There is no ${settings}: built with the defaults, which reach no account.`);
  for (const [cloud, { outputs }] of Object.entries(made))
    for (const [file, { bytes, entryPoint }] of Object.entries(outputs))
      if (entryPoint?.startsWith('functions/')) console.log(`${cloud}: ${file} ${Math.ceil(bytes / 1_024)} KB`);
}
