import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLines, kebab, shellWord } from '../../shared/cli/as-commands.ts';
import { commanded, type Ran } from '../support/cordon-command.ts';
import { type Command, markFor } from '../../shared/model/command.ts';

const event = fileURLToPath(new URL('../fixtures/events/guardduty/leaked-access-key.json', import.meta.url));
const playbook = ['--event', event, '--playbook', 'leaked-access-key'];

let folder = '';
let run = '';
const cordon = (...args: readonly string[]): Promise<Ran> => commanded(folder, args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-audit-'));
  const ran = await cordon('run', '--enforce', '--json', ...playbook);
  expect(ran.code, ran.err).toBe(0);
  run = JSON.parse(ran.out)[0].order.id;
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe('cordon explain', () => {
  it('tells what was found, why, what was planned, done and proven, with the provider’s request ids', async () => {
    const { code, out } = await cordon('explain', run);
    expect(code).toBe(0);
    for (const words of [
      'guardduty reported',
      'Playbook leaked-access-key',
      "It matched because finding.provider is 'guardduty'",
      'Active → Inactive',
      'it is the same finding',
      'IAM:UpdateAccessKey 200  request req-',
      'every change shows',
      'contained  Every change was made',
      `cordon release ${run}`,
    ])
      expect(out).toContain(words);
    expect(out).not.toContain('\u001b[');
  });

  it('gives the same as data, and refuses a run that nobody knows', async () => {
    const { out } = await cordon('explain', '--json', run);
    expect(JSON.parse(out)).toMatchObject({ state: { order: { id: run } }, held: [{}, {}], releases: [] });
    expect((await cordon('explain', 'a'.repeat(26))).code).toBe(3);
  });
});

describe('--as-commands', () => {
  it('prints a plan, a release and what a run still holds as lines of the AWS CLI, and changes nothing', async () => {
    const before = await readFile(join(folder, '.cordon', 'sandbox', 'cordon.db'));
    const planned = await cordon('release', run, '--as-commands', '--reactivate-credentials');
    expect(planned.code, planned.err).toBe(0);
    expect(planned.out).toContain(
      `aws iam update-access-key --region 'eu-west-1' --cli-input-json '{"UserName":"ci-deploy","AccessKeyId":"AKIACIDEPLOY00000001","Status":"Active"}'`,
    );
    expect((await cordon('explain', run, '--as-commands')).out).toContain('detach-user-policy');
    expect((await cordon('plan', '--as-commands', ...playbook)).out).toContain('Nothing is left to change');
    expect(await readFile(join(folder, '.cordon', 'sandbox', 'cordon.db'))).toEqual(before);
    expect(JSON.parse((await cordon('contained', '--json')).out)).toHaveLength(2);
  }, 60_000);

  it('writes any text as one word of a shell, with variables where an earlier command has to tell', () => {
    const said = (word: string, env: Record<string, string> = {}): string =>
      execFileSync('sh', ['-c', `printf '%s' ${word}`], { env, encoding: 'utf8' });
    const text = fc.string({ unit: 'binary-ascii' }).filter((one) => !one.includes('\0'));
    fc.assert(
      fc.property(text, (one) => {
        expect(said(shellWord(one))).toBe(one);
      }),
      { numRuns: 60 },
    );
    for (const nasty of [`$(id)`, '`id`', `'; id; '`, '\\', `"$HOME"`, '-n', '\n'])
      expect(said(shellWord(nasty))).toBe(nasty);
    const given = [{ variable: 'GROUP_ID', mark: markFor('GROUP_ID', 'sg-'), query: 'GroupId' }];
    const word = shellWord(`{"GroupId":"${markFor('GROUP_ID', 'sg-')}","Name":"it's $(id)"}`, given);
    expect(said(word, { GROUP_ID: 'sg-1' })).toBe(`{"GroupId":"sg-1","Name":"it's $(id)"}`);
  });

  it('runs, in a shell, exactly the calls it was given, each with what the ones before have answered', async () => {
    const log = join(folder, 'calls');
    for (const tool of ['aws', 'az']) {
      const script = `#!/bin/sh\nfor word in ${tool} "$@"; do printf '%s\\0' "$word" >> ${log}; done\nprintf '\\n\\0' >> ${log}\necho given-$1-$2\n`;
      await writeFile(join(folder, tool), script);
      await chmod(join(folder, tool), 0o755);
    }
    const mark = markFor('GROUP_ID', 'sg-');
    const aws = { kind: 'aws', account: '1', region: 'eu-west-1', service: 'EC2' } as const;
    const name = `it's $(id) \u202e`;
    const url = 'https://x.blob.core.windows.net/c/b?comp=undelete';
    const commands: Command[] = [
      {
        ...aws,
        operation: 'CreateSecurityGroup',
        input: { GroupName: name },
        gives: { variable: 'GROUP_ID', mark, query: 'GroupId' },
      },
      { ...aws, operation: 'DeleteSecurityGroup', input: { GroupId: mark } },
      { kind: 'azure', method: 'PUT', url, headers: { 'if-match': `W/"1"` }, body: '' },
    ];
    const lines = commandLines([{ step: 'a\nid', title: name, cloud: 'aws', account: '1', region: 'r', commands }]);
    expect(lines.join('\n')).not.toContain('\u202e');
    execFileSync('sh', ['-c', lines.join('\n')], { env: { PATH: `${folder}:${process.env['PATH']}` } });
    const calls = (await readFile(log, 'utf8')).split('\n\0').map((call) => call.split('\0').filter(Boolean));
    const input = (at: number): unknown => JSON.parse(calls[at]?.[6] ?? '');
    expect(calls[0]?.slice(0, 5)).toEqual(['aws', 'ec2', 'create-security-group', '--region', 'eu-west-1']);
    expect([input(0), input(1)]).toEqual([{ GroupName: name }, { GroupId: 'given-ec2-create-security-group' }]);
    expect(calls[2]).toEqual(
      `az|rest|--method|put|--url|${url}|--resource|https://storage.azure.com|--headers|if-match=W/"1"`.split('|'),
    );
  });

  it.each([
    ['UpdateAccessKey', 'update-access-key'],
    ['PutPublicAccessBlock', 'put-public-access-block'],
    ['ModifyDBInstance', 'modify-db-instance'],
    ['AssociateIamInstanceProfile', 'associate-iam-instance-profile'],
  ])('spells %s as the AWS CLI does', (name, spelled) => expect(kebab(name)).toBe(spelled));
});

describe('cordon audit', () => {
  it('exports one record for each entry, with what joins it to the provider’s own log', async () => {
    const { out } = await cordon('audit', 'export', run);
    const records = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const calls = records.filter(({ kind }) => kind === 'call');
    expect(calls.map(({ call }) => call.op)).toEqual(['AttachUserPolicy', 'UpdateAccessKey']);
    for (const { call } of calls) expect(call.requestId).toMatch(/^req-/);
    expect(calls[1]).toMatchObject({
      runId: run,
      mode: 'enforce',
      stepKey: 'disable-key',
      attempt: 1,
      playbook: { id: 'leaked-access-key' },
    });
    expect(records.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['opened', 'plan', 'intent', 'applied', 'verify', 'outcome']),
    );
  });

  it('verifies what nobody has touched with exit code 0, and names the first bad record with 1', async () => {
    const sound = await cordon('audit', 'verify', '--json');
    expect([sound.code, JSON.parse(sound.out)]).toMatchObject([
      0,
      { runs: 1, anchors: 1, unanchored: 0, problems: [] },
    ]);
    const store = new DatabaseSync(join(folder, '.cordon', 'sandbox', 'cordon.db'));
    store.exec(
      `UPDATE records SET body = replace(body, '2026-11-20', '2026-11-21') WHERE kind = 'journal' AND id LIKE '%:000003'`,
    );
    store.close();
    const found = await cordon('audit', 'verify');
    expect(found.code).toBe(1);
    expect(found.out).toContain(`run ${run} record 3`);
    expect((await cordon('audit', 'verify', 'b'.repeat(26))).code).toBe(3);
    expect((await cordon('explain', run)).err).toContain('does not hold together');
  }, 60_000);
});
