import { stripVTControlCharacters, styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colour on a terminal, plain text elsewhere; NO_COLOR and FORCE_COLOR are honoured. */
const paint =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { stream: process.stdout, validateStream: true });

export const bold = paint('bold');
export const dim = paint('dim');
export const red = paint('red');
export const green = paint('green');
export const yellow = paint('yellow');
export const blue = paint('blue');
export const cyan = paint('cyan');

const controls = /[\p{Cc}\p{Cf}]/gu;

/** Text that somebody else wrote, made harmless for a terminal: control and direction characters are shown, not obeyed. */
export const inert = (text: string): string =>
  text.replaceAll(controls, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);

/** How wide a text is once its colours are taken off. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** The first line of what somebody else's error says in many, with a mark where something is missing; --json has all of it. */
export function firstLine(text: string): string {
  const [line = '', ...more] = text.split(/\r?\n/);
  return more.length === 0 ? line : `${line.trim().replace(/[.:]$/, '')} …`;
}

const painting = /(\p{Cc}\[[\d;]*m)/u;

/** A line cut to a width with a mark where something is missing; its colours stay. By default that of the terminal, where there is one. */
export function fitted(line: string, width: number | undefined = process.stdout.columns): string {
  if (!width || widthOf(line) <= width) return line;
  let left = width - 1;
  const parts = line.split(painting).map((part, at) => {
    if (at % 2 === 1) return part;
    const kept = part.slice(0, left);
    left -= kept.length;
    return kept;
  });
  return `${parts.join('')}…`;
}

/** Rows as columns, two blanks apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ''))));
  return rows.map((row) =>
    `${indent}${row.map((cell, at) => (at === row.length - 1 ? cell : pad(cell, widths[at] ?? 0))).join('  ')}`.trimEnd(),
  );
}

/** A line across the page with a title in it. */
export const rule = (title: string, width = 96): string =>
  `${dim('──')} ${bold(title)} ${dim('─'.repeat(Math.max(2, width - widthOf(title) - 4)))}`;

/** Long text over several lines, broken at blanks. */
export function wrap(text: string, width = 100): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
