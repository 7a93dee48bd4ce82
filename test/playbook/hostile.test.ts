import { describe, expect, test } from 'vitest';
import { readPlaybook } from '../../shared/playbook/parse.ts';

const head = 'id: a-playbook\ntitle: A\non: { finding: { type: [T] } }\n';
const steps = 'steps:\n  - { id: one, action: aws.iam.disable-access-key }\n';
const good = `${head}${steps}`;
const times = (count: number, text: (at: number) => string, between = '\n'): string =>
  Array.from({ length: count }, (_, at) => text(at)).join(between);
const bomb = times(9, (at) => `a${at}: &a${at} [${times(9, () => (at === 0 ? 'lol' : `*a${at - 1}`), ',')}]`);
/** What a program that reads UTF-8 makes of UTF-16. */
const utf16 = (text: string, order: 'le' | 'be'): string => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return (order === 'le' ? bytes : bytes.swap16()).toString('utf8');
};

/** A text that somebody wrote to break the reader or whoever reads the playbook, and where it must be refused. */
const hostile: readonly (readonly [name: string, text: string, line: number, column: number])[] = [
  ['256 KB of closing brackets', ']'.repeat(256 * 1_024), 1, 1],
  ['256 KB of closing braces', `${good}extra: ${'}'.repeat(200_000)}`, 6, 8],
  ['256 KB of opening brackets', `${head}x: ${'['.repeat(256_000)}`, 4, 68],
  ['brackets that open and close', '[]'.repeat(100_000), 1, 10_001],
  ['100,000 braces', '{'.repeat(100_000), 1, 65],
  ['65 lists in one line', `${'- '.repeat(100)}a`, 1, 129],
  ['65 questions in one line', `${'? '.repeat(100)}a`, 1, 129],
  ['stairs down to 600 columns', times(600, (at) => `${' '.repeat(at)}a:`), 202, 1],
  ['20,000 different keys', times(20_000, (at) => `k${at}: 1`), 2001, 1],
  ['20,000 keys in one line', `{ ${times(20_000, (at) => `k${at}: 1`, ', ')} }`, 1, 15_559],
  ['20,000 times the same key', 'a: 1\n'.repeat(20_000), 2_001, 1],
  ['a key twice', `${good}title: B\n`, 6, 1],
  ['a key twice, once in quotes', `${good}"title": B\n`, 6, 1],
  ['a key twice deep inside', `${head}steps: [{ id: one, action: x, with: { a: 1, a: 2 } }]`, 4, 45],
  ['20,000 anchors', '- &a x\n'.repeat(20_000), 1, 3],
  ['20,000 aliases', '- *a\n'.repeat(20_000), 1, 3],
  ['20,000 tags', '- !a x\n'.repeat(20_000), 1, 3],
  ['a billion laughs', bomb, 1, 5],
  ['a merge key', `base: &b { mode: enforce }\n<<: *b\n${good}`, 1, 7],
  ['a merge key without an alias', `<<: { mode: enforce }\n${good}`, 1, 1],
  ['a tag of YAML itself', good.replace('title: A', 'title: !!str A'), 2, 8],
  ['a binary tag', good.replace('title: A', 'title: !!binary aGVsbG8='), 2, 8],
  ['a function', good.replace('title: A', 'title: !!js/function "() => 1"'), 2, 8],
  ['a command of another language', good.replace('title: A', 'title: !!python/object/apply:os.system [id]'), 2, 8],
  ['a verbatim tag', good.replace('title: A', 'title: !<tag:evil,2026:x> A'), 2, 8],
  ['a tag directive', `%TAG ! tag:evil,2026:\n---\n${good}`, 1, 1],
  ['a directive of YAML 1.1', `%YAML 1.1\n---\n${good.replace('title: A', 'title: yes')}`, 1, 1],
  ['20,000 directives', '%TAG ! x\n'.repeat(20_000), 1, 1],
  ['two documents', `${good}---\n${good}`, 6, 1],
  ['20,000 documents', '---\na\n'.repeat(20_000), 5_001, 1],
  ['a NUL', good.replace('title: A', 'title: A\u0000B'), 2, 9],
  ['a terminal command', good.replace('title: A', 'title: "\u001b[2J"'), 2, 9],
  ['UTF-16, little end first', utf16(good, 'le'), 1, 1],
  ['UTF-16, big end first', utf16(good, 'be'), 1, 1],
  ['a byte order mark inside', good.replace('title: A', 'title: A\ufeff'), 2, 9],
  ['half a surrogate', good.replace('title: A', 'title: A\ud800'), 2, 9],
  ['text that runs backwards', good.replace('title: A', 'title: "\u202e}ylno-nur-yrd{"'), 2, 9],
  ['an isolated direction', good.replace('title: A', 'title: "\u2066x\u2069"'), 2, 9],
  ['a number beyond all numbers', `${good}limits: { targets: 1e400 }`, 6, 20],
  ['a number of 200,000 digits', `${good}limits: { targets: ${'9'.repeat(200_000)} }`, 6, 20],
  [
    'a number that loses its last digits',
    `${head}steps: [{ id: a, action: x, with: { n: 12345678901234567890 } }]`,
    4,
    40,
  ],
  [
    'an account that loses its zero',
    `${head}steps: [{ id: a, action: x, in: x, with: { account: 012345678901 } }]`,
    4,
    53,
  ],
  ['not a number', `${head}steps: [{ id: a, action: x, with: { n: .nan } }]`, 4, 40],
  ['a key __proto__', `__proto__: { polluted: true }\n${good}`, 1, 1],
  ['a key __proto__ in quotes', `"__proto__": { polluted: true }\n${good}`, 1, 1],
  ['a key __proto__ with an escape', `"__pro\\x74o__": { polluted: true }\n${good}`, 1, 1],
  [
    'a key __proto__ deep inside',
    `${head}steps: [{ id: a, action: x, with: { t: { __proto__: { polluted: 1 } } } }]`,
    4,
    42,
  ],
  ['a key constructor', `${good}constructor: { prototype: { polluted: true } }`, 6, 1],
  ['a key prototype', `${good}prototype: { polluted: true }`, 6, 1],
  ['a key toString in a step', `${head}steps: [{ id: a, action: x, toString: 1 }]`, 4, 29],
  ['tabs for indentation', 'a:\n\tb: 1\n', 2, 1],
  ['1,000 tabs', `${head}x:\n${'\tb: 1\n'.repeat(1_000)}`, 5, 1],
  ['a text that does not end', `${head}x: "${'a'.repeat(200_000)}`, 4, 200_005],
  ['100,000 unknown escapes', `${head}x: "${'\\q'.repeat(100_000)}"`, 4, 4],
  ['a folded text of 60,000 lines', `${good}x: >\n${' x\n\n'.repeat(60_000)}`, 6, 1],
  ['200,000 comments', `${'#\n'.repeat(120_000)}`, 5_001, 1],
  ['200,000 empty lines', '\n'.repeat(200_000), 10_001, 1],
  ['over 256 KB', `${good}# ${'x'.repeat(256 * 1_024)}`, 1, 1],
];

test('there are at least 40 of them', () => expect(hostile.length).toBeGreaterThanOrEqual(40));

test.each(hostile)('%s is refused where it stands', (_, text, line, column) => {
  const { read, problems } = readPlaybook(text, 'a.yaml');
  expect(read).toBeUndefined();
  const [first] = problems;
  expect(first?.place, first?.describe()).toMatchObject({ file: 'a.yaml', line, column });
  for (const problem of problems) expect(problem.describe().length).toBeLessThan(700);
  expect(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(problems.map((one) => one.describe()).join(''))).toBe(false);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('what only looks hostile is read', () => {
  const { problems } = readPlaybook(
    `\ufeff# [[[[ &a *b !c %TAG\n${good.replace('title: A', `title: "[[[ &a *b !c ${'['.repeat(90)}"`)}# 'é', 漢字, 🙂\n`,
    'a.yaml',
  );
  expect(problems.map((problem) => problem.describe())).toEqual([]);
});

test('the prototype of objects is as it was after 1,000 hostile texts', () => {
  const keys = ['__proto__', 'constructor', 'prototype', '__defineGetter__', 'constructor: { prototype'];
  const forms = [
    (key: string) => `${key}: { polluted: true }\n${good}`,
    (key: string) => `${head}steps: [{ id: a, action: x, with: { ${key}: { polluted: true } } }]`,
    (key: string) => `${good}limits: { ${key}: { polluted: true } }`,
    (key: string) => `on: { ${key}: { polluted: [true] } }\n${steps}`,
    (key: string) =>
      `${good}tests: [{ name: t, event: { fixture: f, with: { "${key}.polluted": true } }, expect: { ${key}: 1 } }]`,
  ];
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (let at = 0; at < 1_000; at += 1) {
    const form = forms[at % forms.length];
    const key = keys[Math.floor(at / forms.length) % keys.length] ?? '';
    readPlaybook(`${form?.(key) ?? ''}\n# ${at}`, 'a.yaml');
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

describe('the time it takes grows with the length alone', () => {
  const growing: readonly (readonly [string, (count: number) => string])[] = [
    ['closing brackets', (count) => ']'.repeat(count)],
    ['keys', (count) => times(count / 40, (at) => `k${at}: 1`)],
    ['keys in one line', (count) => `{ ${times(count / 40, (at) => `k${at}: 1`, ', ')} }`],
    ['equal keys', (count) => 'a: 1\n'.repeat(count / 40)],
    ['quotes', (count) => '"'.repeat(count / 16)],
    ['escapes', (count) => `x: "${'\\q'.repeat(count / 2)}"`],
    ['one long text', (count) => `x: ${'a '.repeat(count / 2)}`],
    ['one long text in quotes', (count) => `x: "${'a '.repeat(count / 2)}"`],
    ['a folded text', (count) => `x: >\n${' x\n\n'.repeat(count / 4)}`],
    ['blanks before a comment', (count) => `x: 1${' '.repeat(count)}# c`],
    ['a number', (count) => `x: ${'9'.repeat(count)}`],
    ['backslashes', (count) => `x: "${'\\\\'.repeat(count / 2)}"`],
  ];
  const small = 60_000;
  const took = (text: string): number => {
    const began = performance.now();
    readPlaybook(text, 'a.yaml');
    return performance.now() - began;
  };
  const best = (text: string): number => Math.min(...Array.from({ length: 5 }, () => took(text)));

  // Four times the text takes four times as long, sixteen times where the time is quadratic; a generous bound lies between.
  test.each(growing)('%s', (_, text) => {
    expect(best(text(small * 4))).toBeLessThan(Math.max(50, best(text(small))) * 10);
  });
});
