import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { main } from '../../functions/local/cordon.ts';

const entry = fileURLToPath(new URL('../../functions/local/cordon.ts', import.meta.url));

/** What a command answered: its exit code, and what it printed. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** The command in a process of its own, in a folder, without a terminal. */
export const spawned = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const child = ['--disable-warning=ExperimentalWarning', entry, ...args];
    const { FORCE_COLOR: _, ...plain } = process.env;
    execFile(process.execPath, child, { cwd: folder, env: { ...plain, ...env } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out: String(out), err: String(err) }),
    );
  });

/** The same command without the start of a process, which takes longer than most commands: here, in a folder. */
export async function commanded(folder: string, args: readonly string[]): Promise<Ran> {
  const printed: Record<'out' | 'err', string> = { out: '', err: '' };
  const line = (where: 'out' | 'err') => (text: unknown) => {
    printed[where] += `${String(text)}\n`;
  };
  const raw = (where: 'out' | 'err') => (text: unknown) => {
    printed[where] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(line('out')),
    vi.spyOn(console, 'error').mockImplementation(line('err')),
    vi.spyOn(process.stdout, 'write').mockImplementation(raw('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(raw('err')),
  ];
  const before = process.cwd();
  process.chdir(folder);
  try {
    return { code: await main(args), ...printed };
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}
