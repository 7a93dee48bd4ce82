import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tests = fileURLToPath(new URL('../', import.meta.url));

it('no test compares a text with a pattern in a way that compares nothing', () => {
  // inside toMatchObject any text passes for a regular expression; expect.stringMatching compares
  const loose = globSync('**/*.test.ts', { cwd: tests }).filter((file) =>
    /\.(toMatchObject|rejects\.toMatchObject)\(\{[^()]*: \/[^/*]/.test(readFileSync(`${tests}${file}`, 'utf8')),
  );
  expect(loose).toEqual([]);
});
