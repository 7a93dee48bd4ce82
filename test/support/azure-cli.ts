import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What `az` answers to a call that a glob of the shell matches; the first one counts, and nothing is said to others. */
export type Answer = readonly [glob: string, said: string, status?: number];

/** What a script did: every call in its order, and what was in the file that a secret was set from. */
export type Ran = {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  readonly calls: readonly string[];
  readonly secret: string | undefined;
};

// Like the real one, it asks before it deploys, ends well where the answer is no, and says warnings of Bicep beside the point.
const az = `#!/usr/bin/env bash
here=\${0%/*}
call="az $*"
call=\${call//$'\\n'/ }
if [[ "$call" == *--confirm-with-what-if* ]]; then
  read -r yes
  if [[ "$yes" != y ]]; then echo "refused $call" >> "$here/calls"; exit 0; fi
fi
echo "$call" >> "$here/calls"
for word in "$@"; do
  if [[ "\${before:-}" == --file && "$call" == *"secret set"* ]]; then cp "$word" "$here/secret"; fi
  before=$word
done
while IFS=$'\\t' read -r -u 3 glob status said; do
  [[ "$call" == $glob ]] || continue
  said=\${said//$'\\x1f'/$'\\n'}
  if [[ "$status" == 0 && "$call" != "az bicep"* ]]; then printf '%s' "$said"; else printf '%s\\n' "$said" >&2; fi
  exit "$status"
done 3< "$here/answers"
exit 0
`;
const npm = `#!/usr/bin/env bash
echo "npm $*" >> "\${0%/*}/calls"
mkdir -p dist/azure
`;
const zip = `#!/usr/bin/env bash
echo "zip" >> "\${0%/*}/calls"
`;

/** A folder with the project's functions in it, and the commands that a deployment calls; they only write down what they are asked for. */
export type AzureCli = {
  /** A file of the project. */
  run(file: string, given: RunOptions): Promise<Ran>;
  /** A step of a workflow, as the runner of GitHub takes it. */
  runStep(text: string, given: RunOptions): Promise<Ran>;
  close(): Promise<void>;
};
type RunOptions = {
  readonly answers: readonly Answer[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Lines that a person types. */
  readonly typed?: string;
  readonly settings?: string;
};

async function oneRun(folder: string, script: readonly string[], given: RunOptions): Promise<Ran> {
  const { answers, environment = {}, typed = '', settings } = given;
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(join(root, 'functions'), join(folder, 'functions'));
  const lines = answers.map(([glob, said, status = 0]) => `${glob}\t${status}\t${said.replaceAll('\n', '\x1f')}\n`);
  await writeFile(join(bin, 'answers'), lines.join(''));
  await writeFile(join(bin, 'calls'), '');
  for (const [name, source] of Object.entries({ az, npm, zip })) {
    await writeFile(join(bin, name), source);
    await chmod(join(bin, name), 0o755);
  }
  if (settings !== undefined) await writeFile(join(folder, 'cordon.yaml'), settings);
  const { PATH = '' } = process.env;
  const env = {
    PATH: [bin, dirname(process.execPath), PATH].join(delimiter),
    NODE_COMPILE_CACHE: join(dirname(folder), 'compiled'),
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    TMPDIR: folder,
    ...environment,
  };
  const child = spawn('bash', script, { cwd: folder, env, stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  child.stdin.on('error', () => undefined); // a script that stopped reads no more
  child.stdin.end(typed);
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const calls = (await readFile(join(bin, 'calls'), 'utf8')).split('\n').slice(0, -1);
  const kept = join(bin, 'secret');
  return { status, output, errors, calls, secret: existsSync(kept) ? await readFile(kept, 'utf8') : undefined };
}

/** Runs scripts of the deployment with no Azure behind them. */
export async function azureCli(): Promise<AzureCli> {
  const whole = await mkdtemp(join(tmpdir(), 'cordon-az-'));
  const folder = () => mkdtemp(join(whole, 'run-'));
  return {
    run: async (file, given) => oneRun(await folder(), [file], given),
    runStep: async (text, given) => oneRun(await folder(), ['--norc', '-e', '-c', text], given),
    close: () => rm(whole, { recursive: true }),
  };
}
