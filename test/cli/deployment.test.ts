import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressOf, deploymentAt } from '../../functions/local/deployment.ts';
import { proofFor } from '../../functions/local/proof.ts';
import { serve, type Serving } from '../../functions/local/serve.ts';
import * as z from 'zod';
import { person } from '../support/api.ts';
import { commanded, type Ran } from '../support/cordon-command.ts';
import { doors, leakedKey, playbooks } from '../support/doors.ts';
import { loopback } from '../support/loopback.ts';

const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };
const settings = 'stage: production\naws: { accounts: { "111122223333": { externalId: northwind-external-id } } }\n';

let folder = '';
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-deployment-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

/** A deployment that answers over HTTP, and the command of somebody who holds its token. */
async function deployed(who = 'rita') {
  const people = [
    person('rita', ['responder', 'approver'], { groups: ['on-call'] }),
    person('vera', ['viewer']),
    person('ron', ['responder']),
  ];
  const company = doors({ people });
  const { deps, engine } = company;
  const serving: Serving = await serve({ deps, engine, playbooks, person: who });
  closing.push(serving.close);
  vi.stubEnv('CORDON_API_TOKEN', serving.token);
  const there = (...args: string[]): Promise<Ran> => commanded(folder, [...args, '--deployment', serving.url]);
  /** Somebody else's wish for a run, carried on until it ends or asks. */
  const started = async (playbook: string): Promise<string> => {
    company.known(leakedKey());
    const other = await serve({ deps, engine, playbooks, person: 'ron' });
    const headers = { authorization: `Bearer ${other.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ playbook, event: leakedKey(), mode: 'enforce' });
    const answer = await fetch(`${other.url}/runs`, { method: 'POST', headers, body });
    const { runs } = z.object({ runs: z.array(z.object({ id: z.string() })) }).parse(await answer.json());
    const id = runs[0]?.id ?? '';
    await vi.waitFor(async () =>
      expect((await company.deps.records.read('run', id))?.body).not.toMatchObject({ status: 'open' }),
    );
    await other.close();
    return id;
  };
  return { ...company, serving, there, started };
}

describe('the command at a deployment', () => {
  it('halts the deployment itself, shows it, and lets it go on', async () => {
    const { there, deps, serving } = await deployed();
    const halted = await there('halt', '--all', '--why', 'an attack');
    expect([halted.code, halted.err]).toEqual([0, '']);
    for (const words of ['halted', serving.url, 'by rita']) expect(halted.out).toContain(words);
    expect((await deps.records.list('switch', 'on')).map(({ body }) => body)).toMatchObject([
      { on: true, by: 'rita', why: 'an attack', scope: 'all' },
    ]);
    expect((await there('status')).out).toContain('an attack');
    const resumed = await there('resume', '--all', '--why', 'over');
    expect([resumed.code, resumed.out]).toEqual([0, expect.stringContaining('no kill switch is on')]);
    expect(await deps.records.list('switch', 'on')).toEqual([]);
  });

  it('shows what waits there, approves it, sees it contained, and takes it back', async () => {
    const { there, started, serving, sandbox } = await deployed();
    const run = await started('careful-key');
    const inbox = await there('inbox');
    expect(inbox.out).toContain('careful-key');
    const [question] = JSON.parse((await there('inbox', '--json')).out);
    const approve = (digest: string) => there('approve', question.id, '--digest', digest);
    expect((await approve('f'.repeat(64))).code).toBe(3);
    expect(sandbox.can(key)).toBe(true);
    const approved = await approve(question.digest.slice(0, 12));
    expect([approved.code, approved.err]).toEqual([0, '']);
    await serving.idle();
    expect(sandbox.can(key)).toBe(false);
    const [cut] = JSON.parse((await there('contained', '--json')).out);
    expect(cut.owners).toEqual([run]);
    const again = ['--reactivate-credentials', '--only', cut.id.slice(0, 8)];
    const planned = await there('release', run, ...again);
    expect([planned.code, planned.out]).toEqual([0, expect.stringContaining('Nothing was changed')]);
    const [asked] = JSON.parse((await there('release', run, ...again, '--enforce', '--json')).out);
    expect(asked).toMatchObject({ kind: 'release', mode: 'enforce' });
    await serving.idle();
    const listed = await there('runs', '--day', '2026-11-20');
    expect(listed.out).toContain(asked.id);
    expect((await there('runs', asked.id)).out).toMatch(/^Run .*release of/);
    expect(JSON.parse((await there('runs', asked.id, '--json')).out).order).toMatchObject({ only: cut.id });
  }, 60_000);

  it('has the rights that the deployment gives, whoever one says one is', async () => {
    const { there, deps } = await deployed('vera');
    const refused = await there('halt', '--all', '--why', 'mischief');
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('vera may not run')]);
    expect((await there('halt', '--all', '--why', 'mischief', '--as', 'rita')).code).toBe(2);
    expect(await deps.records.list('switch', 'on')).toEqual([]);
  });

  it('says what a deployment cannot be asked', async () => {
    const { there } = await deployed();
    for (const args of [
      ['explain', 'x'],
      ['audit', 'verify'],
      ['inbox', '--mine'],
      ['release', 'x', '--as-commands'],
    ])
      expect(await there(...args)).toMatchObject({ code: 2, out: '' });
  });

  it('believes nothing but an answer of Cordon', async () => {
    const door = await loopback((_, response) =>
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}'),
    );
    closing.push(door.close);
    vi.stubEnv('CORDON_API_TOKEN', 'x');
    const halt = ['halt', '--all', '--why', 'an attack', '--deployment', `http://${door.host}`];
    expect(await commanded(folder, halt)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('execute-api:Invoke'),
    });
    closing.pop();
    await door.close();
    const unheard = await commanded(folder, [...halt, '--json']);
    expect([unheard.code, unheard.out]).toEqual([1, '']);
    expect(JSON.parse(unheard.err).error).toMatchObject({
      code: 'deployment-unreachable',
      remedy: expect.stringContaining('not known'),
    });
  });

  it('is refused where settings are real and nothing says which deployment is meant', async () => {
    await writeFile(join(folder, 'cordon.yaml'), settings);
    for (const args of [
      ['halt', '--all', '--why', 'an attack'],
      ['resume', '--all', '--why', 'over'],
      ['approve', 'x', '--digest', 'f'.repeat(64)],
      ['reject', 'x', '--digest', 'f'.repeat(64)],
      ['release', 'x', '--enforce'],
    ]) {
      const { code, out, err } = await commanded(folder, args);
      expect([code, out, err], args[0]).toEqual([2, '', expect.stringContaining('--deployment https://')]);
    }
    const status = await commanded(folder, ['status']);
    expect([status.code, status.err]).toEqual([0, expect.stringContaining('no deployment is asked or touched')]);
    expect(
      (await commanded(folder, ['halt', '--all', '--why', 'a laptop as home', '--deployment', 'local'])).code,
    ).toBe(0);
    expect((await commanded(folder, ['status'])).out).toContain('a laptop as home');
  });

  it('goes to the deployment that the environment names', async () => {
    const { serving, deps } = await deployed();
    await writeFile(join(folder, 'cordon.yaml'), settings);
    vi.stubEnv('CORDON_DEPLOYMENT', serving.url);
    expect((await commanded(folder, ['halt', '--all', '--why', 'an attack'])).code).toBe(0);
    expect(await deps.records.list('switch', 'on')).toHaveLength(1);
  });
});

describe('an address of a deployment', () => {
  it.each([
    'http://cordon.example',
    'ftp://cordon.example',
    'cordon',
    'https://me:secret@cordon.example',
    'https://x.example/?a=1',
  ])('is not %s', (text) => expect(() => addressOf(text)).toThrow('no address of a deployment'));
  it('needs something to prove who asks', () => {
    expect(() => deploymentAt('https://cordon.example', {})).toThrow('who you are');
  });
});

describe('a request to API Gateway', () => {
  const host = 'a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com';
  const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest();
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  /** The signature as AWS computes it from what arrives (docs.aws.amazon.com/IAM, "Create a signed request"). */
  function expected(headers: Readonly<Record<string, string>>, query: string, body: string): string {
    const names = Object.keys(headers)
      .filter((name) => name !== 'authorization')
      .sort();
    const lines = names.map((name) => `${name}:${headers[name]}`);
    const request = ['PUT', '/kill-switch', query, ...lines, '', names.join(';'), sha256(body)].join('\n');
    const date = headers['x-amz-date'] ?? '';
    const scope = `${date.slice(0, 8)}/eu-north-1/execute-api/aws4_request`;
    const secret = scope.split('/').reduce<string | Buffer>((so, part) => hmac(so, part), 'AWS4very-secret');
    return hmac(secret, ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n')).toString('hex');
  }

  it('is signed with the credentials of whoever is at this machine, for the region in its name', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'very-secret');
    const url = new URL(`https://${host}/kill-switch?day=2026-11-20`);
    const body = '{"on":true,"why":"an attack"}';
    const prove = proofFor(url, {});
    const signed = await prove({ method: 'PUT', url, headers: { 'content-type': 'application/json' }, body });
    const { authorization = '', ...rest } = signed;
    expect(authorization).toContain('Credential=AKIDEXAMPLE/');
    expect(authorization).toContain(`Signature=${expected({ ...rest, host }, 'day=2026-11-20', body)}`);
    expect(signed).not.toHaveProperty('host');
  });
});
