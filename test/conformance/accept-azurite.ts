import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAccount } from '../support/azure-stores.ts';
import { installAzurite, startAzurite, version } from './accept-azurite/azurite.ts';

/**
 * Holds the records and the evidence of Azure against azurite: the contract that `npm test` runs on servers of our own.
 * Not part of `npm test`: it installs azurite (190 MB) from npm into a temporary folder, and is skipped where it cannot.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const say = (text: string): void => console.error(`… ${text}`);

/** Runs the contract in a process of its own; answers with its exit code. */
async function contractOn(account: LocalAccount): Promise<number> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const config = 'test/conformance/accept-azurite/vitest.config.ts';
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, '--reporter', 'tree'], {
    cwd: root,
    env: { ...process.env, CORDON_ACCEPT_AZURITE: JSON.stringify(account) },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  say(`installing azurite ${version} in a temporary folder`);
  const installed = await installAzurite();
  if ('unavailable' in installed) {
    console.log(`skipped: azurite cannot be installed here: ${installed.unavailable}`);
    return;
  }
  const azurite = await startAzurite(installed.folder);
  try {
    process.exitCode = await contractOn(azurite.account);
  } finally {
    await azurite.stop();
  }
}

if (import.meta.main) await main();
