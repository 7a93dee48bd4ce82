import type { Json } from '../../shared/model/json.ts';
import { compile } from '../../shared/pattern/compile.ts';
import { matching } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { parallelArrays } from '../support/parallel-arrays.ts';
import type { Row } from './pattern-bench.ts';

const least = (numbers: readonly number[]): number => Math.min(...numbers);

/** Milliseconds of the quickest of several turns: what a busy machine disturbs least. */
function quickest(work: () => unknown): number {
  const turns = Array.from({ length: 7 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return least(turns.slice(2));
}

/** What one pattern makes of one event, or the name of the refusal. */
function asked(pattern: Json, event: Json): () => unknown {
  const matcher = compile([{ id: 0, pattern: parsePattern(pattern) }]);
  return () => {
    try {
      return matching(matcher, event);
    } catch (fault) {
      return fault; // refused as too complex: that is an answer too, and it has a time
    }
  };
}

const times = [1, 2, 4, 8] as const;

/** How the time grows with the event: 1.0 2.0 4.0 8.0 is linear. */
function growth(name: string, pattern: Json, eventOf: (times: number) => Json): Row {
  const took = times.map((each) => quickest(asked(pattern, eventOf(each))));
  const ratios = took.map((milliseconds) => (milliseconds / (took[0] ?? Number.NaN)).toFixed(1));
  return {
    name,
    value: ratios.join(' '),
    note: `linear is 1 2 4 8; ${(took.at(-1) ?? 0).toFixed(1)} ms at the longest`,
  };
}

const wildcard = (shape: string, piece: string): Row => {
  const text = shape.length > 24 ? `${shape.slice(0, 24)}...` : shape;
  const pattern = { a: [{ wildcard: shape }] };
  return growth(`wildcard ${text} over ${piece}${piece}...`, pattern, (each) => ({
    a: piece.repeat((32_768 * each) / piece.length),
  }));
};

const names = Array.from({ length: 10 }, (_, at) => `f${at}`);
/** Elements in each of which one field fails. */
const nearMisses = (count: number): Json =>
  Array.from({ length: count }, (_, at) =>
    Object.fromEntries(names.map((name, n) => [name, n === at % names.length ? '0' : '1'])),
  );
const allFields: Json = Object.fromEntries(names.map((name) => [name, ['1']]));

/** The time of one bad pattern and event in milliseconds. */
const once = (name: string, pattern: Json, event: Json): Row => ({
  name,
  value: `${quickest(asked(pattern, event)).toFixed(0)} ms`,
});

const { pattern, event } = parallelArrays();

/** Growth with the length of the event, and the worst that could be made up. */
export const worstRows = (): Row[] => [
  wildcard(`${'a*'.repeat(20)}c*`, 'a'),
  wildcard(`*${'a'.repeat(200)}b*`, 'a'),
  wildcard(`${'*ab'.repeat(50)}*c*`, 'ab'),
  wildcard(`*${'ab'.repeat(100)}aa*`, 'ab'),
  growth('ten fields of one array element, none complete', { d: allFields }, (each) => ({
    d: nearMisses(1_000 * each),
  })),
  growth('arrays nested in arrays', { d: { k: ['1'], v: ['2'] } }, (each) => {
    let nested: Json = [{ k: '1' }, { v: '2' }];
    for (let level = 0; level < 5_000 * each; level++) nested = [nested];
    return { d: nested };
  }),
  once('a megabyte of near misses', { d: allFields }, { d: nearMisses(10_000) }),
  once(
    'a thousand wildcards over 256 KB',
    { a: Array.from({ length: 1_000 }, (_, at) => ({ wildcard: `*x${at}*` })) },
    { a: 'a'.repeat(262_144) },
  ),
  once('parallel arrays behind dotted keys, refused', pattern, event),
];
