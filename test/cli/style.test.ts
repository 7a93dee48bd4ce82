import { expect, test } from 'vitest';
import { firstLine, fitted, widthOf } from '../../shared/cli/style.ts';

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

test('a line is cut to a width, and its colours end', () => {
  const line = `${red('some')} ${red('words that go on')} and on`;
  const cut = fitted(line, 12);
  expect([widthOf(cut), cut.endsWith('…')]).toEqual([12, true]);
  expect(cut.split('\u001b[31m')).toHaveLength(cut.split('\u001b[39m').length);
  expect([fitted(line, 80), fitted(line, undefined)]).toEqual([line, line]);
});

test('of an error of many lines the first is shown, and that there are more', () => {
  expect(firstLine('ChainedTokenCredential failed.\r\nEnvironmentCredential is unavailable.')).toBe(
    'ChainedTokenCredential failed …',
  );
  expect(firstLine('one line.')).toBe('one line.');
});
