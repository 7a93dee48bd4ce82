import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { messageOf } from '../../../shared/model/error.ts';
import { own } from '../../../shared/model/json.ts';
import type { LocalAccount } from '../../support/azure-stores.ts';

const run = promisify(execFile);

/** The version that the contract was seen to hold on; a newer one is tried by changing it here. */
export const version = '3.35.0';

/** Why the registry gave nothing: the last line that the installer said. */
const reason = (thrown: unknown): string => {
  const said = String(own(thrown, 'stderr') ?? '').trim();
  return said.split('\n').at(-1) || messageOf(thrown);
};

/** Installs azurite until this process ends, or says why that cannot be done here. Nothing is left in the project. */
export async function installAzurite(): Promise<{ readonly folder: string } | { readonly unavailable: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-accept-azurite-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const quiet = ['--ignore-scripts', '--fetch-retries=0', '--no-audit', '--no-fund', '--loglevel', 'error'];
  try {
    const install = ['install', '--prefix', folder, '--no-save', ...quiet, `azurite@${version}`];
    await run('npm', install, { timeout: 240_000, cwd: folder });
    return { folder };
  } catch (thrown) {
    return { unavailable: reason(thrown) };
  }
}

/** A port of the loopback interface that was free a moment ago: azurite does not tell which one it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  server.close();
  await once(server, 'close');
  return port;
}

const account = { name: 'cordon', key: Buffer.from('the key of an account on the loopback').toString('base64') };

/** Starts one of its services; resolves when it says that it listens. */
async function startService(folder: string, service: 'table' | 'blob', port: number): Promise<ChildProcess> {
  const main = join(folder, `node_modules/azurite/dist/src/${service}/main.js`);
  const memory = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const child = spawn(process.execPath, [main, `--${service}Port`, String(port), ...memory], {
    cwd: folder,
    env: { ...process.env, AZURITE_ACCOUNTS: `${account.name}:${account.key}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  for await (const line of createInterface(child.stdout)) {
    if (!/success/.test(line)) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error(`azurite ${service} did not start`);
}

/** A storage account served by azurite, the emulator of Azure Storage that other hands wrote. */
export type Azurite = { readonly account: LocalAccount; stop(): Promise<void> };

export async function startAzurite(folder: string): Promise<Azurite> {
  const [tables, blobs] = [await freePort(), await freePort()];
  const children = await Promise.all([startService(folder, 'table', tables), startService(folder, 'blob', blobs)]);
  const at = (port: number): string => `http://127.0.0.1:${port}/${account.name}`;
  return {
    account: { credential: account, tables: at(tables), blobs: at(blobs) },
    async stop() {
      const ended = children.map((child) => once(child, 'exit'));
      for (const child of children) child.kill();
      await Promise.all(ended);
    },
  };
}
