import { InvalidInput } from '../model/error.ts';
import { baseOf, parseAddress, parseBlock } from '../pattern/address.ts';
import type { Context } from './request.ts';
import { expand, type Resolve } from './variables.ts';
import { fits, type Glob, isAnything, literal } from './wildcard.ts';

/** Operator, then condition key, then the values of which one must match. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Whether a value found in the request matches one value of the policy. */
type Match = (wanted: string, found: string, resolve: Resolve | undefined) => boolean;

type Operator = {
  readonly match: Match;
  /** Holds when no value matches, and so when the key is missing. */
  readonly negated?: true;
};

const exactly: Match = (wanted, found, resolve) => {
  const pattern = expand(wanted, resolve, literal);
  return pattern !== undefined && fits(pattern, found);
};

const ignoringCase: Match = (wanted, found, resolve) =>
  exactly(wanted.toLowerCase(), found.toLowerCase(), resolve && ((key) => resolve(key)?.toLowerCase()));

const like: Match = (wanted, found, resolve) => {
  const pattern = expand(wanted, resolve);
  return pattern !== undefined && fits(pattern, found);
};

/** The six parts of an ARN; colons after the fifth belong to the last. */
function arnParts(tokens: Glob): Glob[] {
  const parts: Glob[] = [];
  let rest = tokens;
  for (let colon = rest.indexOf(':'); colon >= 0 && parts.length < 5; colon = rest.indexOf(':')) {
    parts.push(rest.slice(0, colon));
    rest = rest.slice(colon + 1);
  }
  return [...parts, rest];
}

const arnLike: Match = (wanted, found, resolve) => {
  const pattern = expand(wanted, resolve);
  if (!pattern) return false;
  if (isAnything(pattern)) return true;
  const wantedParts = arnParts(pattern);
  const foundParts = arnParts(literal(found)).map((part) => part.join(''));
  const areArns = wantedParts.length === 6 && foundParts.length === 6;
  return areArns && wantedParts.every((part, index) => fits(part, foundParts[index] ?? ''));
};

/** A block, or a single address with or without its full prefix. */
const inRange: Match = (wanted, found) => {
  const address = parseAddress(found);
  const block = parseBlock(wanted);
  if (address === undefined) return false;
  if (typeof block !== 'string') return baseOf(address, block.size) === block.base;
  const whole = typeof address === 'number' ? '/32' : '/128';
  return parseAddress(wanted.endsWith(whole) ? wanted.slice(0, -whole.length) : wanted) === address;
};

const number = (text: string): number | undefined => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);

const iso = /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?)?$/;

/** Milliseconds of a W3C date or of epoch seconds; never of local time. */
function instant(text: string): number | undefined {
  const time = iso.test(text) ? Date.parse(text) : (number(text) ?? Number.NaN) * 1000;
  return Number.isNaN(time) ? undefined : time;
}

type Read = (text: string) => number | undefined;
type Order = (found: number, wanted: number) => boolean;

const compare =
  (read: Read, order: Order): Match =>
  (wanted, found) => {
    const [a, b] = [read(found), read(wanted)];
    return a !== undefined && b !== undefined && order(a, b);
  };

const ordered = (kind: string, read: Read): Readonly<Record<string, Operator>> => ({
  [`${kind}Equals`]: { match: compare(read, (a, b) => a === b) },
  [`${kind}NotEquals`]: { match: compare(read, (a, b) => a === b), negated: true },
  [`${kind}LessThan`]: { match: compare(read, (a, b) => a < b) },
  [`${kind}LessThanEquals`]: { match: compare(read, (a, b) => a <= b) },
  [`${kind}GreaterThan`]: { match: compare(read, (a, b) => a > b) },
  [`${kind}GreaterThanEquals`]: { match: compare(read, (a, b) => a >= b) },
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries<Operator>({
    StringEquals: { match: exactly },
    StringNotEquals: { match: exactly, negated: true },
    StringEqualsIgnoreCase: { match: ignoringCase },
    StringNotEqualsIgnoreCase: { match: ignoringCase, negated: true },
    StringLike: { match: like },
    StringNotLike: { match: like, negated: true },
    ...ordered('Numeric', number),
    ...ordered('Date', instant),
    Bool: { match: ignoringCase },
    BinaryEquals: { match: (wanted, found) => wanted === found },
    IpAddress: { match: inRange },
    NotIpAddress: { match: inRange, negated: true },
    ArnEquals: { match: arnLike },
    ArnLike: { match: arnLike },
    ArnNotEquals: { match: arnLike, negated: true },
    ArnNotLike: { match: arnLike, negated: true },
  }),
);

type Test = (wanted: readonly string[], found: readonly string[], resolve: Resolve | undefined) => boolean;

const isMissing: Test = (wanted, found) =>
  wanted.some((value) => (value.toLowerCase() === 'true') === (found.length === 0));

const quantifiers: ReadonlyMap<string, 'every' | 'some'> = new Map([
  ['ForAllValues', 'every'],
  ['ForAnyValue', 'some'],
]);

/** The test an operator stands for, with its `ForAllValues:`, `ForAnyValue:` and `IfExists`; undefined when unknown. */
export function conditionTest(name: string): Test | undefined {
  if (name === 'Null') return isMissing;
  const colon = name.indexOf(':');
  const quantifier = quantifiers.get(name.slice(0, Math.max(colon, 0)));
  const bare = name.slice(colon + 1);
  const optional = bare.endsWith('IfExists');
  const operator = operators.get(optional ? bare.slice(0, -'IfExists'.length) : bare);
  if (!operator || (colon >= 0 && !quantifier)) return undefined;
  const negated = operator.negated === true;
  return (wanted, found, resolve) => {
    if (optional && found.length === 0) return true;
    const matches = (value: string) => wanted.some((candidate) => operator.match(candidate, value, resolve));
    if (!quantifier) return found.some(matches) !== negated;
    // an empty text counts as no value here: true for all, false for any
    return found.filter((value) => value !== '')[quantifier]((value) => matches(value) !== negated);
  };
}

/** Whether every condition of a statement holds. Throws InvalidInput on an operator that AWS does not have. */
export function conditionsHold(conditions: Conditions, context: Context, resolve: Resolve | undefined): boolean {
  return Object.entries(conditions).every(([name, keys]) => {
    const test = conditionTest(name);
    if (!test) {
      throw new InvalidInput({
        code: 'invalid-policy',
        message: `There is no condition operator ${name}`,
        remedy: 'Parse the document with parsePolicy, which names the place.',
      });
    }
    return Object.entries(keys).every(([key, wanted]) => test(wanted, context.get(key.toLowerCase()) ?? [], resolve));
  });
}
