import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../functions/local/cordon.ts';
import { personAt } from '../../functions/local/person.ts';
import { may } from '../../shared/guard/rights.ts';
import { person } from '../support/api.ts';
import { company } from '../support/company.ts';

const event = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/events/guardduty/${name}.json`, import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-people-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The command as a process runs it, with a store of its own; what it prints is kept. */
async function cordon(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const printed: Record<'out' | 'err', string[]> = { out: [], err: [] };
  const keep = (where: 'out' | 'err') => (text: unknown) => printed[where].push(String(text)) > 0;
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(keep('out')),
    vi.spyOn(console, 'error').mockImplementation(keep('err')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('err')),
  ];
  try {
    const code = await main([...args, '--state', folder, '--sandbox']);
    return { code, out: printed.out.join('\n'), err: printed.err.join('\n') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const responder = 'astrid.holm@northwind.example';
const approver = 'erik.dahl@northwind.example';
const viewer = 'audit@northwind.example';

describe('people at the command line', () => {
  it('are asked, answer, and see what was cut', async () => {
    const playbook = 'stolen-instance-credentials';
    const opened = await cordon(
      ...['run', '--enforce', '--event', event('instance-credential-exfiltration-outside')],
      ...['--playbook', playbook, '--as', responder],
    );
    expect(opened.code, opened.err).toBe(4);
    const inbox = await cordon('inbox', '--as', approver);
    expect(inbox.code).toBe(0);
    for (const part of [
      'Cut an instance off the network',
      'left',
      '✓ aws.iam.',
      'security-oncall',
      '0 of 1',
      'approve',
    ])
      expect(inbox.out).toContain(part);
    expect(inbox.out).not.toContain('\u001b[');
    const [question] = JSON.parse((await cordon('inbox', '--json')).out);
    expect(JSON.parse((await cordon('inbox', '--json', '--mine', '--as', responder)).out)).toEqual([]);

    const digest = question.digest.slice(0, 12);
    const approve = (who: string, plan = digest) => cordon('approve', question.id, '--digest', plan, '--as', who);
    const refusals = [
      await approve(responder),
      await approve(viewer),
      await approve('mallory'),
      await approve(approver, 'f'.repeat(64)),
    ];
    expect(refusals.map(({ code }) => code)).toEqual([3, 3, 3, 3]);
    expect(refusals.map(({ err }) => /may not approve|do not name mallory|another plan/.exec(err)?.[0])).toEqual([
      'may not approve',
      'may not approve',
      'do not name mallory',
      'another plan',
    ]);
    const approved = await approve(approver);
    expect(approved.code, approved.out + approved.err).toBe(0);
    expect(approved.out).toContain('contained');
    expect((await cordon('inbox')).out).toContain('nothing waits');
    const again = await cordon('reject', question.id, '--digest', digest, '--as', approver);
    expect([again.code, again.err]).toEqual([3, expect.stringContaining(`${approver} has approved it at`)]);
    const listed = await cordon('contained');
    for (const part of ['aws.ec2.isolate-instance', playbook, responder, 'review', 'looked at', '--only'])
      expect(listed.out).toContain(part);
  }, 120_000);

  it('halt and resume, and see it in the status', async () => {
    expect((await cordon('halt', '--why', 'nothing named')).code).toBe(3);
    expect((await cordon('halt', '--all', '--playbook', 'public-bucket', '--why', 'both')).code).toBe(3);
    expect((await cordon('halt', '--all')).code).toBe(2);
    expect((await cordon('halt', '--all', '--why', 'a drill', '--as', viewer)).code).toBe(3);
    expect((await cordon('halt', '--playbook', 'leaked-access-key', '--why', 'a drill')).code).toBe(0);
    const run = await cordon(
      ...['run', '--enforce', '--event', event('leaked-access-key'), '--playbook', 'leaked-access-key'],
    );
    expect([run.code, run.out]).toEqual([4, expect.stringContaining('the kill switch')]);
    const status = await cordon('status');
    for (const part of ['playbook:leaked-access-key', 'a drill', 'held back', 'cordon -- resume'])
      expect(status.out).toContain(part);
    const resumed = await cordon('resume', '--playbook', 'leaked-access-key', '--why', 'over');
    expect([resumed.code, resumed.out]).toEqual([0, expect.stringContaining('contained')]);
    const now = JSON.parse((await cordon('status', '--json')).out);
    expect(now).toMatchObject({ switches: [], heldBack: [], containments: { byPlaybook: { 'leaked-access-key': 2 } } });
  }, 120_000);

  it('take many back at once: planned first, then by its digest', async () => {
    const which = ['release', '--playbook', 'stolen-instance-credentials', '--since', '1h'];
    expect((await cordon('release')).code).toBe(3);
    expect((await cordon(...which, '--since', 'soon')).code).toBe(3);
    expect((await cordon(...which, '--enforce')).code).toBe(3);
    const planned = await cordon(...which);
    expect([planned.code, planned.out]).toEqual([0, expect.stringContaining('1 runs together')]);
    const { digest, runs } = JSON.parse((await cordon(...which, '--json')).out);
    expect((await cordon(...which, '--digest', 'f'.repeat(64))).code).toBe(3);
    const released = await cordon(...which, '--digest', digest);
    expect([released.code, released.out]).toEqual([0, expect.stringContaining('released')]);
    const [{ run }] = runs;
    expect((await cordon('holds')).out).toContain(run);
    expect((await cordon('unhold', run)).out).toContain('lifted 1');
    expect((await cordon('holds')).out).toContain('nothing is on hold');
  }, 120_000);
});

describe('who gives a command', () => {
  const { deps, sandbox } = company();
  const named = { ...deps, settings: { ...deps.settings, people: [person('vera', ['viewer'])] } };

  it('is whoever is at the machine, with every right, where the settings name nobody', () => {
    const { id, caller } = personAt({ deps, sandbox: undefined });
    expect([id, may(caller, 'run', { account: '*' }), may(caller, 'approve')]).toEqual([
      userInfo().username,
      true,
      true,
    ]);
  });

  it('is one of those that the settings name, with their rights, where they name any', () => {
    const { caller } = personAt({ deps: named, sandbox: undefined }, 'vera');
    expect([may(caller, 'read'), may(caller, 'run')]).toEqual([true, false]);
    expect(() => personAt({ deps: named, sandbox: undefined })).toThrow(/do not name/);
    expect(() => personAt({ deps: named, sandbox: undefined }, 'vero')).toThrow(/do not name vero/);
  });

  it('is whoever is at the machine in the sandbox, and nobody they make up', () => {
    expect(may(personAt({ deps: named, sandbox }).caller, 'run')).toBe(true);
    expect(() => personAt({ deps: named, sandbox }, 'mallory')).toThrow(/do not name mallory/);
  });
});
