import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bundle, type BundledFile, bundle, eagerFiles } from './bundle.ts';
import { findSettings } from './find-settings.ts';
import { readSettingsFile } from './settings-file.ts';
import { CordonError, InvalidInput } from '../shared/model/error.ts';
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

/** What runs in both clouds, each function with nothing but what it needs. */
const entries = {
  'on-event': 'functions/aws/on-event.ts',
  'on-run': 'functions/aws/on-run.ts',
  'on-request': 'functions/aws/on-request.ts',
  'on-schedule': 'functions/aws/on-schedule.ts',
  azure: 'functions/azure/main.ts',
} as const;
type Entry = keyof typeof entries;

/** One folder for each function of AWS; on Azure one app holds them all. */
const bundleOf = (entry: Entry, out: string): Promise<Bundle> =>
  entry === 'azure'
    ? bundle(entries[entry], join(out, 'azure'), 'main')
    : bundle(entries[entry], join(out, 'aws', entry), entry);

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

/** Builds what is deployed; answers with what is in the bundle of each function. */
export async function buildAll({
  playbooks,
  settings = '',
  out,
}: BuildOptions): Promise<Readonly<Record<Entry, Bundle>>> {
  const json = await compiled(playbooks);
  const text = existsSync(settings) ? await readFile(settings, 'utf8') : '';
  const set = JSON.stringify(readSettingsFile(text, settings).settings);
  await rm(out, { recursive: true, force: true });
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
  return {
    'on-event': await bundleOf('on-event', out),
    'on-run': await bundleOf('on-run', out),
    'on-request': await bundleOf('on-request', out),
    'on-schedule': await bundleOf('on-schedule', out),
    azure: await bundleOf('azure', out),
  };
}

/** Builds into `dist`, as whoever deploys asks for it, and says what was built. */
async function main(): Promise<void> {
  const { file, text } = await findSettings(undefined, process.env);
  const made = await buildAll({ playbooks: join(root, 'playbooks'), settings: file, out: join(root, 'dist') });
  if (text === undefined) console.log(`There is no ${file}: built with the defaults, which reach no account.`);
  const kilobytes = (files: readonly BundledFile[]) =>
    `${Math.ceil(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1_024)} KB`;
  for (const [name, one] of Object.entries(made))
    console.log(`${name.padEnd(12)}${kilobytes(eagerFiles(one)).padStart(7)} at start, ${kilobytes(one.files)} in all`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    console.error(`error ${thrown.describe()}`);
    process.exitCode = 3;
  }
}
