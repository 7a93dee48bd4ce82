import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettingsFile } from '../../functions/settings-file.ts';
import { commanded } from '../support/cordon-command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const yaml = `stage: production
aws:
  accounts:
    "111122223333": { externalId: northwind-external-id }
people:
  - id: maria
    roles: [approver]
`;

describe('settings', () => {
  test('say of each value where it comes from', () => {
    const { values } = readSettingsFile(yaml, 'cordon.yaml', { CORDON_STAGE: 'staging' });
    const of = (path: string) => values.find((one) => one.path === path);
    expect(of('stage')).toEqual({ path: 'stage', value: 'staging', from: 'CORDON_STAGE' });
    expect(of('aws.accounts.111122223333.externalId')?.from).toBe('cordon.yaml:4');
    expect(of('people.0.id')?.from).toBe('cordon.yaml:6');
    expect(of('people.0.roles.0')?.from).toBe('cordon.yaml:7');
    expect(of('aws.readerRole')).toMatchObject({ value: 'CordonReader', from: 'default' });
  });

  test.each([
    [
      'a key that is none, with its neighbour',
      'acounts: {}\nstage: x',
      /cordon\.yaml:1:1.*acounts: there is no such setting/s,
    ],
    ['a key in depth', 'aws:\n  readerrole: X', /:2:3.*aws\.readerrole: there is no such setting.*readerRole/s],
    ['a value of another kind', 'maxEventAgeHours: soon', /:1:19.*maxEventAgeHours/s],
    [
      'a secret that is written out',
      'channels:\n  - { kind: slack, name: s, channel: C0123456789, token: xoxb-1 }',
      /:2:.*never written here/s,
    ],
    ['an alias', 'a: &a x\nstage: *a', /anchor|alias/i],
  ])('are refused for %s', (_, text, message) => {
    let said = '';
    try {
      readSettingsFile(text, 'cordon.yaml');
    } catch (thrown) {
      said = thrown instanceof Error && 'describe' in thrown ? String((thrown.describe as () => string)()) : '';
    }
    expect(said).toMatch(message);
  });

  test('name every problem at once', () => {
    expect(() => readSettingsFile('a: 1\nb: 2', 'cordon.yaml')).toThrow(/2 things are wrong:.*a: there.*b: there/s);
  });
});

describe('cordon config', () => {
  test('shows all, or what is not as by default, and what the stage may do', async () => {
    const file = join(folder, 'cordon.yaml');
    await writeFile(file, yaml);
    const { code, out } = await commanded(folder, ['config', '--config', file]);
    expect(code).toBe(0);
    expect(out).toMatch(/aws\.readerRole\s+"CordonReader"\s+default/);
    expect(out).toContain('Stage production: may change things.');
    const { out: changed } = await commanded(folder, ['config', 'show', '--changed', '--config', file]);
    expect(changed).not.toContain('default');
    expect(changed).toMatch(/stage\s+"production"/);
  });

  test('without a file shows the defaults, which change nothing', async () => {
    const { out } = await commanded(folder, ['config', '--config', join(folder, 'none.yaml')]);
    expect(out).toContain('these are the defaults');
    expect(out).toContain('Stage staging: plans only, changes nothing.');
  });
});
