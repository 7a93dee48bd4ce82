import { baseOf } from './address.ts';
import {
  blockOf,
  readAffix,
  readAnythingBut,
  readExists,
  readNumeric,
  type Spot,
  textOf,
  wildcardOf,
} from './arguments.ts';
import { type Affix, type Comparison, type Condition, excluded, type OperatorName, type Test } from './condition.ts';
import { endFolded, fold, startFolded } from './ignore-case.ts';
import { addressOf, leafOf, type Scalar } from './leaf.ts';
import { fitsWildcard } from './wildcard.ts';

type Operator<N extends OperatorName> = {
  /** The shape of the argument, for messages. */
  readonly example: string;
  readonly read: (argument: unknown, spot: Spot, holder: object) => Condition<N>;
  readonly test: (condition: Condition<N>) => Test;
  /** The condition as it reads after "wanted". */
  readonly words: (condition: Condition<N>) => string;
};

const onText =
  (fits: (value: string) => boolean): Test =>
  ({ value }) =>
    typeof value === 'string' && fits(value);

const comparisons: Readonly<Record<Comparison, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function testAnythingBut(condition: Condition<'anything-but'>): Test {
  if (condition.of === 'exactly') {
    const values: ReadonlySet<Scalar> = new Set(condition.values);
    return ({ value }) => !values.has(value);
  }
  const tests = excluded(condition).map((each) => testOf(each));
  return (leaf) => !tests.some((excludes) => excludes(leaf));
}

const quote = (value: Scalar): string => (typeof value === 'string' ? `'${value}'` : String(value));

/** "a, b or c". */
export const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const affixWords = (verb: string, { text, ignoreCase }: Affix): string =>
  `something ${verb} '${text}'${ignoreCase ? ' in any case' : ''}`;

/** Every operator of the language, in one table. A bare value in a pattern is `exactly`. */
export const operators: { readonly [N in OperatorName]: Operator<N> } = {
  exactly: {
    example: '{"exactly": "text"}',
    read: (argument, spot) => ({ kind: 'exactly', value: textOf(argument, 'exactly', spot), address: false }),
    test: ({ value, address }) => {
      if (!address) return (leaf) => leaf.value === value;
      const wanted = addressOf(leafOf(0, value, undefined));
      return (leaf) => leaf.value === value || (typeof leaf.value === 'string' && addressOf(leaf) === wanted);
    },
    words: ({ value, address }) => (address ? `the address ${String(value)}` : quote(value)),
  },
  prefix: {
    example: '{"prefix": "text"}',
    read: (argument, spot) => readAffix('prefix', argument, spot),
    test: ({ text, ignoreCase }) => {
      if (!ignoreCase) return onText((value) => value.startsWith(text));
      const folded = fold(text);
      return onText((value) => startFolded(value, folded) >= 0);
    },
    words: (condition) => affixWords('beginning with', condition),
  },
  suffix: {
    example: '{"suffix": "text"}',
    read: (argument, spot) => readAffix('suffix', argument, spot),
    test: ({ text, ignoreCase }) => {
      if (!ignoreCase) return onText((value) => value.endsWith(text));
      const folded = fold(text);
      return onText((value) => endFolded(value, folded) >= 0);
    },
    words: (condition) => affixWords('ending in', condition),
  },
  'equals-ignore-case': {
    example: '{"equals-ignore-case": "text"}',
    read: (argument, spot) => ({ kind: 'equals-ignore-case', text: textOf(argument, 'equals-ignore-case', spot) }),
    test: ({ text }) => {
      const folded = fold(text);
      return onText((value) => startFolded(value, folded) === value.length);
    },
    words: ({ text }) => `'${text}' in any case`,
  },
  wildcard: {
    example: '{"wildcard": "arn:aws:ec2:*:instance/*"}',
    read: (argument, spot) => {
      const text = textOf(argument, 'wildcard', spot);
      wildcardOf(text, spot.place);
      return { kind: 'wildcard', text };
    },
    test: ({ text }) => {
      const wildcard = wildcardOf(text, undefined);
      return onText((value) => fitsWildcard(value, wildcard));
    },
    words: ({ text }) => `something like '${text}'`,
  },
  'anything-but': {
    example: '{"anything-but": ["one", "other"]}',
    read: readAnythingBut,
    test: testAnythingBut,
    words: (condition) => `anything but ${either(excluded(condition).map((each) => describe(each)))}`,
  },
  numeric: {
    example: '{"numeric": [">=", 7]} or {"numeric": [">", 0, "<=", 5]}',
    read: readNumeric,
    test: ({ bounds }) => {
      const checks = bounds.map(([comparison, bound]) => [comparisons[comparison], bound] as const);
      return ({ value }) =>
        typeof value === 'number' && Number.isFinite(value) && checks.every(([holds, bound]) => holds(value, bound));
    },
    words: ({ bounds }) => `a number ${bounds.map(([comparison, bound]) => `${comparison} ${bound}`).join(' and ')}`,
  },
  exists: {
    example: '{"exists": true} or {"exists": false}',
    read: readExists,
    test:
      ({ exists }) =>
      () =>
        exists,
    words: ({ exists }) => (exists ? 'any value' : 'no value at all'),
  },
  cidr: {
    example: '{"cidr": "10.0.0.0/8"}',
    read: (argument, spot) => {
      const text = textOf(argument, 'cidr', spot);
      blockOf(text, spot.place);
      return { kind: 'cidr', text };
    },
    test: ({ text }) => {
      const { base, size } = blockOf(text, undefined);
      return (leaf) => {
        const address = addressOf(leaf);
        return address !== null && baseOf(address, size) === base;
      };
    },
    words: ({ text }) => `an address in ${text}`,
  },
};

/** The test of a condition, prepared once. */
export const testOf = <N extends OperatorName>(condition: Condition<N>): Test =>
  operators[condition.kind].test(condition);

/** A condition in words, as they follow "wanted". */
export const describe = <N extends OperatorName>(condition: Condition<N>): string =>
  operators[condition.kind].words(condition);
