import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { test as testPlaybooks } from '../../functions/local/commands/test.ts';
import { validate } from '../../functions/local/commands/validate.ts';
import { heard } from '../support/console.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-playbooks-'));
});
afterAll(() => rm(folder, { recursive: true }));

const lines = heard();
const said = (): string => stripVTControlCharacters(lines.join('\n')).replaceAll(/\d+ ms/g, 'N ms');

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const disable = `action: aws.iam.disable-access-key, with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }`;
const quarantine = `action: aws.iam.quarantine-user, with: { userName: "\${target.userName}" }`;
const head = `id: leaked
title: Turn a leaked key off
on: { finding: { provider: [guardduty], resources: { type: [aws.iam.access-key] } } }
targets: { type: [aws.iam.access-key] }
mode: enforce
`;
const steps = `steps:
  - parallel:
      - { id: disable, ${disable} }
      - { id: quarantine, ${quarantine} }
  - { id: never, when: { finding: { severity: [Fatal] } }, ${quarantine} }
finally:
  - { id: last, approve: { by: [oncall], within: 1h }, ${disable} }
`;
const answers = (expected: string) =>
  `  - { name: turns it off, event: { fixture: guardduty/leaked-access-key }, expect: ${expected} }\n`;
const leaves = `  - { name: leaves buckets alone, event: { fixture: guardduty/public-bucket }, expect: { matched: false } }\n`;

describe('cordon test', () => {
  it('ticks what is as expected and names steps no test shows, with their lines, in groups and at the end too', async () => {
    const path = await file('good.yaml', `${head}${steps}tests:\n${answers('{ matched: true }')}${leaves}`);
    expect(await testPlaybooks([path], { json: false })).toBe(0);
    expect(said()).toContain('✓ turns it off  N ms');
    expect(said()).toContain('✓ leaves buckets alone  N ms');
    expect(said()).toContain('! no test reaches never (line 10)');
    expect(said()).toContain('1 playbook, 2 passed');
  });

  it('shows what was expected beside what came, and the run step by step', async () => {
    const path = await file(
      'bad.yaml',
      `${head}${steps.replace('approve: { by: [oncall], within: 1h }, ', '')}tests:\n${answers('{ outcome: denied, plan: [disable] }')}${leaves}`,
    );
    expect(await testPlaybooks([path], { json: false })).toBe(1);
    expect(said()).toMatch(/✗ turns it off {2}N ms\n {6}outcome\n {8}\+ denied {2}expected\n {8}- \w+/);
    expect(said()).toMatch(/plan\n {8}\+ disable {2}expected\n {8}- disable, quarantine/);
    expect(said()).toMatch(/disable \w[\w-]*: \w/);
    expect(said()).toContain('1 passed, 1 failed');
  });

  it('fails where a playbook has no test that matches, or none that does not', async () => {
    const path = await file('few.yaml', `${head}${steps}tests:\n${leaves}`);
    expect(await testPlaybooks([path], { json: false })).toBe(1);
    expect(said()).toContain('✗ no test with an event that it answers');
    expect(said()).toContain('1 test missing');
  });

  it('tells a fixture that is not there and a playbook that is not valid', async () => {
    const lost = await file(
      'lost.yaml',
      `${head}${steps}tests:\n  - { name: x, event: { fixture: no/such }, expect: {} }\n${leaves}`,
    );
    expect(await testPlaybooks([lost], { json: false })).toBe(1);
    expect(said()).toContain('there is no fixture no/such');
    const wrong = await file('wrong.yaml', `${head}${steps.replace('quarantine-user', 'quarantine-usr')}`);
    expect(await testPlaybooks([wrong], { json: false })).toBe(3);
    expect(said()).toContain('Did you mean aws.iam.quarantine-user?');
  });

  it('gives the same as data', async () => {
    const path = await file('data.yaml', `${head}${steps}tests:\n${answers('{ outcome: denied }')}${leaves}`);
    expect(await testPlaybooks([path], { json: true })).toBe(1);
    const { playbooks, summary } = JSON.parse(lines.join('\n'));
    expect(summary).toMatchObject({ playbooks: 1, passed: 1, failed: 1, missing: 0, invalid: 0 });
    expect(playbooks[0].tests[0].problems[0]).toMatchObject({ what: 'outcome', expected: 'denied' });
    expect(playbooks[0].unreached).toContainEqual({ step: 'never', line: 10 });
  });
});

describe('cordon validate', () => {
  const settings = (people: string) =>
    file('settings.yaml', `people: [${people}]\n`).then((config) => ({ config, json: true }) as const);
  const asked = (approve: string) =>
    `${head}steps:\n  - { id: one, ${disable}, approve: ${approve} }\ntests:\n${answers('{}')}${leaves}`;
  const first = () => JSON.parse(lines.join('\n'))[0];

  it('keeps warnings apart from errors: a group that nobody is in', async () => {
    const path = await file('group.yaml', asked('{ by: [oncal, approver], within: 1h }'));
    const options = await settings('{ id: maria, roles: [approver], groups: [oncall] }');
    expect(await validate([path], options)).toBe(0);
    expect(first()).toMatchObject({
      problems: [],
      warnings: [{ message: 'nobody in the settings is oncal', remedy: 'Did you mean oncall?', place: { line: 7 } }],
    });
  });

  it('warns of a group whose people may not approve', async () => {
    const path = await file('viewer.yaml', asked('{ by: [oncall], within: 1h }'));
    await validate([path], await settings('{ id: maria, roles: [viewer], groups: [oncall] }'));
    expect(first().warnings[0].message).toContain('may approve for leaked');
  });

  it('refuses a quorum that too few could ever reach', async () => {
    const path = await file('quorum.yaml', asked('{ by: [oncall], within: 1h, quorum: 2 }'));
    const options = await settings(
      '{ id: maria, roles: [approver], groups: [oncall] }, { id: jonas, roles: [approver] }',
    );
    expect(await validate([path], options)).toBe(3);
    expect(first().problems[0]).toMatchObject({
      message: '2 people must say yes, and the settings know 1 who may',
      place: { line: 7 },
    });
  });

  it('counts everyone who may approve where silence escalates', async () => {
    const path = await file('everyone.yaml', asked('{ by: [oncall], within: 1h, quorum: 2, silence: escalate }'));
    const options = await settings(
      '{ id: maria, roles: [approver], groups: [oncall] }, { id: jonas, roles: [approver] }',
    );
    expect(await validate([path], options)).toBe(0);
  });

  it('warns of tests that are missing', async () => {
    const path = await file('untested.yaml', `${head}${steps}`);
    expect(await validate([path], { json: false })).toBe(0);
    expect(said()).toMatch(/warning {2}.*untested\.yaml.*no test with an event that it answers/);
  });
});
