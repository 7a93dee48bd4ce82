import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../shared/model/error.ts';
import { zipFolder } from './zip.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Packs what `npm run build` has made: for AWS with the Serverless Framework, for Azure as the zip that Functions take. */
async function packageAll(stages: readonly string[]): Promise<void> {
  const azure = join(root, 'dist/azure');
  if (!existsSync(join(azure, 'main.js')))
    throw new InvalidInput({ code: 'not-built', message: 'dist/azure has no main.js', remedy: 'npm run build' });
  const osls = join(root, 'node_modules/serverless/bin/serverless.js');
  for (const stage of stages) {
    const out = `dist/packages/${stage}`;
    execFileSync(process.execPath, [osls, 'package', '--stage', stage, '--package', out], {
      cwd: root,
      stdio: 'inherit',
    });
    console.log(`aws: ${out}`);
  }
  const zip = await zipFolder(azure);
  await writeFile(join(root, 'dist/azure.zip'), zip);
  console.log(`azure: dist/azure.zip ${Math.ceil(zip.length / 1_024)} KB`);
}

if (import.meta.main) {
  const stages = process.argv.slice(2);
  await packageAll(stages.length > 0 ? stages : ['staging', 'production']);
}
