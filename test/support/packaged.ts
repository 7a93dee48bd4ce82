import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const osls = join(root, 'node_modules/serverless/bin/serverless.js');

/**
 * The CloudFormation template that `serverless package --stage <stage>` makes, without credentials or network. The code
 * in the package is a placeholder: what is looked at is the template. `params` are those of serverless.yml.
 */
export async function packaged(stage: string, params: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-package-'));
  try {
    await mkdir(join(folder, 'dist/aws'), { recursive: true });
    await writeFile(join(folder, 'dist/aws/settings.json'), '{}');
    await cp(join(root, 'serverless.yml'), join(folder, 'serverless.yml'));
    await cp(join(root, 'functions/aws/deploy'), join(folder, 'functions/aws/deploy'), { recursive: true });
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: folder, SLS_NOTIFICATIONS_MODE: 'off', SLS_TELEMETRY_DISABLED: '1' };
    const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
    await run(process.execPath, [osls, 'package', '--stage', stage, '--package', 'out', ...given], {
      cwd: folder,
      env,
    });
    const text = await readFile(join(folder, 'out/cloudformation-template-update-stack.json'), 'utf8');
    return JSON.parse(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
