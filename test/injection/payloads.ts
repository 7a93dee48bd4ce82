import { injections } from '../support/injections.ts';

/** What attackers write into names, tags, paths and descriptions to be more than text for a program. */
const families: Readonly<Record<string, readonly string[]>> = {
  templates: [
    '${finding.account}',
    '${settings.tenant}',
    '${target}',
    '${item}',
    '${',
    '${}',
    '}${',
    '$${x}',
    '{startedAt}',
    '{runId}',
    '{key}',
  ],
  'other templates': [
    '{{7*7}}',
    '{{constructor.constructor("return process")()}}',
    '<%= 7*7 %>',
    '#{7*7}',
    '[[${7*7}]]',
    '{%x%}',
    '@(1+1)',
    '*{7*7}',
  ],
  shell: ['$(id)', '`id`', '; id', '&& id', '| id', '> /tmp/x', "'; id; '", '"; id; "', '$IFS', '\\', '!!', '~/.aws'],
  script: [
    'constructor.constructor("return 1")()',
    '__proto__',
    'constructor',
    'prototype',
    '__proto__.polluted',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'valueOf',
  ],
  json: [
    '"',
    '\\"',
    '","admin":true,"x":"',
    '{"__proto__":{"polluted":true}}',
    ']}',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    '0',
    '[]',
  ],
  yaml: ['!!js/function "x"', '&a *a', '<<: *a', '- x', 'a: b', '%TAG', '--- x', '? x'],
  sql: ["' OR '1'='1", "'; DROP TABLE runs; --", '" OR ""="', '/**/', "') UNION SELECT 1--", '%', '_'],
  odata: [
    "' or 1 eq 1 or '",
    '$filter=1 eq 1',
    "x') or startswith(name,'",
    '?$select=id',
    '&$expand=memberOf',
    '$count',
    '*',
  ],
  kql: [
    '| union *',
    '" or true //',
    '| take 1',
    "'); .drop table",
    '@"x"',
    'externaldata(x:string)["https://evil.example"]',
  ],
  arn: [
    'arn:aws:iam::999999999999:user/admin',
    ':user/*',
    '*',
    '?',
    '/../role/admin',
    ':role/Cordon*',
    'arn:aws:iam::aws:policy/AdministratorAccess',
  ],
  'arm path': [
    '/..',
    '/../..',
    '..',
    '.',
    '/./',
    '//',
    '%2f',
    '%2F..%2f',
    '%2e%2e',
    '%252f',
    '..%2f..%2f',
    '..;/',
    '\\..\\',
    '?api-version=2000-01-01',
    '#x',
    '?$expand=x',
    '/providers/Microsoft.Authorization/roleAssignments/x',
    ';x=y',
    '&x=y',
    ' ',
    '/',
    '@evil.example',
    ':443',
    '/../../subscriptions/00000000-0000-0000-0000-000000000000',
  ],
  url: [
    'https://evil.example/',
    '//evil.example/',
    'http://169.254.169.254/latest/',
    'file:///etc/passwd',
    'https://a@evil.example/',
    '.evil.example',
    '?sv=2024&sig=x',
    '%00',
  ],
  lines: ['\r\nX-Evil: 1', '\n', '\r', '\r\n\r\nGET / HTTP/1.1', '\u2028', '\u2029', '\u0085', '\t', '\v', '\f'],
  bytes: [
    '\0',
    '\u0001',
    '\u001b[2J',
    '\u001b]0;x\u0007',
    '\u009b31m',
    '\u007f',
    '\b\b\b',
    '\ufeff',
    '\ufffe',
    '\ud800',
    '\udfff',
  ],
  unicode: [
    '\u202e',
    '\u2066x\u2069',
    '\u200b',
    '\u200d',
    '\u2060',
    '\u00ad',
    '\u0430dmin',
    'adm\u0131n',
    '\uff0e\uff0e\uff0f',
    '\u2215',
    'ﬁ',
    '\u{e0041}',
    'A\u0301',
    '\u212a',
    '\u1e9e',
  ],
  numbers: ['-1', '1e400', 'NaN', 'Infinity', '0x10', '9007199254740993', '٣', '1_000'],
  long: ['A'.repeat(65_536), '../'.repeat(20_000), '${'.repeat(30_000), '%2f'.repeat(20_000), '\u202e'.repeat(1_000)],
};

const plain = Object.values(families).flat();

/** The same inside of a name that looks harmless. */
const inside = plain.filter((text) => text.length < 100).map((text) => `web${text}01`);

/** Over 300 strings, none of them twice. */
export const payloads: readonly string[] = [...new Set([...plain, ...inside, ...injections])];

/** The payloads for one of many places: all that are short where `every` is 1, and a different part of all of them otherwise. */
export const payloadsFor = (place: number, every = 1): readonly string[] =>
  payloads.filter((text, index) => (index + place) % (text.length < 2_000 ? every : every * 20) === 0);

/** Every string inside a value, by its keys. */
export function* leaves(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value === 'string') yield path;
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) yield* leaves(member, [...path, key]);
}

/** A copy of a value, and what puts another one under some of its keys. */
export function hole<T>(value: T, path: readonly string[]): { readonly copy: T; readonly fill: (by: unknown) => T } {
  const copy = structuredClone(value);
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(Object(at), key), copy);
  const fill = (by: unknown): T => {
    Reflect.set(Object(holder), path.at(-1) ?? '', by);
    return copy;
  };
  return { copy, fill };
}

/** What stands under some keys. */
export const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((holder, key) => Reflect.get(Object(holder), key), value);
