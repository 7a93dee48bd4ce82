import { fileURLToPath } from 'node:url';
import { buildAll } from '../../functions/build.ts';

/** What the build answers, as it comes out of another process. */
export type Made = Awaited<ReturnType<typeof buildAll>>;

/** Builds the shipped playbooks into the folder that is the argument, as `npm run build` does, and writes what was made. */
if (import.meta.main) {
  const playbooks = fileURLToPath(new URL('../../playbooks', import.meta.url));
  const made: Made = await buildAll({ playbooks, out: process.argv[2] ?? '' });
  process.stdout.write(JSON.stringify(made));
}
