import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commanded, type Ran } from '../support/cordon-command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-pattern-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(text: string, ...more: readonly string[]): Promise<Ran> {
  await writeFile(join(folder, 'verdicts'), text);
  return commanded(folder, ['pattern', 'check', 'verdicts', ...more]);
}

const good = '{"p":{"a":["x"]},"e":{"a":"x"},"m":true}';
const wrong = `{"p":{"a":["x"]},"e":{"a":"x","long":"${'q'.repeat(5_000)}"},"m":false}`;

describe('cordon pattern check', () => {
  it('says in one line that all agree, and answers 0', async () => {
    const { code, out, err } = await check(`${good}\n\n${good}\n{"p":{"a":[]},"valid":false}\n`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe('✓ verdicts  3 of 3 agree, no difference\n');
  });

  it('shows every difference by its line, cuts what is long, and answers 1', async () => {
    const { code, out } = await check(`${good}\n${wrong}\n${good}\n${wrong}`);
    expect(code).toBe(1);
    expect(out).toContain('✗ verdicts  2 of 4 agree, 2 differ');
    expect(out).toContain('✗ line 2\n      pattern  {"a":["x"]}\n      event    {"a":"x"');
    expect(out).toContain('theirs   does not match\n      ours     matches\n  ✗ line 4');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(500);
  });

  it('reads an array with names, over several lines and with U+2028 in a string, and gives data with --json', async () => {
    const record = { name: 'a\u2028b', pattern: '{"a": ["\u2028"]}', event: { a: '\u2028' }, matches: true };
    const marked = { name: 'odd', pattern: { a: ['x'] }, event: { a: 'x' }, matches: false, quirk: 'odd' };
    const { code, out } = await check(`\uFEFF\n${JSON.stringify([record, marked], null, 2)}`, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ file: 'verdicts', cases: 2, agreed: 1, differences: [] });
    expect(JSON.parse(out).apart).toEqual([
      expect.objectContaining({ name: 'odd', theirs: 'does not match', ours: 'matches', mark: 'quirk' }),
    ]);
  });

  it.each([
    ['a line that is no JSON', `${good}\n${good}\n{"p":`, 'verdicts:3:'],
    ['a line of another shape', `${good}\n{"hello":"world"}`, 'verdicts:2:1: line 2 has no pattern'],
    ['a broken array', `[\n${good},\n${good}`, 'verdicts:3:'],
    ['an empty file', '\n \n', 'verdicts: the file holds no verdicts'],
  ])('answers %s with exit code 3, naming the line', async (_, text, words) => {
    const { code, out, err } = await check(text);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(words);
  });

  it('answers a file that is not there with exit code 3', async () => {
    const { code, err } = await commanded(folder, ['pattern', 'check', 'nowhere.json']);
    expect(code).toBe(3);
    expect(err).toContain('nowhere.json');
  });
});
