import { defineConfig } from 'vitest/config';

const quiet = ['--disable-warning=ExperimentalWarning'];
/** No code out of text and no `__proto__`: what must do without proves it. */
const strict = ['--disallow-code-generation-from-strings', '--disable-proto=delete'];
const project = (name: string, folders: readonly string[], isolate = true, more: readonly string[] = []) => ({
  test: {
    name,
    isolate,
    execArgv: [...quiet, ...more],
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    testTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    maxWorkers: '100%', // by default one core is left idle, which is half of two
    projects: [
      project(
        'core',
        ['model', 'pattern', 'ingest', 'action', 'playbook', 'guard', 'policy', 'report', 'config'],
        false,
      ),
      project('sandbox', ['sandbox', 'actions', 'catalog', 'run', 'scenario', 'api', 'generate'], false),
      project('records', ['records', 'adapters']),
      project('crash', ['crash']),
      project('injection', ['injection'], false, strict),
      project('hosts', ['functions', 'cli', 'conformance']),
    ],
  },
});
