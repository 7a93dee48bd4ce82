import { describe, expect, test } from 'vitest';
import { playbookHash, readPlaybook } from '../../shared/playbook/parse.ts';

const good = `id: close-it
title: Close it
on:
  finding: { type: [T] }
mode: enforce
steps:
  - id: close
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
    approve: { by: [oncall], within: 30m }
tests:
  - name: closes
    event: { fixture: guardduty/leaked-access-key }
    expect: { outcome: contained }
`;
const problemsOf = (text: string) => readPlaybook(text, 'a.yaml').problems;
const only = (text: string) => {
  const problems = problemsOf(text);
  expect(problems.map((problem) => problem.describe())).toHaveLength(1);
  return problems[0];
};

test('a good playbook is read with its defaults and the places of its parts', () => {
  const { read, problems } = readPlaybook(good, 'a.yaml');
  expect(problems).toEqual([]);
  expect(read?.playbook).toMatchObject({
    id: 'close-it',
    review: '24h',
    limits: { targets: 5, perHour: 20 },
    targets: { role: ['affected'] },
  });
  expect(read?.playbook.steps[0]).toMatchObject({ onFailure: 'stop' });
  expect(read?.place('steps.0.action')).toMatchObject({ file: 'a.yaml', line: 8, column: 13 });
  expect(read?.place('steps.0.nothing.there')).toMatchObject({ line: 7 });
});

test('the hash is of what a playbook does: comments, order and its own tests do not count', () => {
  const hashOf = (text: string) => readPlaybook(text, 'a.yaml').read?.hash;
  expect(hashOf(`# note\n${good.replace('outcome: contained', 'outcome: planned')}`)).toBe(hashOf(good));
  expect(hashOf(good.replace('id: close-it\ntitle: Close it', 'title: Close it\nid: close-it'))).toBe(hashOf(good));
  expect(hashOf(good.replace('30m', '31m'))).not.toBe(hashOf(good));
  expect(hashOf(good.replace('enforce', 'dry-run'))).not.toBe(hashOf(good));
  const { read } = readPlaybook(good, 'a.yaml');
  expect(read && playbookHash(read.playbook)).toBe(read?.hash);
});

describe('a wrong key is named with line, column and the nearest right one', () => {
  test.each([
    ['titel', good.replace('title:', 'titel: x\ntitle:'), 2, 1, 'Did you mean title?'],
    ['acton', good.replace('    action:', '    acton: x\n    action:'), 8, 5, 'Did you mean action?'],
    ['withn', good.replace('within: 30m', 'within: 30m, withn: 1h'), 10, 42, 'Did you mean within?'],
    ['perHours', good.replace('mode:', 'limits: { perHours: 3 }\nmode:'), 5, 11, 'Did you mean perHour?'],
    ['outcom', good.replace('outcome: contained', 'outcom: contained'), 14, 15, 'Did you mean outcome?'],
    ['fixtur', good.replace('fixture: g', 'fixtur: g'), 13, 14, undefined],
  ])('%s', (key, text, line, column, remedy) => {
    const [problem] = problemsOf(text).filter(({ message }) => message.includes(`unknown key ${key}`));
    expect(problem?.place).toMatchObject({ file: 'a.yaml', line });
    if (remedy !== undefined) {
      expect(problem?.remedy).toBe(remedy);
      expect(problem?.place?.column).toBeGreaterThan(0);
      expect(Math.abs((problem?.place?.column ?? 0) - column)).toBeLessThan(12);
    }
  });

  const group = (inner: string) =>
    good.replace(/ {2}- id: close\n {4}action: .*\n {4}with: .*\n {4}approve: .*\n/, `  - parallel:\n${inner}`);
  const member = (more: string) => `      - { id: a, action: x, ${more} }\n      - { id: b, action: x }\n`;
  test.each<[string, string, number, number, string]>([
    ['onFailur', group(member('onFailur: stop')), 8, 29, 'Did you mean onFailure?'],
    ['withing', group(member('approve: { by: [a], withing: 1h, within: 1h }')), 8, 49, 'Did you mean within?'],
    ['paralel', group(member('when: {}')).replace('parallel', 'paralel'), 7, 5, 'Did you mean parallel?'],
    ['id', group(member('when: {}')).replace('  - parallel', '  - id: x\n    parallel'), 7, 5, 'Known are parallel.'],
    [
      'forEeach',
      good.replace('tests:', 'finally:\n  - { id: b, action: x, forEeach: y }\ntests:'),
      12,
      25,
      'Did you mean forEach?',
    ],
    ['findng', good.replace('finding: {', 'findng: {'), 4, 3, 'Did you mean finding?'],
  ])('%s, in a group, at the end or in a trigger', (key, text, line, column, remedy) => {
    const [problem] = problemsOf(text).filter(({ message }) => message.includes(key));
    expect(problem?.describe()).toContain(remedy);
    expect(problem?.place).toMatchObject({ line, column });
  });

  test('a word that is none of the few, a key that is missing, and groups that are too small or nested', () => {
    const told = (text: string) => problemsOf(text).map((one) => [one.message, one.remedy, one.place?.line]);
    expect(told(good.replace('mode: enforce', 'mode: enforced'))[0]).toEqual([
      expect.stringContaining('mode'),
      'Did you mean enforce?',
      5,
    ]);
    expect(told(good.replace('    action: aws.iam.disable-access-key\n', ''))).toEqual([
      ['the key action is missing', undefined, 7],
    ]);
    expect(told(group('      - { id: a, action: x }\n'))).toEqual([
      [expect.stringContaining('parallel'), undefined, 8],
    ]);
    expect(
      told(group(`      - parallel: [{ id: a, action: x }]\n${member('when: {}')}`)).map(([message]) => message),
    ).toContain('unknown key parallel');
  });

  test('every wrong key is told, not only the first of several', () => {
    const text = good.replace('title:', 'titel: x\nmod: y\ntitle:');
    expect(problemsOf(text).map(({ message }) => message)).toEqual(['unknown key titel', 'unknown key mod']);
  });
});

describe('what is no plain YAML', () => {
  test.each([
    ['an alias', good.replace('title: Close it', 'title: &t Close it\nreview: *t')],
    ['an alias bomb', `a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n${good}`],
    ['a merge key', good.replace('mode:', 'base: &b { mode: enforce }\n<<: *b\nmode:')],
    ["a tag of one's own", good.replace('title: Close it', 'title: !secret Close it')],
    ['a language tag', good.replace('title: Close it', 'title: !!js/function "x"')],
    ['a repeated key', good.replace('mode: enforce', 'mode: enforce\nmode: dry-run')],
    ['two documents', `${good}---\n${good}`],
    ['a bracket too few', good.replace('[T]', '[T')],
    ['a tab for indentation', good.replace('  finding', '\tfinding')],
    ['a byte of nothing', `${good}\u0000`],
  ])('%s is one problem of the file', (_, text) => {
    const [problem] = problemsOf(text);
    expect(problem?.code).toMatch(/^bad-(yaml|playbook)$/);
    expect(problem?.place?.file).toBe('a.yaml');
    expect(problem?.remedy ?? problem?.message).toBeTruthy();
  });

  test('an empty file, a scalar and a list are not playbooks', () => {
    for (const text of ['', '\n\n', '# only a comment', 'text', '- a', '5', 'null', '---']) {
      expect(only(text)?.place).toMatchObject({ file: 'a.yaml', line: expect.any(Number) });
    }
  });

  test('over 256 KB is refused before it is read', () => {
    expect(only(`${good}# ${'x'.repeat(256 * 1_024)}`)?.message).toContain('256 KB');
  });

  test('brackets that close before they open do not hide depth', () => {
    expect(only(`# ${']'.repeat(500)}\n${good}extra: ${'['.repeat(400)}${']'.repeat(400)}\n`)?.message).toContain(
      '64 levels',
    );
  });
});

const nest = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const under = (value: string) => good.replace('{ type: [T] }', value);
const stepWith = (value: string) => good.replace(/with: .*/, `with: ${value}`);

/** Texts that somebody might write to break the reader; each is a list of problems, never a throw. */
const hostile: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['a byte order mark', '\ufeff'],
  ['a lone surrogate', `title: "\ud800"`],
  ['a NUL', '\u0000'],
  ['control characters', '\u0001\u0002\u0007: \u001b[31m'],
  ['65 brackets', under(nest('[', ']', 65))],
  ['100,000 brackets', '['.repeat(100_000)],
  ['100,000 braces', '{'.repeat(100_000)],
  ['100,000 closing brackets', ']'.repeat(100_000)],
  ['braces with keys', under(nest('{a: ', '}', 100))],
  ['dashes on one line', `${'- '.repeat(10_000)}a`],
  ['questions on one line', `${'? '.repeat(10_000)}a`],
  ['stairs', Array.from({ length: 150 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ['long stairs', Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ['stairs of dashes', Array.from({ length: 150 }, (_, at) => `${' '.repeat(at)}-`).join('\n')],
  ['quotes that do not end', `title: "${'a'.repeat(1_000)}`],
  ['a block that does not end', 'title: |\n'],
  ['a prototype', `__proto__: { polluted: true }\n${good}`],
  ['a prototype inside a step', stepWith('{ __proto__: { polluted: true } }')],
  ['a constructor', `constructor: { prototype: { polluted: true } }\n${good}`],
  ['a constructor inside limits', good.replace('mode:', 'limits: { constructor: 1 }\nmode:')],
  ['toString as a step', good.replace('- id: close', '- toString: x\n    id: close')],
  ['not a number', stepWith('{ port: .nan }')],
  ['infinity', stepWith('{ port: .inf }')],
  ['minus infinity as a limit', good.replace('mode:', 'limits: { targets: -.inf }\nmode:')],
  ['a huge number', good.replace('mode:', 'limits: { targets: 1e400 }\nmode:')],
  ['a fraction as a limit', good.replace('mode:', 'limits: { targets: 1.5 }\nmode:')],
  ['a binary tag', good.replace('title: Close it', 'title: !!binary aGVsbG8=')],
  ['a set', good.replace('title: Close it', 'title: !!set { a }')],
  ['a python tag', good.replace('title: Close it', 'title: !!python/object/apply:os.system ["true"]')],
  ['a YAML 1.1 directive', `%YAML 1.1\n---\n${good.replace('mode: enforce', 'mode: yes')}`],
  ['an unknown directive', `%TAG ! tag:evil,2026:\n---\n${good.replace('title: Close it', 'title: !x y')}`],
  ['an alias to nothing', good.replace('title: Close it', 'title: *nobody')],
  ['an alias to itself', good.replace('title: Close it', 'title: &a [*a]')],
  ['a number as a key', `5: x\n${good}`],
  ['a list as a key', `[a, b]: x\n${good}`],
  ['a null key', `~: x\n${good}`],
  ['keys that differ in kind only', `1: a\n"1": b\n${good}`],
  ['steps as a mapping', good.replace('  - id: close', '  id: close')],
  ['no steps', good.replace(/steps:[\s\S]*tests:/, 'steps: []\ntests:')],
  [
    '51 steps',
    good.replace(
      /steps:[\s\S]*tests:/,
      `steps:\n${Array.from({ length: 51 }, (_, at) => `  - { id: s${at}, action: a }`).join('\n')}\ntests:`,
    ),
  ],
  ['an id with a slash', good.replace('id: close-it', 'id: ../../etc')],
  ['an id of 10,000 letters', good.replace('id: close-it', `id: ${'a'.repeat(10_000)}`)],
  ['a trigger on something else', good.replace('finding: { type', 'request: { type')],
  ['a duration of never', good.replace('30m', '0m')],
  ['HTML', '<!doctype html><html></html>'],
  ['JSON that is cut off', '{"id": "a", "steps": ['],
  ['windows line ends and tabs', good.replaceAll('\n', '\r\n\t')],
  ['random bytes', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 7_919) % 256)).toString('latin1')],
];

test.each(hostile)('%s is told as problems, never thrown', (_, text) => {
  const { read, problems } = readPlaybook(text, 'a.yaml');
  expect(read).toBeUndefined();
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) {
    expect(problem.place).toMatchObject({ file: 'a.yaml', line: expect.any(Number), column: expect.any(Number) });
    expect(problem.describe().length).toBeLessThan(600);
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
