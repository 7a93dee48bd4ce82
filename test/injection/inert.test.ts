import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../../shared/action/action.ts';
import { allActions } from '../../functions/wire.ts';
import { planLines } from '../../shared/cli/show-plan.ts';
import { resultLines } from '../../shared/cli/show-run.ts';
import { normalise } from '../../shared/ingest/recognise.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { asJson, type Json } from '../../shared/model/json.ts';
import { render } from '../../shared/playbook/template.ts';
import { eventNames, readEvent } from '../support/events.ts';
import { at, hole, leaves, payloads, payloadsFor } from './payloads.ts';

const events = eventNames.map((name) => [name, readEvent(name)] as const);
const findingsIn = (event: Json): readonly Finding[] => {
  const { reading } = normalise(event);
  return reading.kind === 'findings' ? reading.findings : [];
};
type Path = readonly string[];
/** The places of a value that none before it has had, whatever their positions in lists: each kind of field once. */
function fresh(value: Json | Finding, seen: Set<string>, of = ''): readonly Path[] {
  const kind = (path: Path): string => [of, ...path.map((key) => (/^\d+$/.test(key) ? '0' : key))].join('.');
  return [...leaves(value)].filter((path) => !seen.has(kind(path)) && seen.add(kind(path)));
}
const known = new Set<string>();
const findings = events
  .flatMap(([name, event]) =>
    findingsIn(event).map(
      (finding) =>
        [name, finding, fresh(finding, known).filter((path) => path.every((key) => /^\w+$/.test(key)))] as const,
    ),
  )
  .filter(([, , paths]) => paths.length > 0);
const members = Object.getOwnPropertyNames(Object.prototype);

beforeAll(() => {
  expect(payloads.length).toBeGreaterThan(300);
});
afterAll(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(members);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('this process makes no code out of text and has no __proto__', () => {
  expect(() => Reflect.construct(Function, ['return 1'])).toThrow(EvalError);
  expect(members).not.toContain('__proto__');
});

describe.each(findings)('a finding of %s', (_, finding, paths) => {
  const written = (path: readonly string[]) =>
    ['finding', ...path].reduce(
      (all, key) => (/^\d+$/.test(key) ? `${all}[${key}]` : all === '' ? key : `${all}.${key}`),
      '',
    );

  test('every payload in every field fills a template to the letter, and nothing more', () => {
    for (const [place, path] of paths.entries()) {
      const whole = `\${${written(path)}}`;
      const { copy: scope, fill } = hole({ finding: asJson(finding) }, ['finding', ...path]);
      for (const payload of payloadsFor(place)) {
        fill(payload);
        if (render(whole, scope) !== payload) expect.fail(`${whole} with ${JSON.stringify(payload.slice(0, 80))}`);
        if (render(`<${whole}|${whole}>`, scope) !== `<${payload}|${payload}>`) expect.fail(`${whole} inside a text`);
      }
    }
  });
});

/** What an event was refused with; undefined where it was read. */
function problemOf(event: Json): string | undefined {
  const { reading } = normalise(event);
  if (reading.kind === 'malformed') return reading.problem;
  if (reading.kind === 'findings')
    for (const finding of reading.findings)
      if (Object.getPrototypeOf(finding) !== Object.prototype) expect.fail('a finding has a prototype of its own');
  return undefined;
}

const places = new Set<string>();
const told = events
  .map(([name, event]) => [name, event, fresh(event, places, name.split('/')[0])] as const)
  .filter(([, , paths]) => paths.length > 0);

describe.each(told)('an event of %s', (_, event, paths) => {
  test('payloads in every field are read, or refused with a problem, and never throw', () => {
    const problems = paths.flatMap((path, place) => {
      const { fill } = hole(event, path);
      return payloadsFor(place, 20).map((payload) => problemOf(fill(payload)));
    });
    expect(problems.filter((problem) => problem === '')).toEqual([]);
  });
});

const actions = await Promise.all(Object.values(allActions).map(({ load }) => load()));

/** What an action makes of one of its inputs. */
function kept(action: Action, input: Json, path: readonly string[]): unknown {
  try {
    return at(action.parse(input), path);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InvalidInput);
    return 'refused';
  }
}

describe.each(actions)('an input of $id', (action) => {
  const [example] = action.examples;
  const paths = [...leaves(example)];

  test('is refused, or kept to the letter', () => {
    for (const [place, path] of paths.entries()) {
      const good = String(at(example, path));
      const { copy, fill } = hole(asJson(example), path);
      for (const payload of payloadsFor(place))
        for (const value of [payload, `${good}${payload}`, `${payload}${good}`]) {
          fill(value);
          const found = kept(action, copy, path);
          if (found !== value && found !== 'refused')
            expect.fail(`${path.join('.')} with ${JSON.stringify(value.slice(0, 80))} is ${JSON.stringify(found)}`);
        }
    }
  });
});

const controls = /[\p{Cc}\p{Cf}]/gu;
/** Control characters other than the ends of lines, by count: our own colours, and whatever got through. */
const steering = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + (line.match(controls)?.length ?? 0), 0);

describe('what a terminal is given', () => {
  const plan = (text: string) => ({
    playbook: text,
    playbookHash: 'h',
    finding: text,
    target: text,
    digest: 'd'.repeat(64),
    steps: [
      {
        id: 'one',
        action: text,
        actionHash: 'h',
        title: text,
        input: { name: text },
        account: text,
        region: text,
        changes: [
          { resource: text, from: { [text]: text }, to: [text], through: { value: text, seconds: 5, means: text } },
          { resource: text, from: null, to: text },
        ],
        decision: 'ask' as const,
        reason: 'approval-asked' as const,
        detail: text,
        cautions: [text],
      },
    ],
  });
  const result = (text: string) => ({
    outcome: 'failed' as const,
    reason: 'action-failed' as const,
    detail: text,
    steps: [
      { id: text, action: text, outcome: 'failed' as const, reason: 'action-failed' as const, detail: text, moved: [] },
    ],
  });

  test('shows a plan whose every text is a payload without obeying it', () => {
    const calm = steering(planLines(plan('calm')));
    for (const payload of payloads.filter(({ length }) => length < 2_000))
      expect(steering(planLines(plan(payload))), JSON.stringify(payload)).toBe(calm);
  });

  test('shows a result whose every text is a payload without obeying it', () => {
    const calm = steering(resultLines(result('calm')));
    for (const payload of payloads.filter(({ length }) => length < 2_000))
      expect(steering(resultLines(result(payload))), JSON.stringify(payload)).toBe(calm);
  });
});
