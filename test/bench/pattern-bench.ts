import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '../../shared/pattern/compile.ts';
import { matching } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { generatedLoad, type Load } from './pattern-load.ts';
import { worstRows } from './pattern-worst.ts';

/** One figure. */
export type Row = { name: string; value: string; note?: string };

const sizes = [10, 100, 1_000, 10_000] as const;
const recorded = join(import.meta.dirname, '../../../shared/matching/bench');

async function loadOf(): Promise<Load> {
  if (!existsSync(recorded)) return generatedLoad(10_000, 400);
  const read = async (file: string) => (await readFile(join(recorded, file), 'utf8')).trim().split('\n');
  return { name: 'recorded', patterns: await read('rules.jsonl'), events: await read('events.jsonl') };
}

const entriesOf = ({ patterns }: Load, size: number) =>
  patterns.slice(0, size).map((text, id) => ({ id, pattern: parsePattern(JSON.parse(text)) }));

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Microseconds per event over one pass. */
function timed(events: readonly string[], work: (text: string) => unknown): number {
  const start = performance.now();
  for (const event of events) work(event);
  return ((performance.now() - start) * 1_000) / events.length;
}

/** Bare parsing and parsing with matching, pass by pass in turn, so that a busy machine disturbs both alike. */
function compared({ events }: Load, match: (text: string) => unknown) {
  const parse = (text: string): unknown => JSON.parse(text);
  const pairs = Array.from({ length: 60 }, () => [timed(events, parse), timed(events, match)] as const).slice(10);
  return {
    ratio: median(pairs.map(([bare, both]) => bare / both)),
    perSecond: 1e6 / median(pairs.map(([, both]) => both)),
    added: median(pairs.map(([bare, both]) => both - bare)),
  };
}

const thousands = (perSecond: number): string => `${(perSecond / 1_000).toFixed(1)} k/s`;

function ratioRow(load: Load, size: number, bar: number): Row {
  const matcher = compile(entriesOf(load, size));
  const { ratio, perSecond, added } = compared(load, (text) => matching(matcher, JSON.parse(text)));
  const note = `at least ${bar.toFixed(2)}; ${thousands(perSecond)}, matching adds ${added.toFixed(1)} µs (${load.name} load)`;
  return { name: `parse + match over JSON.parse, ${size} patterns`, value: ratio.toFixed(2), note };
}

/** Reads and compiles in this process, which has done nothing else; prints milliseconds. */
async function compileCold(size: number): Promise<void> {
  const load = await loadOf();
  const parsed = load.patterns.slice(0, size).map((text): unknown => JSON.parse(text));
  const start = performance.now();
  const entries = parsed.map((pattern, id) => ({ id, pattern: parsePattern(pattern) }));
  const checked = performance.now();
  compile(entries);
  console.log(`${checked - start} ${performance.now() - checked}`);
}

function coldRow(size: number): Row {
  const runs = Array.from({ length: 7 }, () =>
    execFileSync(process.execPath, [import.meta.filename, '--cold', String(size)], { encoding: 'utf8' })
      .split(' ')
      .map(Number),
  );
  const checking = median(runs.map(([first]) => first ?? Number.NaN));
  const value = `${median(runs.map(([, second]) => second ?? Number.NaN)).toFixed(1)} ms`;
  return {
    name: `compile ${size} patterns in a fresh process`,
    value,
    note: `at most 20 ms; checking them takes ${checking.toFixed(1)} ms more`,
  };
}

function warmRow(load: Load, size: number): Row {
  const entries = entriesOf(load, size);
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now();
    compile(entries);
    return performance.now() - start;
  });
  return { name: `compile ${size} patterns, warm`, value: `${median(runs).toFixed(1)} ms` };
}

/** Measures in this process, started with `--expose-gc`, the heap that patterns and their matcher keep; prints bytes for each. */
async function weigh(size: number): Promise<void> {
  const load = await loadOf();
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const entries = entriesOf(load, size);
  const checked = used();
  const matcher = compile(entries);
  const compiled = used();
  const bytes = (from: number, to: number) => Math.round((to - from) / size);
  console.log(`${bytes(before, checked)} ${bytes(checked, compiled)} ${matcher.plans.length}`);
}

function heapRow(size: number): Row {
  const args = ['--expose-gc', import.meta.filename, '--heap', String(size)];
  const [checked, compiled, plans] = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split(' ');
  const note = `and ${checked} B checked, with its source; ${plans} AND-maps`;
  return { name: `heap per pattern, ${size} patterns`, value: `${compiled} B`, note };
}

/** Ratios to bare `JSON.parse`, compile times and heap, on the recorded load where it is at hand, else on a generated one. */
export async function patternBench(): Promise<Row[]> {
  const load = await loadOf();
  const bars = [0.8, 0.65, 0.5, 0.3];
  return [
    ...sizes.map((size, at) => ratioRow(load, size, bars[at] ?? 0)),
    coldRow(1_000),
    warmRow(load, 1_000),
    warmRow(load, 10_000),
    heapRow(1_000),
    heapRow(10_000),
    ...worstRows(),
  ];
}

if (import.meta.main) {
  const [how = '', size = ''] = process.argv.slice(2);
  if (how === '--cold') await compileCold(Number(size));
  else if (how === '--heap') await weigh(Number(size));
  else
    for (const { name, value, note } of await patternBench())
      console.log(`${name}: ${value}${note ? ` (${note})` : ''}`);
}
