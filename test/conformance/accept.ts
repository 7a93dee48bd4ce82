import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { acceptPattern } from './accept-pattern.ts';
import { acceptSources } from './accept-sources.ts';

/** Checks against collected facts that are not part of the project; skipped where they are missing. */
const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));

const checks = [
  ['event patterns against the reference engine', acceptPattern],
  ['sources against collected events', acceptSources],
] as const;

if (import.meta.main) {
  if (!existsSync(shared))
    console.log('skipped: the collected facts are not beside the project; `npm test` does not need them');
  else
    for (const [name, check] of checks) {
      const { lines, failed } = await check(shared);
      console.log([`${failed ? 'FAILED' : 'passed'}: ${name}`, ...lines.map((line) => `  ${line}`), ''].join('\n'));
      if (failed) process.exitCode = 1;
    }
}
