import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import { tryPlaybook } from '../../functions/local/try.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);

describe.each(files)('$file', ({ read, problems }) => {
  it('is a playbook that can be run', () => {
    expect(problems.map((problem) => problem.describe())).toEqual([]);
  });

  it('carries a test that matches and one that does not', () => {
    const expectations = read?.playbook.tests.map((test) => test.expect.matched ?? true) ?? [];
    expect(expectations).toContain(true);
    expect(expectations).toContain(false);
  });

  it.each(read?.playbook.tests ?? [])('$name', async (test) => {
    expect(read).toBeDefined();
    if (read) expect((await tryPlaybook(read.playbook, test)).problems).toEqual([]);
  });
});
