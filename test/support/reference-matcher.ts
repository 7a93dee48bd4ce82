import type { Json } from '../../shared/model/json.ts';

// The pattern language once more, written to be read: straight from the JSON of a pattern, one pattern at a time, every choice
// tried. It shares nothing with shared/pattern, so that the two can be held against each other.

type Scalar = string | number | boolean | null;
type Membership = ReadonlyMap<string, number>;
type Leaf = { readonly path: string; readonly value: Scalar; readonly membership: Membership };
type Rule = ReadonlyMap<string, readonly Json[]>;

const isScalar = (value: Json): value is Scalar => typeof value !== 'object' || value === null;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const membersOf = (value: Json): [string, Json][] =>
  isScalar(value) || isList(value) ? [] : Object.entries(value as { [key: string]: Json }); // an object by elimination

/** Every leaf with its dotted path and, for each array around it, the position of the element that holds it. */
function flatten(value: Json, steps: readonly string[], place: string, membership: Membership): Leaf[] {
  if (isScalar(value)) return [{ path: steps.join('.'), value, membership }];
  if (isList(value)) {
    return value.flatMap((member, at) =>
      flatten(member, steps, `${place}[${at}]`, isScalar(member) ? membership : new Map([...membership, [place, at]])),
    );
  }
  return membersOf(value).flatMap(([key, member]) => flatten(member, [...steps, key], `${place}/${key}`, membership));
}

/** The AND-maps of a pattern, `$or` multiplied out in the order of the text. */
function expand(rules: readonly Rule[], pattern: Json, steps: readonly string[]): readonly Rule[] {
  let current = rules;
  for (const [key, value] of membersOf(pattern)) {
    const before = current;
    if (key === '$or' && isList(value)) current = value.flatMap((branch) => expand(before, branch, steps));
    else if (isList(value)) current = before.map((rule) => new Map([...rule, [[...steps, key].join('.'), value]]));
    else current = expand(before, value, [...steps, key]);
  }
  return current;
}

function address(text: string): bigint | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text) && text.length <= 15) {
    const parts = text.split('.').map(Number);
    return parts.some((part) => part > 255)
      ? undefined
      : parts.reduce((sum, part) => sum * 256n + BigInt(part), 0xffffn);
  }
  if (!/^[0-9a-fA-F:]+$/.test(text) || !text.includes(':') || text.split('::').length > 2) return undefined;
  const [head = '', tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...head];
  if (tail !== undefined) {
    if (head.length + tail.length > 7) return undefined;
    groups.push(...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail);
  }
  if (groups.length !== 8 || groups.some((group) => !/^0*[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** IPv4 lives at ::ffff:0:0/96 here, so a block must say which family it is of. */
const isV4 = (ip: bigint): boolean => ip >> 32n === 0xffffn;

function inBlock(text: string, block: string): boolean {
  const [base = '', bits = ''] = block.split('/');
  const ip = address(text);
  const start = address(base);
  if (ip === undefined || start === undefined || isV4(ip) !== isV4(start)) return false;
  const free = BigInt((isV4(start) ? 32 : 128) - Number(bits));
  return ip >> free === start >> free;
}

/** What each unit of a pattern may look like, tried recursively. */
function folds(value: string, pattern: string, rest: (left: string) => boolean): boolean {
  if (pattern === '') return rest(value);
  return [...new Set([pattern.charAt(0).toLowerCase(), pattern.charAt(0).toUpperCase()])].some(
    (spelling) => value.startsWith(spelling) && folds(value.slice(spelling.length), pattern.slice(1), rest),
  );
}

function wild(value: string, pattern: string): boolean {
  if (pattern === '') return value === '';
  if (pattern.startsWith('*')) {
    return Array.from({ length: value.length + 1 }, (_, at) => at).some((at) =>
      wild(value.slice(at), pattern.slice(1)),
    );
  }
  const literal = pattern.startsWith('\\') ? pattern.charAt(1) : pattern.charAt(0);
  return value.startsWith(literal) && wild(value.slice(1), pattern.slice(pattern.startsWith('\\') ? 2 : 1));
}

const endings = (value: string): string[] => Array.from({ length: value.length + 1 }, (_, at) => value.slice(at));

function affix(value: string, kind: string, argument: Json): boolean {
  if (typeof argument === 'string') return kind === 'prefix' ? value.startsWith(argument) : value.endsWith(argument);
  const text = String(membersOf(argument)[0]?.[1]);
  if (kind === 'prefix') return folds(value, text, () => true);
  return endings(value).some((ending) => folds(ending, text, (left) => left === ''));
}

function numeric(value: number, bounds: readonly Json[]): boolean {
  const [comparison, bound, ...more] = bounds;
  if (typeof bound !== 'number') return true;
  const held = {
    '=': value === bound,
    '<': value < bound,
    '<=': value <= bound,
    '>': value > bound,
    '>=': value >= bound,
  };
  return Object.entries(held).some(([name, holds]) => name === comparison && holds) && numeric(value, more);
}

function anythingBut(value: Scalar, argument: Json): boolean {
  if (isScalar(argument)) return value !== argument;
  if (isList(argument)) return argument.every((excluded) => value !== excluded);
  const [kind = '', texts = ''] = membersOf(argument)[0] ?? [];
  return (isList(texts) ? texts : [texts]).every((text) => !meets(value, { [kind]: text }));
}

/** Conditions that only a string can meet. */
function textMeets(value: string, kind: string, argument: Json): boolean {
  if (kind === 'prefix' || kind === 'suffix') return affix(value, kind, argument);
  if (kind === 'exactly') return value === argument;
  if (kind === 'wildcard') return wild(value, String(argument));
  if (kind === 'equals-ignore-case') return folds(value, String(argument), (left) => left === '');
  return kind === 'cidr' && inBlock(value, String(argument));
}

function literalMeets(value: Scalar, literal: Scalar): boolean {
  const ip = typeof literal === 'string' ? address(literal) : undefined;
  return value === literal || (ip !== undefined && typeof value === 'string' && address(value) === ip);
}

/** Whether one condition holds for a present value. */
function meets(value: Scalar, condition: Json): boolean {
  if (isScalar(condition)) return literalMeets(value, condition);
  const [kind = '', argument = null] = membersOf(condition)[0] ?? [];
  if (kind === 'exists') return argument === true;
  if (kind === 'anything-but') return anythingBut(value, argument);
  if (kind === 'numeric') return typeof value === 'number' && isList(argument) && numeric(value, argument);
  return typeof value === 'string' && textMeets(value, kind, argument);
}

const asksForAbsence = (condition: Json): boolean =>
  membersOf(condition).some(([kind, argument]) => kind === 'exists' && argument === false);
const agree = (one: Membership, other: Membership): boolean =>
  [...other].every(([array, at]) => (one.get(array) ?? at) === at);

/** Field by field in the order of paths, with the array elements fixed so far. */
function holds(
  rule: readonly (readonly [string, readonly Json[]])[],
  leaves: readonly Leaf[],
  fixed: Membership,
): boolean {
  const [field, ...rest] = rule;
  if (field === undefined) return true;
  const [path, conditions] = field;
  const near = leaves.filter((leaf) => leaf.path === path && agree(fixed, leaf.membership));
  const hits = near.filter(({ value }) => conditions.some((condition) => meets(value, condition)));
  if (hits.some(({ membership }) => holds(rest, leaves, new Map([...fixed, ...membership])))) return true;
  return near.length === 0 && conditions.some(asksForAbsence) && holds(rest, leaves, fixed);
}

/** Whether a valid pattern matches an event, decided the slow and plain way. */
export function referenceMatches(pattern: Json, event: Json): boolean {
  const leaves = flatten(event, [], '', new Map());
  return expand([new Map()], pattern, []).some((rule) =>
    holds(
      [...rule].sort(([a], [b]) => (a < b ? -1 : 1)),
      leaves,
      new Map(),
    ),
  );
}
