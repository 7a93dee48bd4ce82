import type { Json } from '../model/json.ts';
import type { OperatorName } from './condition.ts';

/** A pattern on an event, and whether it matches. Every one is tested, and printed in the reference. */
export type Example = readonly [pattern: Json, event: Json, matches: boolean];

/** What a part of the language means, as exactly as a few lines can. */
export type Meaning = { readonly meaning: string; readonly examples: readonly Example[] };

/** Each operator; `exactly` is also what a bare value is. */
export const operatorMeanings: { readonly [N in OperatorName]: Meaning } = {
  exactly: {
    meaning:
      'The value and its type: the string "5" is not the number 5, null is neither absent nor "null". Numbers by value (3.0e2 is 300), strings unit by unit without any normalisation. A bare string that spells an IP address means that address in every spelling; `{"exactly": ...}` takes it as text.',
    examples: [
      [{ port: [22] }, { port: 22 }, true],
      [{ port: ['22'] }, { port: 22 }, false],
      [{ ip: ['fd00::5'] }, { ip: 'fd00:0:0:0:0:0:0:0005' }, true],
      [{ ip: [{ exactly: 'fd00::5' }] }, { ip: 'fd00:0:0:0:0:0:0:0005' }, false],
    ],
  },
  prefix: {
    meaning:
      'A string that begins with the text, or with `{"equals-ignore-case": ...}` begins with it in any case. The empty text begins every string; numbers, booleans and null have no beginning.',
    examples: [
      [{ type: [{ prefix: 'Recon:' }] }, { type: 'Recon:EC2/Portscan' }, true],
      [{ type: [{ prefix: { 'equals-ignore-case': 'RECON:' } }] }, { type: 'Recon:EC2/Portscan' }, true],
      [{ count: [{ prefix: '' }] }, { count: 3 }, false],
    ],
  },
  suffix: {
    meaning: 'A string that ends with the text, in any case with `{"equals-ignore-case": ...}`; otherwise as `prefix`.',
    examples: [
      [{ file: [{ suffix: '.env' }] }, { file: 'prod/.env' }, true],
      [{ file: [{ suffix: '.env' }] }, { file: 'prod/.ENV' }, false],
    ],
  },
  'equals-ignore-case': {
    meaning:
      'The whole string, where each UTF-16 unit of the pattern stands for its own lower-case or upper-case mapping. So it is not symmetric: a pattern "ß" takes "SS", a pattern "SS" does not take "ß". No locale plays a part.',
    examples: [
      [{ role: [{ 'equals-ignore-case': 'owner' }] }, { role: 'OWNER' }, true],
      [{ city: [{ 'equals-ignore-case': 'gießen' }] }, { city: 'GIESSEN' }, true],
      [{ city: [{ 'equals-ignore-case': 'GIESSEN' }] }, { city: 'gießen' }, false],
    ],
  },
  wildcard: {
    meaning:
      'The whole string, where `*` is any run of characters, none and line ends included. `\\*` is an asterisk and `\\\\` a backslash; no other escape and no `**`. The time is linear in the length of the value, whatever the pattern.',
    examples: [
      [{ arn: [{ wildcard: 'arn:aws:iam::*:user/*' }] }, { arn: 'arn:aws:iam::111122223333:user/ci' }, true],
      [{ arn: [{ wildcard: 'user/*' }] }, { arn: 'arn:aws:iam::111122223333:user/ci' }, false],
      [{ name: [{ wildcard: 'a\\*b' }] }, { name: 'a*b' }, true],
    ],
  },
  'anything-but': {
    meaning:
      'Any scalar that is not excluded: values of other types and null pass. It takes a string, a number, a list of one kind, or `prefix`, `suffix`, `equals-ignore-case`, `wildcard` with a string or a list. The field has to be there. In an array one element that is not excluded is enough. Two of them in one field are alternatives and exclude only what both exclude: put what must all be excluded into one list.',
    examples: [
      [{ region: [{ 'anything-but': ['eu-west-1', 'eu-west-2'] }] }, { region: 'us-east-1' }, true],
      [{ region: [{ 'anything-but': 'eu-west-1' }] }, {}, false],
      [{ region: [{ 'anything-but': { prefix: ['eu-', 'us-'] } }] }, { region: null }, true],
      [{ tags: [{ 'anything-but': 'test' }] }, { tags: ['test', 'prod'] }, true],
      [{ a: [{ 'anything-but': 'x' }, { 'anything-but': 'y' }] }, { a: 'x' }, true],
    ],
  },
  numeric: {
    meaning:
      'A number, compared with one bound (`=`, `<`, `<=`, `>`, `>=`) or with a lower and then an upper one. Never a string of digits. Several in one field are alternatives.',
    examples: [
      [{ severity: [{ numeric: ['>=', 7] }] }, { severity: 8.5 }, true],
      [{ severity: [{ numeric: ['>', 4, '<=', 7] }] }, { severity: 4 }, false],
      [{ severity: [{ numeric: ['>=', 7] }] }, { severity: '8' }, false],
    ],
  },
  exists: {
    meaning:
      'Whether the field holds a scalar. null, "", 0 and false are there; objects, {} and [] are not scalars and count as absent. `{"exists": false}` may stand beside values; inside an array, absence is asked of the element that fields of smaller paths chose.',
    examples: [
      [{ error: [{ exists: false }] }, { user: 'ci' }, true],
      [{ error: [{ exists: true }] }, { error: null }, true],
      [{ error: [{ exists: true }] }, { error: { code: 5 } }, false],
      [{ rules: { to: [{ exists: false }], from: [22] } }, { rules: [{ from: 22 }, { from: 1, to: 2 }] }, true],
    ],
  },
  cidr: {
    meaning:
      'A string that spells an address of the block, of the same family: IPv4 /0 to /31, IPv6 /0 to /127, host bits ignored. No port, no zone, no dotted tail behind an IPv6 address; `::ffff:` with two hexadecimal groups is the IPv4 address.',
    examples: [
      [{ ip: [{ cidr: '10.20.0.0/16' }] }, { ip: '10.20.30.40' }, true],
      [{ ip: [{ cidr: '10.20.0.0/16' }] }, { ip: '10.20.30.40:443' }, false],
      [{ ip: [{ cidr: 'fd00::/8' }] }, { ip: 'FD12::9' }, true],
    ],
  },
};

/** How fields, alternatives, arrays and keys go together. */
export const ruleMeanings: Readonly<Record<string, Meaning>> = {
  'fields and values': {
    meaning: 'Every field of a pattern has to hold; of the values in its list one has to.',
    examples: [
      [{ a: ['x', 'y'], b: [1] }, { a: 'y', b: 1 }, true],
      [{ a: ['x', 'y'], b: [1] }, { a: 'y' }, false],
    ],
  },
  $or: {
    meaning:
      'A list of at least two objects, one of which has to hold together with the fields beside it, at any depth. It multiplies out in the order of the text, and a later member replaces an earlier one on the same path: that is how a branch overrides a field that stands before the `$or`. Where it holds no such list, `$or` is the name of a field.',
    examples: [
      [{ kind: ['key'], $or: [{ age: [90] }, { leaked: [true] }] }, { kind: 'key', leaked: true }, true],
      [{ kind: ['key'], $or: [{ age: [90] }, { leaked: [true] }] }, { leaked: true }, false],
      [{ a: [1], $or: [{ a: [2] }, { b: [3] }] }, { a: 2 }, true],
    ],
  },
  arrays: {
    meaning:
      'A field that leads through an array holds when one element makes it hold, and fields inside the objects of one array have to find theirs in one and the same object, at every level; all choices are tried. Scalars of an array and separate arrays are free of each other, and arrays in arrays are looked through.',
    examples: [
      [
        { tags: { key: ['env'], value: ['prod'] } },
        {
          tags: [
            { key: 'team', value: 'web' },
            { key: 'env', value: 'prod' },
          ],
        },
        true,
      ],
      [
        { tags: { key: ['env'], value: ['prod'] } },
        {
          tags: [
            { key: 'env', value: 'test' },
            { key: 'was', value: 'prod' },
          ],
        },
        false,
      ],
      [{ ports: [22] }, { ports: [[80, 22], 443] }, true],
    ],
  },
  keys: {
    meaning:
      'A dot in a key is a step, in patterns and in events. Only own properties of the event are seen. Of a key that stands twice, the last one counts.',
    examples: [
      [{ 'a.b': [1] }, { a: { b: 1 } }, true],
      [{ a: { b: [1] } }, { 'a.b': 1 }, true],
      [{ constructor: { name: [{ exists: true }] } }, {}, false],
    ],
  },
};

/** Patterns as text that are refused, one for each kind of fault; the reference prints the reason that the reader gives. */
export const refusedPatterns: readonly string[] = [
  '{}',
  '{"a": {}}',
  '{"a": []}',
  '{"a": "x"}',
  '{"a": [["x"]]}',
  '{"a": [{"prefx": "x"}]}',
  '{"a": [{"regex": "x+"}]}',
  '{"a": [{"prefix": "x", "suffix": "y"}]}',
  '{"a": [{"prefix": ["x", "y"]}]}',
  '{"a": [{"wildcard": "x**"}]}',
  '{"a": [{"wildcard": "x\\\\y"}]}',
  '{"a": [{"anything-but": ["x", 1]}]}',
  '{"a": [{"anything-but": {"suffix": ""}}]}',
  '{"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}',
  '{"a": [{"numeric": ["<", 9, ">", 1]}]}',
  '{"a": [{"numeric": [">", 9, "<", 1]}]}',
  '{"a": [{"numeric": ["=", 12345678901234567890]}]}',
  '{"a": [{"exists": "yes"}]}',
  '{"a": [{"cidr": "10.1.2.3/32"}]}',
  '{"$or": [{"a": ["x"]}]}',
  '{"$or": [{"prefix": ["x"]}, {"a": ["y"]}]}',
  '{"a": ["x"]} and more',
];
