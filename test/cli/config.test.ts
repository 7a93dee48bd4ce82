import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { examineSecrets } from '../../functions/doctor/secrets.ts';
import { readSettingsFile } from '../../functions/settings-file.ts';
import { Settings } from '../../shared/config/settings.ts';
import { commanded, type Ran } from '../support/cordon-command.ts';

let folder = '';
let empty = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-config-'));
  empty = await mkdtemp(join(tmpdir(), 'cordon-nothing-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(empty, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const yaml = `stage: production
aws:
  accounts:
    "111122223333": { externalId: northwind-external-id }
people:
  - id: maria
    roles: [approver]
`;

const event = fileURLToPath(new URL('../fixtures/events/guardduty/leaked-access-key.json', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A script of the project in a process of its own, as npm and the deploying scripts call it. */
const ranAlone = (script: string, env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const quiet = ['--disable-warning=ExperimentalWarning', script, ...args];
    execFile(process.execPath, quiet, { cwd: root, env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

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
    [
      'a wrong account id',
      'aws: { accounts: { "1111": { externalId: northwind-external-id } } }',
      /:1:\d+ at aws\.accounts\.1111: an AWS account id has 12 digits/,
    ],
    ['a wrong subscription', 'azure: { subscriptions: [abc] }', /at azure\.subscriptions\.0: .*looks like 0a1b2c3d-/],
    [
      'an account that is text',
      'aws: { accounts: { "111122223333": northwind } }',
      /another kind.*Give names with values/,
    ],
    ['a person without roles', 'people: [{ id: maria }]', /people\.0\.roles: is missing\. Give a list/],
    [
      'an external id that is too short',
      'aws: { accounts: { "111122223333": { externalId: a1 } } }',
      /too little\. Give at least 16 characters/,
    ],
    [
      'an external id by reference',
      'aws: { accounts: { "111122223333": { externalId: "env:CORDON_EXTERNAL" } } }',
      /externalId: no reference is read here.*no secret/,
    ],
    ['a mode that is none', 'stages: { production: enfore }', /Give dry-run or enforce/],
    ['a channel of an unknown kind', 'channels: [{ kind: slak }]', /Give slack or sns or webhook/],
    [
      'a staging that enforces',
      'stages: { staging: enforce, production: enforce }',
      /:1:\d+ at stages\.staging: .*never changes anything/,
    ],
    [
      'subscriptions without a tenant',
      'azure: { subscriptions: [0a1b2c3d-0000-4000-8000-000000000001] }',
      /at azure\.subscriptions: .*without the tenant.*azure\.tenant/,
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
    expect(said).not.toContain('[masked]');
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
    expect(out).toMatch(/aws\.readerRole\s+default\s+"CordonReader"/);
    expect(out).toContain('Stage production: may change things.');
    const { out: changed } = await commanded(folder, ['config', 'show', '--changed', '--config', file]);
    expect(changed).not.toContain('default');
    expect(changed).toMatch(/stage\s+\S+cordon\.yaml:1\s+"production"/);
  });

  test('without a file shows the defaults, which change nothing', async () => {
    const { out } = await commanded(empty, ['config']);
    expect(out).toContain('There is no cordon.yaml: these are the defaults');
    expect(out).toContain('Stage staging: plans only, changes nothing.');
  });

  test('with an empty file does not say that there is none, and knows one thing to do', async () => {
    const file = join(folder, 'empty.yaml');
    await writeFile(file, '');
    const { out } = await commanded(folder, ['config', '--changed', '--config', file]);
    expect(out).not.toContain('There is no');
    expect((await commanded(folder, ['config', 'foo'])).code).toBe(2);
  });

  test('takes the stage that is named over the environment and the file', async () => {
    vi.stubEnv('CORDON_STAGE', 'test');
    const file = join(folder, 'cordon.yaml');
    await writeFile(file, yaml);
    const { out } = await commanded(folder, ['config', '--changed', '--config', file, '--stage', 'staging']);
    expect(out).toMatch(/stage\s+--stage\s+"staging"/);
    expect((await commanded(folder, ['config', '--changed', '--config', file])).out).toMatch(/CORDON_STAGE\s+"test"/);
  });

  test('on a terminal keeps to its width', async () => {
    const file = join(folder, 'wide.yaml');
    await writeFile(file, `protectedPrincipals: ["${'x'.repeat(300)}"]\n`);
    const { columns } = process.stdout;
    process.stdout.columns = 80;
    try {
      const { out } = await commanded(folder, ['config', '--config', file]);
      expect(Math.max(...out.split('\n').map(({ length }) => length))).toBe(80);
    } finally {
      process.stdout.columns = columns;
    }
  });
});

describe('a settings file that is named', () => {
  test.each(['config', 'status', 'validate'])('has to be there for cordon %s', async (command) => {
    const missing = [3, expect.stringContaining('nope.yaml: there is no such file')];
    const named = await commanded(empty, [command, '--config', 'nope.yaml']);
    expect([named.code, named.err]).toEqual(missing);
    vi.stubEnv('CORDON_CONFIG', 'nope.yaml');
    const { code, err } = await commanded(empty, [command]);
    expect([code, err]).toEqual(missing);
  });

  test('is no folder', async () => {
    const { code, err } = await commanded(empty, ['config', '--config', '.']);
    expect([code, err]).toEqual([3, expect.stringContaining('is a folder')]);
    expect(err).not.toContain('EISDIR');
  });

  test('is that of CORDON_CONFIG as it is for the build', async () => {
    const file = join(folder, 'cordon.yaml');
    await writeFile(file, yaml);
    vi.stubEnv('CORDON_CONFIG', file);
    expect((await commanded(empty, ['config'])).out).toContain('Stage production');
  });
});

describe('the sandbox company', () => {
  test('leaves nothing in the store of what is real', async () => {
    const place = await mkdtemp(join(tmpdir(), 'cordon-both-'));
    const ran = await commanded(place, ['run', '--event', event, '--playbook', 'leaked-access-key', '--enforce']);
    expect(ran.code, ran.err).toBe(0);
    await writeFile(join(place, 'cordon.yaml'), yaml);
    expect(JSON.parse((await commanded(place, ['contained', '--json'])).out)).toEqual([]);
    expect(JSON.parse((await commanded(place, ['contained', '--json', '--sandbox'])).out)).toHaveLength(2);
    await rm(place, { recursive: true });
  }, 60_000);

  test('has a canary to drill on', async () => {
    const where = ['--account', '111122223333', '--region', 'eu-west-1', '--playbook', 'public-bucket'];
    const drill = ['drill', '--target', 'arn:aws:s3:::northwind-canary', ...where, '--enforce'];
    const { code, out } = await commanded(empty, drill);
    expect([code, out]).toEqual([0, expect.stringContaining('the canary is as it was')]);
  }, 60_000);
});

test('the doctor names the signing key of the stage that it was asked about', async () => {
  const secrets = { read: async () => '' };
  const [line] = await examineSecrets(Settings.parse({ stage: 'staging' }), secrets, undefined);
  expect(line?.remedy).toContain('secretsmanager:cordon-staging/signing-key');
});

describe('--json', () => {
  test('gives faults and wrong usage as data on stderr', async () => {
    const fault = await commanded(empty, ['status', '--json', '--config', 'nope.yaml']);
    expect([fault.code, fault.out]).toEqual([3, '']);
    expect(JSON.parse(fault.err)).toMatchObject({ error: { code: 'no-settings', place: { file: 'nope.yaml' } } });
    const usage = await commanded(empty, ['halt', '--json']);
    expect([usage.code, usage.out]).toEqual([2, '']);
    expect(JSON.parse(usage.err)).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('--why') },
    });
  });
});

describe('the build', () => {
  test('says what is wrong with the settings, with its place and without a stack', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'aws:\n  accounts:\n    "111122223333": { externalId: short }\n');
    const { code, err } = await ranAlone('functions/build.ts', { CORDON_CONFIG: file });
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/wrong\.yaml:3:\d+ at aws\.accounts\.111122223333\.externalId: /),
    ]);
    expect(err).not.toContain('    at ');
    const none = await ranAlone('functions/build.ts', { CORDON_CONFIG: 'nope.yaml' });
    expect([none.code, none.err]).toEqual([3, expect.stringContaining('there is no such file')]);
  });
});

describe('the Graph roles', () => {
  const script = 'functions/azure/deploy/graph-roles.ts';
  test.each([
    [['--stage', 'x', '--reader', 'abc'], '--reader abc is no object id'],
    [[], '--stage is missing'],
    [['--nope'], "Unknown option '--nope'"],
  ])('say what is wrong with %j', async (args, words) => {
    const { code, err } = await ranAlone(script, {}, args);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
    expect(err).not.toContain('    at ');
  });
  test('explain themselves', async () => {
    expect(await ranAlone(script, {}, ['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--what-if'),
    });
  });
});
