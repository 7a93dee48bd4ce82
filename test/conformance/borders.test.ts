import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkBorders, ruleNames } from '../support/borders.ts';

let tree = '';

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'cordon-borders-'));
});
afterEach(() => {
  rmSync(tree, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

const packages = ['@aws-sdk/client-iam', '@azure/identity', '@smithy/core', 'zod'];

/** A tree of files, each with its imports; whatever is imported is there. */
function plant(files: Readonly<Record<string, readonly string[]>>): void {
  const all = { 'shared/model/error.ts': [], 'functions/local/cordon.ts': [], ...files };
  for (const name of packages) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports: './index.js' }));
    write(`node_modules/${name}/index.js`, 'export const a = 1;');
  }
  write('package.json', JSON.stringify({ dependencies: Object.fromEntries(packages.map((name) => [name, '1'])) }));
  for (const [path, imports] of Object.entries(all)) {
    write(path, [...imports, 'export type A = 1;', 'export const a: number = 1;'].join('\n'));
  }
}

const value = (from: string) => `import { a as b } from '${from}';`;
const type = (from: string) => `import type { A as B } from '${from}';`;
const lazy = (from: string) => `export const later = () => import('${from}');`;
const again = (from: string) => `export { a as c } from '${from}';`;

type Files = Readonly<Record<string, readonly string[]>>;
type Row = readonly [rule: string, what: string, bad: Files];

const target = (path: string): Files => ({ [path]: [] });

const rows: readonly Row[] = [
  [
    'order-of-model',
    'model on pattern',
    { 'shared/model/a.ts': [value('../pattern/b.ts')], ...target('shared/pattern/b.ts') },
  ],
  [
    'order-of-pattern',
    'pattern on ports',
    { 'shared/pattern/a.ts': [type('../ports/b.ts')], ...target('shared/ports/b.ts') },
  ],
  [
    'order-of-policy',
    'policy on ports',
    { 'shared/policy/a.ts': [type('../ports/b.ts')], ...target('shared/ports/b.ts') },
  ],
  [
    'order-of-config',
    'settings on action',
    { 'shared/config/settings.ts': [type('../action/b.ts')], ...target('shared/action/b.ts') },
  ],
  [
    'order-of-ports',
    'ports on action',
    { 'shared/ports/a.ts': [type('../action/b.ts')], ...target('shared/action/b.ts') },
  ],
  [
    'order-of-ingest',
    'ingest on records',
    { 'shared/ingest/a.ts': [value('../records/b.ts')], ...target('shared/records/b.ts') },
  ],
  [
    'order-of-ingest',
    'ingest on action',
    { 'shared/ingest/a.ts': [value('../action/b.ts')], ...target('shared/action/b.ts') },
  ],
  [
    'order-of-action',
    'action on playbook',
    { 'shared/action/a.ts': [lazy('../playbook/b.ts')], ...target('shared/playbook/b.ts') },
  ],
  [
    'order-of-playbook',
    'playbook on guard',
    { 'shared/playbook/a.ts': [value('../guard/b.ts')], ...target('shared/guard/b.ts') },
  ],
  [
    'order-of-guard',
    'guard on records',
    { 'shared/guard/a.ts': [again('../records/b.ts')], ...target('shared/records/b.ts') },
  ],
  [
    'order-of-records',
    'records on run',
    { 'shared/records/a.ts': [value('../run/b.ts')], ...target('shared/run/b.ts') },
  ],
  ['order-of-run', 'run on report', { 'shared/run/a.ts': [value('../report/b.ts')], ...target('shared/report/b.ts') }],
  ['order-of-report', 'report on api', { 'shared/report/a.ts': [value('../api/b.ts')], ...target('shared/api/b.ts') }],
  [
    'order-of-actions',
    'an action on the run',
    { 'shared/actions/aws/a.ts': [value('../../run/b.ts')], ...target('shared/run/b.ts') },
  ],
  [
    'order-of-sandbox',
    'the sandbox on an action',
    { 'shared/sandbox/aws/a.ts': [value('../../action/b.ts')], ...target('shared/action/b.ts') },
  ],
  [
    'ingest-sees-types-of-ports',
    'a source that calls a port',
    { 'shared/ingest/a.ts': [value('../ports/b.ts')], ...target('shared/ports/b.ts') },
  ],
  [
    'aws-sees-no-azure',
    'an AWS action on an Azure file',
    { 'shared/actions/aws/a.ts': [value('../azure/b.ts')], ...target('shared/actions/azure/b.ts') },
  ],
  ['aws-sees-no-azure', 'an AWS adapter on an Azure SDK', { 'shared/adapters/aws/a.ts': [lazy('@azure/identity')] }],
  [
    'azure-sees-no-aws',
    'an Azure adapter on an AWS file',
    { 'shared/adapters/azure/a.ts': [type('../aws/b.ts')], ...target('shared/adapters/aws/b.ts') },
  ],
  ['azure-sees-no-aws', 'an Azure function on an AWS SDK', { 'functions/azure/a.ts': [value('@aws-sdk/client-iam')] }],
  ['azure-sees-no-aws', 'an Azure action on Smithy', { 'shared/actions/azure/a.ts': [value('@smithy/core')] }],
  [
    'only-wire-joins-clouds',
    'a local host on an adapter',
    { 'functions/local/a.ts': [lazy('../../shared/adapters/aws/b.ts')], ...target('shared/adapters/aws/b.ts') },
  ],
  ['core-without-sdk', 'the run on an SDK', { 'shared/run/a.ts': [value('@aws-sdk/client-iam')] }],
  ['core-without-sdk', 'the core on types of an SDK', { 'shared/action/a.ts': [type('@smithy/core')] }],
  ['core-without-node', 'a record on the disk', { 'shared/records/a.ts': [`import 'node:fs/promises';`] }],
  ['core-without-node', 'the api on SQLite', { 'shared/api/a.ts': [`import 'node:sqlite';`] }],
  ['core-without-node', 'a builtin without its prefix', { 'shared/guard/a.ts': [`import 'http';`] }],
  [
    'core-stays-inside',
    'the api on an adapter',
    { 'shared/api/a.ts': [value('../adapters/sqlite/b.ts')], ...target('shared/adapters/sqlite/b.ts') },
  ],
  [
    'core-stays-inside',
    'the api on the loading of configuration',
    { 'shared/api/a.ts': [value('../config/load.ts')], ...target('shared/config/load.ts') },
  ],
  [
    'shared-stands-alone',
    'an adapter on a function',
    { 'shared/adapters/sqlite/a.ts': [value('../../../functions/local/cordon.ts')] },
  ],
  [
    'shared-stands-alone',
    'a command on a test',
    { 'shared/cli/a.ts': [value('../../test/support/b.ts')], ...target('test/support/b.ts') },
  ],
  [
    'no-circle',
    'two files that import each other',
    { 'shared/run/a.ts': [value('./b.ts')], 'shared/run/b.ts': [value('./a.ts')] },
  ],
  [
    'no-circle',
    'a circle of types',
    { 'shared/run/a.ts': [type('./b.ts')], 'shared/run/b.ts': [type('./c.ts')], 'shared/run/c.ts': [value('./a.ts')] },
  ],
  ['no-import-into-the-void', 'an import of nothing', { 'shared/model/a.ts': [value('./nowhere.ts')] }],
];

const rulesOf = (violations: readonly string[]) => [...new Set(violations.map((line) => line.split(':')[0]))];

describe('borders', () => {
  test.each(rows)('%s alone fires on %s', async (rule, _, bad) => {
    plant(bad);
    const { violations } = await checkBorders(tree);
    expect(rulesOf(violations)).toEqual([rule]);
  });

  test('a clean tree passes, and every file is read', async () => {
    plant({
      'shared/model/a.ts': [`import { createHash } from 'node:crypto';`, value('zod')],
      'shared/ports/records.ts': [type('../model/a.ts')],
      'shared/ingest/guardduty.ts': [value('../model/a.ts'), type('../ports/records.ts')],
      'shared/config/settings.ts': [value('../model/a.ts')],
      'shared/config/load.ts': [value('./settings.ts'), `import 'node:fs';`],
      'shared/guard/decide.ts': [type('../config/settings.ts')],
      'shared/run/turn.ts': [value('../guard/decide.ts'), type('../ports/records.ts'), `import 'node:util';`],
      'shared/actions/aws/a.ts': [value('@aws-sdk/client-iam')],
      'shared/actions/azure/a.ts': [value('@azure/identity')],
      'shared/sandbox/sandbox.ts': [value('./aws/iam.ts'), value('./azure/arm.ts')],
      'shared/sandbox/aws/iam.ts': [value('@smithy/core'), value('../../policy/evaluate.ts')],
      'shared/sandbox/azure/arm.ts': [value('../../model/a.ts')],
      'shared/policy/evaluate.ts': [value('../model/a.ts')],
      'functions/aws/wire.ts': [lazy('../../shared/actions/aws/a.ts'), lazy('../../shared/actions/azure/a.ts')],
      'functions/local/wire.ts': [lazy('../../shared/actions/aws/a.ts'), lazy('../../shared/actions/azure/a.ts')],
    });
    expect(await checkBorders(tree)).toEqual({ violations: [], unread: [], files: 17 });
  });

  test('a file that is passed over is named', async () => {
    plant({ 'shared/run/node_modules/hidden.ts': [value('../../../functions/local/cordon.ts')] });
    expect((await checkBorders(tree)).unread).toEqual(['shared/run/node_modules/hidden.ts']);
  });

  test('every rule is shown to fire', async () => {
    expect(new Set(rows.map(([rule]) => rule))).toEqual(new Set(await ruleNames()));
  });
});
