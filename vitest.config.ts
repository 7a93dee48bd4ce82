import { defineConfig } from 'vitest/config';

const quiet = ['--disable-warning=ExperimentalWarning'];
/** No code out of text and no `__proto__`: what must do without proves it. */
const strict = ['--disallow-code-generation-from-strings', '--disable-proto=delete'];
/** Libraries that register, or remember whom they run as, once in each process: a process of its own for each file. */
const alone = [
  'test/adapters/from-azure-to-aws.test.ts',
  'test/functions/azure{,-both-clouds,-deploy,-deploy-script,-graph,-inbox,-metrics,-relay,-signals,-stores,-webhook}.test.ts',
  'test/functions/{forwarding-*,hosts-azure,planted-secrets}.test.ts',
];
const within = (...folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);
/** Files share a process, and with it what they import, which costs more than most of them. */
const project = (
  name: string,
  include: string[],
  { isolate = false, flags = [] as readonly string[], setup = [] as readonly string[] } = {},
) => ({
  test: {
    name,
    include,
    globalSetup: [...setup],
    exclude: isolate ? [] : alone,
    isolate,
    execArgv: [...quiet, ...flags],
    testTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    maxWorkers: '100%', // by default one core is left idle, which is half of two
    projects: [
      project('alone', alone, { isolate: true }),
      project(
        'core',
        within('model', 'pattern', 'ingest', 'action', 'playbook', 'guard', 'policy', 'report', 'config'),
      ),
      project('sandbox', within('sandbox', 'actions', 'catalog', 'run', 'scenario', 'api', 'generate')),
      project('records', within('records', 'adapters')),
      project('crash', within('crash')),
      project('injection', within('injection'), { flags: strict }),
      project('hosts', within('functions', 'cli', 'conformance'), { setup: ['test/support/workshop.ts'] }),
    ],
  },
});
