import { CordonError } from '../model/error.ts';
import type { Json } from '../model/json.ts';
import { boundaries, departures } from '../pattern/departures.ts';
import { parsePatternText } from '../pattern/parse.ts';
import { type Meaning, operatorMeanings, refusedPatterns, ruleMeanings } from '../pattern/semantics.ts';
import type { Generated } from './generated.ts';
import { page, table } from './reference.ts';

/** Code in a table: backslashes and bars as they are. */
const code = (text: string): string => `\`\`${text.includes('`') ? ` ${text} ` : text}\`\``;
const shown = (value: Json): string => code(typeof value === 'string' ? value : JSON.stringify(value));
const yesOrNo = (matches: boolean): string => (matches ? 'matches' : 'does not match');

const meaningLines = ([name, { meaning, examples }]: readonly [string, Meaning]): string[] => [
  `### ${name}`,
  '',
  meaning,
  '',
  ...table(
    ['pattern', 'event', ''],
    examples.map(([pattern, event, matches]) => [shown(pattern), shown(event), yesOrNo(matches)]),
  ),
  '',
];

/** The reason and the way out, as the reader of patterns gives them. */
function refusal(text: string): readonly string[] {
  try {
    parsePatternText(text);
  } catch (thrown) {
    if (thrown instanceof CordonError) return [shown(text), thrown.message, thrown.remedy ?? ''];
    throw thrown;
  }
  throw new TypeError(`this pattern is not refused: ${text}`);
}

/** The pattern language: what each operator means, what is refused, and where this engine departs from the reference engine. */
export const patternReference = (): Generated =>
  page('patterns.md', [
    '# Patterns',
    '',
    'Triggers, `targets`, `when`, approvals and protections are event patterns, the language of Amazon EventBridge',
    '(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html). A trigger sees `{ finding, event }`,',
    '`targets` one resource of the finding, and the patterns inside a run `{ finding, target, steps }`. Every example below is run by a test.',
    '',
    '## Operators',
    '',
    ...Object.entries(operatorMeanings).flatMap(meaningLines),
    '## How they go together',
    '',
    ...Object.entries(ruleMeanings).flatMap(meaningLines),
    '## What is refused',
    '',
    'A pattern that cannot mean what it says is an error with its place, never a trigger that silently stays quiet.',
    '',
    ...table(['pattern', 'reason', 'instead'], refusedPatterns.map(refusal)),
    '',
    '## Limits',
    '',
    ...boundaries.map((boundary) => `- ${boundary}`),
    '',
    '## Accidents of the reference engine',
    '',
    'Event Ruler, the engine behind EventBridge, sometimes answers otherwise than its documentation says. That is not copied:',
    'here the documented answer is given. `varies` means that the same pattern gets different answers.',
    '',
    ...table(
      ['accident', 'pattern', 'event', 'Event Ruler', 'documented, and given here', 'why'],
      departures.map(({ name, pattern, event, reference, ours, why }) => [
        name,
        shown(pattern),
        event === undefined ? '' : shown(event),
        reference,
        ours,
        why,
      ]),
    ),
  ]);
