import { defineConfig } from 'vitest/config';

const quiet = ['--disable-warning=ExperimentalWarning'];
const project = (name: string, folders: readonly string[], isolate = true) => ({
  test: {
    name,
    isolate,
    execArgv: quiet,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    testTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      project(
        'core',
        ['model', 'pattern', 'ingest', 'action', 'playbook', 'guard', 'policy', 'report', 'config'],
        false,
      ),
      project('sandbox', ['sandbox', 'actions', 'catalog', 'run', 'scenario', 'api'], false),
      project('records', ['records', 'adapters']),
      project('crash', ['crash']),
      project('hosts', ['functions', 'cli', 'conformance']),
    ],
  },
});
