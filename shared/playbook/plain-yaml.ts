import { Lexer } from 'yaml';

const sizeLimit = 256 * 1_024;
const depthLimit = 64;
const partLimit = 10_000;
const indentationLimit = 200;

/** Why a text is not handed to the parser, and where. */
export type Refusal = { readonly message: string; readonly remedy: string; readonly offset: number };

/** Marks that the lexer puts between the parts of a text; they stand for no character of it. */
const marks = new Set(['\u0002', '\u0018', '\u001f']);
/** The mark after which text comes that is nothing but text. */
const plainFollows = '\u001f';

/** What YAML calls not printable (yaml.org/spec/1.2.2, 5.1), and what turns the direction of text. */
const unprintable =
  /[^\t\n\r\u0020-\u007e\u0085\u00a0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffc\u{10000}-\u{10ffff}]/u;

/** Beginnings of parts that are more than plain data. */
const notPlain: readonly (readonly [RegExp, what: string, remedy: string])[] = [
  [/^&/, 'is an anchor', 'Write the value out where it is needed.'],
  [/^\*/, 'is an alias', 'Write the value out.'],
  [/^!/, 'is a tag', 'Write the value without it.'],
  [/^%/, 'is a directive', 'Take it out: playbooks are YAML 1.2.'],
  [
    /^"(?:[^\\]|\\[\s\S])*?\\(?:$|[^0abtnvfre "/\\N_LPxuU\t\r\n])/,
    'has an escape that YAML does not know',
    'Write \\\\.',
  ],
];

const short = (part: string): string => (part.length > 40 ? `${part.slice(0, 40)}…` : part);

function unplain(part: string): Omit<Refusal, 'offset'> | undefined {
  const found = notPlain.find(([beginning]) => beginning.test(part));
  return found && { message: `${JSON.stringify(short(part))} ${found[1]}`, remedy: found[2] };
}

/** What the text as a whole says before it is cut into parts. */
function unreadable(text: string): Refusal | undefined {
  if (Buffer.byteLength(text) > sizeLimit)
    return { message: 'the file is over 256 KB', remedy: 'Split it into several playbooks.', offset: 0 };
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const at = text.slice(start).search(unprintable);
  if (at < 0) return undefined;
  const code = (text.codePointAt(start + at) ?? 0).toString(16).padStart(4, '0');
  const message = `the character U+${code} may not stand here`;
  return { message, remedy: 'Save the file as plain UTF-8.', offset: start + at };
}

const levels: ReadonlyMap<string, number> = new Map([
  ['[', 1],
  ['{', 1],
  [']', -1],
  ['}', -1],
]);

/** How deep a text goes while its parts pass by: brackets, indentation, and what is stacked in one line. */
function depthGauge() {
  let brackets = 0;
  let stacked = 0;
  return (part: string): Omit<Refusal, 'offset'> | undefined => {
    brackets += levels.get(part) ?? 0;
    if (part.includes('\n')) stacked = 0;
    // Within brackets a line may hold many pairs; outside, each sign goes a level deeper.
    else if (brackets === 0 && /^[-?:]$/.test(part)) stacked += 1;
    if (brackets < 0) return { message: `${part} closes nothing`, remedy: 'Take it out, or open it before.' };
    const indented = part.length > indentationLimit && stacked === 0 && /^ +$/.test(part);
    if (Math.max(brackets, stacked) <= depthLimit && !indented) return undefined;
    return { message: `the file nests deeper than ${depthLimit} levels`, remedy: 'Flatten it.' };
  };
}

/**
 * The first part of a text that a playbook has no use for. Asked before the parser sees the text, in time that grows with its
 * length alone: parsers recurse, and gather every error of a text that is nothing but errors.
 */
export function refusal(text: string): Refusal | undefined {
  const whole = unreadable(text);
  if (whole) return whole;
  const gauge = depthGauge();
  let offset = 0;
  let parts = 0;
  let plain = false;
  for (const part of new Lexer().lex(text)) {
    if (marks.has(part)) {
      plain = part === plainFollows;
      continue;
    }
    parts += 1;
    if (parts > partLimit)
      return { message: `the file has over ${partLimit} parts`, remedy: 'Split it into several playbooks.', offset };
    const found = plain ? undefined : (unplain(part) ?? gauge(part));
    if (found) return { ...found, offset };
    plain = false;
    offset += part.length;
  }
  return undefined;
}
