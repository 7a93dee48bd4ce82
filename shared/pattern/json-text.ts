import { InvalidInput, messageOf } from '../model/error.ts';

/** A number of an object or array that a double does not hold as it was written. */
export type Inexact = (holder: object, key: string) => boolean;

/** Digits and exponent of a JSON number without its sign, so that 300, 300.0 and 3.0e2 read the same. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === '' ? '0' : `${significant}e${power}`;
}

function whyNotJson(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (fault) {
    return messageOf(fault);
  }
}

/** Where the first character stands that cannot go on: `JSON.parse` names it, but not its place. */
function unexpected(text: string): number {
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (whyNotJson(text.slice(0, middle)).startsWith('Unexpected token')) bad = middle;
    else good = middle;
  }
  return good;
}

/** Line and column of the fault that `JSON.parse` reports. */
function placeOf(message: string, text: string): { readonly line: number; readonly column: number } {
  const told = /at position (\d+)/.exec(message)?.[1];
  const found = message.startsWith('Unexpected token') ? unexpected(text) : text.length;
  const before = text.slice(0, told === undefined ? found : Number(told)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** How text that is no JSON is refused. */
export type Refusal = { readonly code: string; readonly what: string; readonly remedy: string };

/** The fault of text that is no JSON, with its line and column; of text that nests beyond the stack, without. */
export function noJson(text: string, fault: unknown, { code, what, remedy }: Refusal): InvalidInput {
  if (fault instanceof RangeError)
    return new InvalidInput({
      code,
      message: `${what} nests too deeply to be read`,
      remedy: 'Nest it less deeply',
      cause: fault,
    });
  return new InvalidInput({
    code,
    message: `${what} cannot be read as JSON: ${messageOf(fault)}`,
    remedy,
    place: placeOf(messageOf(fault), text),
    cause: fault,
  });
}

/** Reads JSON text and notes which numbers in it had more digits than a double holds. Throws `InvalidInput` with the place. */
export function readJsonText(text: string, refusal: Refusal): { readonly value: unknown; readonly inexact: Inexact } {
  const noted = new WeakMap<object, Set<string>>();
  const note = function note(
    this: object,
    key: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown {
    if (
      typeof value === 'number' &&
      context?.source !== undefined &&
      decimal(context.source) !== decimal(String(value))
    ) {
      noted.set(this, (noted.get(this) ?? new Set()).add(key));
    }
    return value;
  };
  try {
    return {
      value: JSON.parse(text, note),
      inexact: (holder, key) => noted.get(holder)?.has(key) ?? false,
    };
  } catch (fault) {
    throw noJson(text, fault, refusal);
  }
}
