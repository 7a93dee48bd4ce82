import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commanded } from '../support/cordon-command.ts';

const event = (name: string): string => fileURLToPath(new URL(`../fixtures/events/${name}.json`, import.meta.url));

const playbook = (id: string, on: string): string => `
id: ${id}
title: A playbook
on: ${on}
targets: { type: [aws.iam.access-key] }
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-explain-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the command says of these triggers and the leaked key. */
async function explained(triggers: Readonly<Record<string, string>>, ...more: readonly string[]): Promise<string> {
  const files = await Promise.all(
    Object.entries(triggers).map(async ([id, on]) => {
      const file = join(folder, `${id}.yaml`);
      await writeFile(file, playbook(id, on));
      return file;
    }),
  );
  const args = ['match', '--explain', ...more, event('guardduty/leaked-access-key'), '--playbooks', ...files];
  const { code, out, err } = await commanded(folder, args);
  expect([code, err]).toEqual([0, '']);
  return out;
}

describe('cordon match --explain', () => {
  it('says for a match and for a miss which field decided, with the value seen, the matches first', async () => {
    const out = await explained({
      missing: '{ finding: { provider: [guardduty], severity: [High, Critical] } }',
      meeting: '{ finding: { provider: [guardduty], severity: [Low, Medium] } }',
    });
    expect(out).toContain(
      [
        '    matched  meeting',
        "             finding.provider is 'guardduty'",
        "             finding.severity is 'Medium'",
        '    missed   missing',
        "             finding.severity is 'Medium', wanted 'High' or 'Critical'",
      ].join('\n'),
    );
  });

  it('names the two fields that tell most, counts the others, and puts the nearest miss first', async () => {
    const out = await explained({
      far: '{ finding: { account: ["1"], cloud: [azure], provider: [defender], type: [{ prefix: VM_ }] } }',
      near: '{ finding: { region: [nowhere] } }',
    });
    const lines = out.slice(out.indexOf('    missed')).split('\n');
    expect(lines[0]).toBe('    missed   near');
    expect(lines.slice(2)).toEqual([
      '    missed   far',
      "             finding.provider is 'guardduty', wanted 'defender'",
      "             finding.type is 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom', wanted something beginning",
      "               with 'VM_'",
      '             and 2 more: finding.account, finding.cloud',
      '',
    ]);
  });

  it('says in words when fields hold only in different elements of an array', async () => {
    const out = await explained({
      apart: '{ finding: { resources: { role: [related], type: [aws.iam.access-key] } } }',
    });
    expect(out).toContain(
      [
        '    apart    apart',
        '             each of these holds, but never in the same element of an array:',
        "             finding.resources.role is 'related'",
        "             finding.resources.type is 'aws.iam.access-key'",
      ].join('\n'),
    );
  });

  it('gives the same as data with --json', async () => {
    const [answer] = JSON.parse(await explained({ only: '{ finding: { severity: [Low] } }' }, '--json'));
    expect(answer.why).toEqual([
      {
        playbook: 'only',
        explanation: {
          matched: false,
          apart: false,
          fields: [expect.objectContaining({ path: 'finding.severity', seen: ['Medium'], wanted: ["'Low'"] })],
          text: "finding.severity is 'Medium', wanted 'Low'",
        },
      },
    ]);
  });
});
