import { createReadStream } from 'node:fs';
import { columns, dim, green, inert, red, yellow } from '../../../shared/cli/style.ts';
import { CordonError, InvalidInput, messageOf } from '../../../shared/model/error.ts';
import type { Json } from '../../../shared/model/json.ts';
import {
  type Agreement,
  compare,
  type Difference,
  marks,
  noneYet,
  type Recorded,
  recordedArray,
  recordedLine,
} from '../../../shared/pattern/verdicts.ts';
import { type ExitCode, exit, print } from '../output.ts';

/** The lines of a stream. `node:readline` also breaks at U+2028, which JSON strings may hold as it is. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/** A file that begins with a bracket is one array; anything else is read line by line and never held as a whole. */
async function* recordedIn(chunks: AsyncIterable<string>): AsyncGenerator<Recorded> {
  let number = 0;
  let array: string[] | undefined;
  for await (const raw of linesOf(chunks)) {
    number++;
    const line = number === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (array === undefined && line.trim().startsWith('[')) array = Array<string>(number - 1).fill('');
    if (array !== undefined) array.push(line);
    else if (line.trim() !== '') yield recordedLine(line, number);
  }
  if (array !== undefined) yield* recordedArray(array.join('\n'));
}

async function* chunksOf(file: string): AsyncGenerator<string> {
  const stream = file === '-' ? process.stdin.setEncoding('utf8') : createReadStream(file, 'utf8');
  for await (const chunk of stream) yield String(chunk);
}

/** Holds a file of recorded verdicts against this engine; `-` is standard input. Throws `InvalidInput` with the line. */
export async function agreementWith(file: string): Promise<Agreement> {
  const agreement = noneYet();
  try {
    for await (const recorded of recordedIn(chunksOf(file))) compare(agreement, recorded);
  } catch (fault) {
    const place = { ...(fault instanceof CordonError ? fault.place : {}), file };
    const { code, remedy } =
      fault instanceof CordonError ? fault : { code: 'no-such-file', remedy: 'Name a readable file, or -.' };
    throw new InvalidInput({ code, message: messageOf(fault), place, cause: fault, ...(remedy && { remedy }) });
  }
  if (agreement.cases > 0) return agreement;
  throw new InvalidInput({ code: 'bad-verdict', message: 'the file holds no verdicts', place: { file } });
}

const widest = 400;

/** JSON on one line for people, cut where it is long. */
function short(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const rest = text.length - widest;
  return inert(rest > 0 ? `${text.slice(0, widest)}` : text) + (rest > 0 ? dim(` ... ${rest} more characters`) : '');
}

function differenceLines({ name, pattern, event, theirs, ours, reason }: Difference): string[] {
  const said = reason === undefined ? ours : `${ours}: ${reason}`;
  const rows = [
    ['pattern', short(pattern)],
    ...(event === undefined ? [] : [['event', short(event)]]),
    ['theirs', theirs],
    ['ours', yellow(short(said))],
  ];
  return [`  ${red('✗')} ${inert(name)}`, ...columns(rows, '      ')];
}

/** How a file came out, for people: the counts, what stands apart by its mark, and every difference. */
export function agreementLines(file: string, { cases, agreed, apart, differences }: Agreement): string[] {
  const marked = Object.entries(marks).map(([mark, why]) => {
    const found = apart.filter((one) => one.mark === mark);
    return { mark, why, found };
  });
  const sign = differences.length === 0 ? green('✓') : red('✗');
  const rest = [
    ...(apart.length > 0 ? [`${apart.length} set apart`] : []),
    differences.length === 0 ? 'no difference' : `${differences.length} differ`,
  ];
  return [
    `${sign} ${file}  ${agreed} of ${cases} agree, ${rest.join(', ')}`,
    ...marked.flatMap(({ mark, why, found }) =>
      found.length === 0
        ? []
        : [
            `  ${yellow('·')} ${found.length} ${mark}: ${dim(why)}`,
            ...found.map(({ name, theirs, ours }) => dim(`      ${inert(name)} (theirs: ${theirs}, ours: ${ours})`)),
          ],
    ),
    ...differences.flatMap(differenceLines),
  ];
}

/** Holds a file of recorded verdicts against this engine and prints where they agree and every difference. */
export async function patternCheck(file: string, { json }: { readonly json: boolean }): Promise<ExitCode> {
  const agreement = await agreementWith(file);
  print(json, { file, ...agreement }, () => agreementLines(file, agreement));
  return agreement.differences.length > 0 ? exit.failed : exit.done;
}
