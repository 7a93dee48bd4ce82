/** A token of Bicep; `text` holds the parts between its interpolations, `inner` the tokens of each. */
export type Token = {
  readonly kind: 'word' | 'number' | 'text' | 'sign' | 'line' | 'end';
  readonly value: string;
  readonly line: number;
  readonly parts?: readonly string[];
  readonly inner?: readonly (readonly Token[])[];
};

const escapes: Readonly<Record<string, string>> = { "'": "'", '\\': '\\', n: '\n', r: '\r', t: '\t', $: '$' };
/** Longest first. */
const signs = ['=>', '==', '!=', '>=', '<=', '&&', '||', ...'{}[]()=:?,.@!<>+-*/%'];

/** A piece of text and how far it has been read. */
type Reader = { readonly source: string; at: number; line: number };

const fault = ({ line }: Reader, problem: string): Error => new SyntaxError(`line ${line}: ${problem}`);

/** The character that stands behind a backslash. */
function readEscape(reader: Reader): string {
  const char = reader.source[reader.at] ?? '';
  const escaped = escapes[char];
  if (escaped === undefined) throw fault(reader, `\\${char} is no escape`);
  reader.at += 1;
  return escaped;
}

/** A text between single quotes (learn.microsoft.com/azure/azure-resource-manager/bicep/data-types, strings). */
function readText(reader: Reader): Token {
  const { line, source } = reader;
  const parts = [''];
  const inner: (readonly Token[])[] = [];
  for (reader.at += 1; source[reader.at] !== "'"; ) {
    const char = source[reader.at];
    if (char === undefined || char === '\n') throw fault(reader, 'a text does not end');
    if (source.startsWith('${', reader.at)) {
      reader.at += 2;
      inner.push(readTokens(reader, '}'));
      parts.push('');
      continue;
    }
    reader.at += 1;
    parts.push((parts.pop() ?? '') + (char === '\\' ? readEscape(reader) : char));
  }
  reader.at += 1;
  return { kind: 'text', value: parts.join('\u0000'), line, parts, inner };
}

/** What is between tokens: blanks and comments. */
function skip(reader: Reader): void {
  const blank = /(?:[ \t\r]+|\/\/[^\n]*|\/\*.*?\*\/)*/sy;
  blank.lastIndex = reader.at;
  const [gone = ''] = blank.exec(reader.source) ?? [];
  reader.at += gone.length;
  reader.line += gone.split('\n').length - 1;
}

function readToken(reader: Reader): Token {
  const { source, line, at } = reader;
  const char = source[at];
  if (char === undefined) return { kind: 'end', value: '', line };
  if (char === '\n') {
    reader.at += 1;
    reader.line += 1;
    return { kind: 'line', value: '\n', line };
  }
  if (source.startsWith("'''", at)) throw fault(reader, 'texts of several lines are not used here');
  if (char === "'") return readText(reader);
  const plain = /[A-Za-z_]\w*|\d+/y;
  plain.lastIndex = at;
  const [found] = plain.exec(source) ?? [];
  const value = found ?? signs.find((sign) => source.startsWith(sign, at));
  if (value === undefined) throw fault(reader, `${JSON.stringify(char)} is not known`);
  reader.at += value.length;
  return { kind: found === undefined ? 'sign' : /^\d/.test(found) ? 'number' : 'word', value, line };
}

/** Tokens up to the closing sign, braces inside balanced. */
function readTokens(reader: Reader, close: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (;;) {
    skip(reader);
    const token = readToken(reader);
    if (token.kind === 'end') {
      if (close !== '') throw fault(reader, `${close} is missing`);
      return [...tokens, token];
    }
    if (token.kind === 'sign' && token.value === close && depth === 0)
      return [...tokens, { kind: 'end', value: '', line: token.line }];
    if (token.kind === 'sign' && token.value === '{') depth += 1;
    if (token.kind === 'sign' && token.value === '}') depth -= 1;
    tokens.push(token);
  }
}

/** The tokens of a Bicep file. Throws `SyntaxError` with the line for what it does not know. */
export const bicepTokens = (source: string): readonly Token[] => readTokens({ source, at: 0, line: 1 }, '');
