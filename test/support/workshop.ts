import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { messageOf } from '../../shared/model/error.ts';
import { loopback } from './loopback.ts';
import { packaged } from './packaged.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where test files ask for what is made once for all of them: made-once.ts. */
    readonly workshop: string;
  }
}

const run = promisify(execFile);
const builder = fileURLToPath(new URL('build-into.ts', import.meta.url));

async function built(out: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [builder, out], { maxBuffer: 64 * 1_048_576 });
  return JSON.parse(stdout);
}

/**
 * Vitest calls it before the first file of a project, and what it returns after the last: a server that makes the build
 * and the packages when the first file asks for them, and gives the same to the others, whatever process they are in.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-workshop-'));
  const made = new Map<string, Promise<unknown>>();
  const make = ({ url = '/' }: IncomingMessage): Promise<unknown> => {
    const { pathname, searchParams } = new URL(url, 'http://workshop');
    const { stage = '', ...params } = Object.fromEntries(searchParams);
    return pathname === '/build' ? built(join(folder, 'dist')) : packaged(stage, params);
  };
  const { host, close } = await loopback((request, response) => {
    const { url = '/' } = request;
    const one = made.get(url) ?? make(request);
    made.set(url, one);
    one.then(
      (value) => response.end(JSON.stringify(value)),
      (thrown: unknown) => response.writeHead(500).end(messageOf(thrown)),
    );
  });
  provide('workshop', `http://${host}`);
  return async () => {
    await close();
    await Promise.allSettled(made.values());
    await rm(folder, { recursive: true, force: true });
  };
}
