import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commanded, type Ran, spawned } from '../support/cordon-command.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/events/${name}.json`, import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Here, but for what depends on the environment of a process. */
const cordon = (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran> =>
  env ? spawned(folder, args, env) : commanded(folder, args);

describe('cordon', () => {
  it('explains itself and every command with exit code 0', async () => {
    const { code, out } = await cordon(['--help']);
    expect(code).toBe(0);
    for (const command of ['demo', 'match', 'plan', 'run', 'release', 'runs', 'contained', 'validate', 'test'])
      expect(out).toContain(command);
    expect((await cordon(['release', '--help'])).out).toContain('--reactivate-credentials');
  });

  it('answers wrong usage with exit code 2', async () => {
    expect((await cordon(['conjure'], {})).code).toBe(2);
    expect((await cordon(['plan'])).code).toBe(2);
    expect((await cordon(['match', '--nonsense', 'x'])).code).toBe(2);
  });

  it('says what an event is and which playbook it would start', async () => {
    const { code, out, err } = await cordon(['match', fixture('guardduty/leaked-access-key')]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('leaked-access-key');
    expect(out).toContain('AKIACIDEPLOY00000001');
    expect(out).not.toContain('\u001b[');
  });

  it('gives the same as data with --json', async () => {
    const { out } = await cordon(['match', '--json', fixture('guardduty/leaked-access-key')]);
    const [answer] = JSON.parse(out);
    expect(answer.finding.severity).toBe('Medium');
    expect(answer.matched.map(({ playbook }: { playbook: string }) => playbook)).toContain('leaked-access-key');
  });

  it.each([
    ['not JSON', '{"detail": ', 'not JSON'],
    ['an unknown envelope', '{"hello": "world"}', 'envelope'],
    [
      'a GetFindings body',
      '{"source":"aws.guardduty","detail-type":"GuardDuty Finding","detail":{"Id":"x","Type":"y"}}',
      'GetFindings',
    ],
    ['text nested ten thousand deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'deep'],
    ['an event of 1.1 MB', JSON.stringify({ detail: 'x'.repeat(1_100_000) }), '1'],
  ])('answers %s with exit code 3 and the way out', async (name, text, word) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.json`);
    await writeFile(file, text);
    const { code, out } = await cordon(['match', file]);
    expect(code).toBe(3);
    expect(out).toContain(word);
  });

  it('plans without changing anything, runs what was planned, shows it, and takes it back', async () => {
    const event = fixture('guardduty/leaked-access-key');
    const planned = await cordon(['plan', '--json', '--event', event, '--playbook', 'leaked-access-key']);
    expect(planned.code).toBe(0);
    const { digest } = JSON.parse(planned.out)[0].plan;

    const other = await cordon([
      'run',
      '--enforce',
      '--event',
      event,
      '--playbook',
      'leaked-access-key',
      '--digest',
      'f'.repeat(64),
    ]);
    expect(other.code).toBe(4);
    expect(JSON.parse((await cordon(['contained', '--json'])).out)).toEqual([]);

    const ran = await cordon([
      'run',
      '--enforce',
      '--json',
      '--event',
      event,
      '--playbook',
      'leaked-access-key',
      '--digest',
      digest,
    ]);
    expect(ran.code, ran.err).toBe(0);
    const [{ order, result }] = JSON.parse(ran.out);
    expect(result.outcome).toBe('contained');
    expect((await cordon(['contained'])).out).toContain('disable-access-key');

    const kept = await cordon(['release', order.id, '--enforce', '--json']);
    expect(JSON.parse(kept.out)[0].result.steps.map(({ reason }: { reason: string }) => reason)).toContain(
      'credentials-return',
    );
    expect((await cordon(['runs', order.id])).out).toContain('intent');
  }, 60_000);

  it('refuses a playbook with a wrong key, naming line, column and the nearest word', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(
      file,
      'id: wrong\ntitle: x\non: { finding: { type: [a] } }\nsteps:\n  - { id: a, acton: aws.iam.disable-access-key }\n',
    );
    const { code, out } = await cordon(['validate', file]);
    expect(code).toBe(3);
    expect(out).toMatch(/wrong\.yaml:5:\d+.*acton.*Did you mean action\?/s);
  });

  it('refuses an unknown action with the nearest one', async () => {
    const file = join(folder, 'unknown.yaml');
    await writeFile(
      file,
      'id: unknown\ntitle: x\non: { finding: { type: [a] } }\nsteps:\n  - { id: a, action: aws.iam.disable-acess-key }\n',
    );
    const { code, out } = await cordon(['validate', file]);
    expect(code).toBe(3);
    expect(out).toContain('Did you mean aws.iam.disable-access-key?');
  });

  it('answers a missing file with exit code 3 and prints no stack', async () => {
    const { code, err } = await cordon(['plan', '--event', 'nowhere.json']);
    expect(code).toBe(3);
    expect(err).toContain('nowhere.json');
    expect(err).not.toContain('    at ');
  });

  it('plays a day at the company, contains what should be, and looks as the README shows it', async () => {
    const { code, out, err } = await cordon(['demo']);
    expect([code, err]).toEqual([0, '']);
    const readme = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
    const shown = readme.slice(readme.indexOf('<!-- demo:begin -->'), readme.indexOf('<!-- demo:end -->'));
    const lines = [...shown.matchAll(/```text\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n'));
    expect(lines.length).toBeGreaterThan(20);
    // A digest changes with every change of an action's source, and is no part of how the demo looks.
    const plain = (line: string): string => line.trimEnd().replace(/sha256 [0-9a-f]{16}/, 'sha256 …');
    const printed = new Set(out.split('\n').map(plain));
    expect(lines.map(plain).filter((line) => !printed.has(line))).toEqual([]);
  }, 60_000);

  it('gives the demo as data with --json', async () => {
    const { code, out } = await cordon(['demo', '--json']);
    const { scenes, releases } = JSON.parse(out);
    expect(code).toBe(0);
    expect(scenes.every(({ asExpected }: { asExpected: boolean }) => asExpected)).toBe(true);
    expect(releases.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['released', 'denied', 'released']);
  }, 60_000);
});
