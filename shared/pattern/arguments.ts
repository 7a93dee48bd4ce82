import { isObject } from '../model/json.ts';
import { type Block, parseBlock } from './address.ts';
import type { Affix, Comparison, Condition, Exclusion, OperatorName } from './condition.ts';
import { type Place, refuse } from './refusal.ts';
import { parseWildcard, type Wildcard } from './wildcard.ts';

/** Where an argument stands in the pattern, how it is written, and which numbers in it a double cannot hold. */
export type Spot = {
  readonly place: Place | undefined;
  readonly example: string;
  readonly inexact: (holder: object, key: string) => boolean;
};

/** A text, or a refusal that shows how the operator is written. */
export function textOf(argument: unknown, name: OperatorName, spot: Spot): string {
  if (typeof argument === 'string') return argument;
  return refuse(spot.place, `"${name}" takes a string`, `Write ${spot.example}`);
}

/** The name of the single member of an object, or a refusal. */
export function onlyName(object: object, place: Place | undefined): string {
  const [name, more] = Object.keys(object);
  if (name === undefined) return refuse(place, 'an operator is missing in {}', 'Write for example {"prefix": "aws."}');
  if (more !== undefined) {
    const advice = 'Write several conditions as several objects; one of them has to hold';
    return refuse(place, `only one operator per object, found "${name}" and "${more}"`, advice);
  }
  return name;
}

export function readAffix<N extends 'prefix' | 'suffix'>(kind: N, argument: unknown, spot: Spot): { kind: N } & Affix {
  if (!isObject(argument)) return { kind, text: textOf(argument, kind, spot), ignoreCase: false };
  const name = onlyName(argument, spot.place);
  if (name !== 'equals-ignore-case') {
    refuse(spot.place, `"${kind}" cannot hold "${name}"`, `Write {"${kind}": {"equals-ignore-case": "text"}}`);
  }
  return {
    kind,
    text: textOf(argument[name], name, { ...spot, place: { outer: spot.place, key: name } }),
    ignoreCase: true,
  };
}

/** A wildcard that can be read, or a refusal. */
export function wildcardOf(text: string, place: Place | undefined): Wildcard {
  const wildcard = parseWildcard(text);
  return typeof wildcard === 'string'
    ? refuse(
        place,
        `the wildcard has ${wildcard}`,
        'Write one * for any run of characters, \\* for an asterisk, \\\\ for a backslash',
      )
    : wildcard;
}

function numberOf(value: unknown, holder: object, key: string, { place, inexact }: Spot): number {
  if (typeof value !== 'number') return refuse(place, `${JSON.stringify(value) ?? 'nothing'} is not a number`);
  if (!Number.isFinite(value) || inexact(holder, key)) {
    const advice = 'Use fewer digits, or compare it as a string';
    return refuse(place, 'this number cannot be compared: a double does not hold it exactly', advice);
  }
  return value;
}

const comparisons: readonly unknown[] = ['=', '<', '<=', '>', '>='] satisfies Comparison[];
const isComparison = (word: unknown): word is Comparison => comparisons.includes(word);

export function readNumeric(argument: unknown, spot: Spot): Condition<'numeric'> {
  const advice = `Write ${spot.example}`;
  if (!Array.isArray(argument)) return refuse(spot.place, '"numeric" takes an array', advice);
  const [first, low, second, high] = argument;
  if (!isComparison(first)) return refuse(spot.place, `${JSON.stringify(first) ?? 'nothing'} is no comparison`, advice);
  const bottom = numberOf(low, argument, '1', spot);
  if (argument.length === 2) return { kind: 'numeric', bounds: [[first, bottom]] };
  if (argument.length !== 4 || !first.startsWith('>') || (second !== '<' && second !== '<=')) {
    return refuse(spot.place, 'a range is one of > and >= with a number, then one of < and <= with a number', advice);
  }
  const top = numberOf(high, argument, '3', spot);
  if (bottom >= top)
    refuse(spot.place, `no number lies between ${bottom} and ${top}`, 'The first must be the smaller one');
  return {
    kind: 'numeric',
    bounds: [
      [first, bottom],
      [second, top],
    ],
  };
}

const excludable: readonly string[] = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'] satisfies Exclusion[];
const isExcludable = (name: string): name is Exclusion => excludable.includes(name);

function readExcludedTexts(of: Exclusion, argument: unknown, spot: Spot): Condition<'anything-but'> {
  const values: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (values.length === 0)
    refuse(spot.place, 'an empty list excludes nothing', `Write {"anything-but": {"${of}": ["text"]}}`);
  const texts = values.map((value) => textOf(value, of, spot));
  if (of === 'wildcard') for (const text of texts) wildcardOf(text, spot.place);
  if ((of === 'prefix' || of === 'suffix') && texts.includes('')) {
    refuse(spot.place, `an empty ${of} would exclude every text`, 'Leave it out');
  }
  return { kind: 'anything-but', of, values: texts };
}

export function readAnythingBut(argument: unknown, spot: Spot, holder: object): Condition<'anything-but'> {
  if (isObject(argument)) {
    const name = onlyName(argument, spot.place);
    if (isExcludable(name))
      return readExcludedTexts(name, argument[name], { ...spot, place: { outer: spot.place, key: name } });
    return refuse(
      spot.place,
      `"anything-but" cannot hold "${name}"`,
      `It takes ${excludable.join(', ')}, or plain values`,
    );
  }
  const values: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  const source = Array.isArray(argument) ? argument : holder;
  if (values.length > 0 && values.every((value) => typeof value === 'string')) {
    return { kind: 'anything-but', of: 'exactly', values };
  }
  if (values.length > 0 && values.every((value) => typeof value === 'number')) {
    for (const at of values.keys()) numberOf(values[at], source, source === holder ? 'anything-but' : String(at), spot);
    return { kind: 'anything-but', of: 'exactly', values };
  }
  return refuse(spot.place, '"anything-but" takes strings only or numbers only', `Write ${spot.example}`);
}

/** `exists` is true or false. */
export function readExists(argument: unknown, spot: Spot): Condition<'exists'> {
  if (typeof argument === 'boolean') return { kind: 'exists', exists: argument };
  return refuse(spot.place, '"exists" takes true or false', `Write ${spot.example}`);
}

/** A block that can be read, or a refusal. */
export function blockOf(text: string, place: Place | undefined): Block {
  const block = parseBlock(text);
  return typeof block === 'string' ? refuse(place, block, 'Write a single address as a plain string') : block;
}
