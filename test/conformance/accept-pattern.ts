import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput, messageOf } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import { matches } from '../../shared/pattern/match.ts';
import { parsePattern, parsePatternText } from '../../shared/pattern/parse.ts';

type Case = {
  readonly name: string;
  readonly pattern: Json;
  readonly event: Json;
  readonly matches: boolean;
  /** The case turns on the text of a number or on a repeated key, which parsed JSON no longer has. */
  readonly textual?: boolean;
  /** An accident of Event Ruler; `accidents.json` says what its documentation wants. */
  readonly quirk?: string;
};
type Validity = { readonly name: string; readonly pattern: string; readonly valid: boolean };
type Fuzz = { readonly p: Json; readonly e?: Json; readonly m?: boolean; readonly quirk?: string };
type Accident = { readonly name: string; readonly pattern: Json; readonly event: Json; readonly documented: boolean };

/** How one file came out. */
type Tally = { readonly file: string; agreed: number; explained: number; readonly differences: string[] };

const tally = (file: string): Tally => ({ file, agreed: 0, explained: 0, differences: [] });

/** The verdict, "refused", or what was thrown. */
function verdictOf(pattern: Json, event: Json | undefined): string {
  try {
    const parsed = parsePattern(pattern);
    return event === undefined ? 'accepted' : String(matches(parsed, event));
  } catch (fault) {
    return fault instanceof InvalidInput && fault.code === 'invalid-pattern' ? 'refused' : messageOf(fault);
  }
}

function note(counts: Tally, agrees: boolean, explanation: string | undefined, difference: string): void {
  if (agrees) counts.agreed++;
  else if (explanation !== undefined) counts.explained++;
  else counts.differences.push(difference);
}

function conformance(text: string): Tally {
  const counts = tally('conformance.json');
  // The file writes the number 1e400 as the bare word that Python prints for it.
  const cases: readonly Case[] = JSON.parse(text.replace(/(?<=[:[,]\s*)Infinity/g, '1e400'));
  for (const { name, pattern, event, matches: expected, textual, quirk } of cases) {
    const verdict = verdictOf(pattern, event);
    const explanation = textual ? 'textual' : quirk;
    note(counts, verdict === String(expected), explanation, `${name}: ${verdict} instead of ${expected}`);
  }
  return counts;
}

function validity(text: string): Tally {
  const counts = tally('validity.json');
  const cases: readonly Validity[] = JSON.parse(text);
  for (const { name, pattern, valid } of cases) {
    let reason = '';
    try {
      parsePatternText(pattern);
    } catch (fault) {
      reason = messageOf(fault);
    }
    const said = reason === '' ? 'accepted' : `refused (${reason})`;
    note(counts, (reason === '') === valid, undefined, `${name}: ${said}: ${pattern}`);
  }
  return counts;
}

function fuzz(text: string): Tally {
  const counts = tally('fuzz.jsonl');
  for (const line of text.split('\n').filter(Boolean)) {
    const { p, e, m, quirk }: Fuzz = JSON.parse(line);
    const expected = m === undefined ? 'refused' : String(m);
    const verdict = verdictOf(p, m === undefined ? undefined : e);
    note(counts, verdict === expected, quirk, `${verdict} instead of ${expected}: ${line}`);
  }
  return counts;
}

function accidents(text: string): Tally {
  const counts = tally('accidents.json');
  const cases: readonly Accident[] = JSON.parse(text);
  for (const { name, pattern, event, documented } of cases) {
    const verdict = verdictOf(pattern, event);
    note(counts, verdict === String(documented), undefined, `${name}: ${verdict} instead of ${documented}`);
  }
  return counts;
}

function report({ file, agreed, explained, differences }: Tally): readonly string[] {
  const all = agreed + explained + differences.length;
  const rest = explained === 0 ? '' : `, ${explained} differ with a known reason (textual, or a quirk not copied)`;
  return [
    `${file}: ${agreed} of ${all} agree${rest}, ${differences.length} unexplained`,
    ...differences.map((difference) => `  ${difference}`),
  ];
}

/** Holds the pattern language against Event Ruler's recorded verdicts under `<sharedDir>/matching`. */
export async function acceptPattern(sharedDir: string): Promise<{ lines: string[]; failed: boolean }> {
  const read = (file: string) => readFile(join(sharedDir, 'matching', file), 'utf8');
  const tallies = [
    conformance(await read('conformance.json')),
    validity(await read('validity.json')),
    fuzz(await read('fuzz.jsonl')),
    accidents(await read('accidents.json')),
  ];
  return {
    lines: tallies.flatMap((counts) => report(counts)),
    failed: tallies.some(({ differences }) => differences.length > 0),
  };
}

if (import.meta.main) {
  const { lines, failed } = await acceptPattern(process.argv[2] ?? join(import.meta.dirname, '../../../shared'));
  console.log(lines.join('\n'));
  process.exitCode = failed ? 1 : 0;
}
