import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildAll } from '../../functions/build.ts';
import type { BundledFile } from '../../functions/bundle.ts';
import type { Row } from './pattern-bench.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const support = (name: string): string => JSON.stringify(new URL(`../support/${name}`, import.meta.url).href);
const rounds = 11;

/** As the deployments start it. */
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--disallow-code-generation-from-strings',
  '--disable-proto=delete',
  '--input-type=module',
];

type Built = Awaited<ReturnType<typeof buildAll>>;
type Bench = { readonly out: string; readonly built: Built };

/** A script in a fresh process; what it prints last. */
async function printed({ out }: Bench, script: string): Promise<string> {
  const { PATH = '' } = process.env;
  const env = {
    PATH,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    LAMBDA_TASK_ROOT: join(out, 'aws'),
    CORDON_SETTINGS: 'settings.json',
    CORDON_PLAYBOOKS: 'playbooks.json',
    CORDON_RECORDS: 'dynamodb:cordon',
    CORDON_EVIDENCE: 's3:cordon-evidence',
    CORDON_RUN_FUNCTION: 'cordon-on-run:durable',
  };
  const { stdout } = await run(process.execPath, [...flags, '-e', script], { env });
  return stdout.trim().split('\n').at(-1) ?? '';
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Two scripts in turn, so that a busy machine disturbs both alike; each prints milliseconds. */
async function paired(bench: Bench, empty: string, full: string) {
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push([Number(await printed(bench, empty)), Number(await printed(bench, full))]);
  return {
    added: median(pairs.map(([bare, whole]) => whole - bare)),
    ratio: median(pairs.map(([bare, whole]) => whole / bare)),
    bare: median(pairs.map(([bare]) => bare)),
  };
}

const importing = (file: string): string => `await import(${JSON.stringify(file)});`;
/** Milliseconds since the process began. */
const said = 'console.log(performance.now());';
/** The first answer says that everything is wired; what it says does not matter. */
const answering = (file: string): string =>
  `const { handler } = await import(${JSON.stringify(file)}); await handler({ Records: [] }, {}).catch(() => undefined);`;
const worker = `const { functionsHost } = await import(${support('functions-host.ts')}); functionsHost();`;

async function startRow(bench: Bench, name: string, scripts: readonly [string, string], wanted: string): Promise<Row> {
  const [before, work] = scripts;
  const empty = importing(join(bench.out, 'empty.js'));
  const { added, ratio, bare } = await paired(bench, `${before}${empty}${said}`, `${before}${work}${said}`);
  const note = `${wanted}; ${ratio.toFixed(2)} x an empty handler, which takes ${bare.toFixed(0)} ms`;
  return { name, value: `+${added.toFixed(1)} ms`, note };
}

/** Counts what a process reads of modules and files. */
const counting = `
  const { registerHooks, syncBuiltinESMExports } = await import('node:module');
  const { statSync, default: fs } = await import('node:fs');
  const promises = (await import('node:fs/promises')).default;
  let bytes = 0; let files = 0;
  registerHooks({ load: (url, context, next) => {
    if (url.startsWith('file:')) { bytes += statSync(new URL(url)).size; files += 1; }
    return next(url, context);
  } });
  const { readFile } = promises;
  promises.readFile = async (...given) => { const read = await readFile(...given); bytes += read.length; files += 1; return read; };
  syncBuiltinESMExports();
  const told = () => console.log(bytes + ' ' + files);
`;

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_024)} KB`;

async function bytesRow(bench: Bench, name: string, script: string, note = ''): Promise<Row> {
  const [bytes = '', files = ''] = (await printed(bench, `${counting}${script}told();`)).split(' ');
  return { name: `${name}: read before it is ready`, value: kilobytes(Number(bytes)), note: `${files} files${note}` };
}

const bytesOf = (files: readonly BundledFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

function sizeRow({ built }: Bench, name: keyof Built): Row {
  const { files } = built[name];
  return {
    name: `bundle of ${name}`,
    value: kilobytes(bytesOf(files)),
    note: `in ${files.length} files, most of them never read`,
  };
}

/** The file that an action became. */
function chunkOf({ built }: Bench, action: string): string {
  const file = built['on-run'].files.find(({ entry }) => entry === action);
  if (!file) throw new Error(`${action} is in no file of its own`);
  return file.path;
}

async function actionRows(bench: Bench, name: string, action: string, wanted: string): Promise<readonly Row[]> {
  const chunk = importing(chunkOf(bench, action));
  const ready = answering(bench.built['on-run'].main);
  const timed = `${ready} const before = performance.now(); ${chunk} console.log(performance.now() - before);`;
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(Number(await printed(bench, timed)));
  const script = `${counting}${ready} const before = bytes; ${chunk} console.log(bytes - before);`;
  const bytes = Number(await printed(bench, script));
  const note = `wanted + ${wanted} ms and at most 0.9 MB; ${kilobytes(bytes)} read`;
  return [{ name: `${name} and its client, once on-run is ready`, value: `+${median(times).toFixed(1)} ms`, note }];
}

/** Sizes, bytes and cold starts of what is deployed; each start in a fresh process, beside one that does nothing. */
export async function coldBench(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  const out = join(folder, 'dist');
  try {
    const bench: Bench = { out, built: await buildAll({ playbooks: join(root, 'playbooks'), out }) };
    await writeFile(join(out, 'empty.js'), 'export const handler = async () => null;\n');
    const { main } = bench.built.azure;
    const rows: Row[] = [sizeRow(bench, 'on-event'), sizeRow(bench, 'on-run'), sizeRow(bench, 'azure')];
    for (const name of ['on-event', 'on-run', 'on-request'] as const) {
      const entry = bench.built[name].main;
      const wanted = name === 'on-event' ? 'wanted + 25 ms' : 'no figure wanted';
      rows.push(await startRow(bench, `AWS ${name}: can be called`, ['', importing(entry)], wanted));
      const what = `wired, with the SDK of its table: the first empty call is answered`;
      rows.push(await startRow(bench, `AWS ${name}: has answered`, ['', answering(entry)], what));
      rows.push(await bytesRow(bench, `AWS ${name}`, importing(entry)));
    }
    rows.push(
      await startRow(
        bench,
        'Azure: can be called, once a stand-in of the worker runs',
        [worker, importing(main)],
        'wanted + 40 ms',
      ),
    );
    rows.push(await bytesRow(bench, 'Azure', `${worker}bytes = 0; files = 0;${importing(main)}`));
    rows.push(...(await actionRows(bench, 'IAM action', 'shared/actions/aws/iam-disable-access-key.ts', '40')));
    rows.push(...(await actionRows(bench, 'EC2 action', 'shared/actions/aws/ec2-isolate-instance.ts', '80')));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
