import { describe, expect, test } from 'vitest';
import { Duration, later, secondsOf } from '../../shared/model/duration.ts';
import { CordonError, InvalidInput, messageOf, ProviderError } from '../../shared/model/error.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { Outcome, outcomes } from '../../shared/model/outcome.ts';
import { Plan, planDigest, type StepPlan, stricter } from '../../shared/model/plan.ts';

describe('durations', () => {
  test.each([
    ['90s', 90],
    ['30m', 1_800],
    ['24h', 86_400],
    ['7d', 604_800],
    ['1s', 1],
  ])('%s are %i seconds', (text, seconds) => {
    expect(Duration.safeParse(text).success).toBe(true);
    expect(secondsOf(text)).toBe(seconds);
  });

  test.each(['', '0s', '01m', '1', '1w', '-1h', '1.5h', '1h30m', ' 1h', '1h\n', '9999999d'])('%j is none', (text) =>
    expect(Duration.safeParse(text).success).toBe(false),
  );

  test('an instant moves over midnight and a leap day', () => {
    expect(later('2028-02-28T23:59:59.500Z', 1)).toBe('2028-02-29T00:00:00.500Z');
    expect(later('2026-01-01T00:00:00.000Z', -1)).toBe('2025-12-31T23:59:59.000Z');
  });
});

describe('did you mean', () => {
  test.each([
    ['approv', 'Did you mean approve?'],
    ['WHEN', 'Did you mean when?'],
    ['zzzzzzzzzz', 'Known are approve, when.'],
  ])('%s', (word, answer) => expect(nearest(word, ['approve', 'when'])).toBe(answer));

  test('says when nothing is known, and lists a dozen at most', () => {
    expect(nearest('a', [])).toBe('None are known.');
    const many = Array.from({ length: 30 }, (_, at) => `name-number-${at}-of-many`);
    expect(nearest('q', many)).toMatch(/^Known are (name-number-\d+-of-many, ){12}…\.$/);
  });

  test('a word of a megabyte is no reason to be slow', () => {
    expect(nearest('x'.repeat(1_000_000), ['approve'])).toContain('Known are');
  });
});

describe('errors', () => {
  test('are one line: place, message, way out', () => {
    const place = { file: 'a.yaml', line: 3, column: 7, path: 'steps.0' };
    const error = new InvalidInput({ code: 'bad', message: 'unknown key x.', remedy: 'Did you mean y?', place });
    expect(error.describe()).toBe('a.yaml:3:7 at steps.0: unknown key x. Did you mean y?');
    expect(error.name).toBe('InvalidInput');
    expect(error).toBeInstanceOf(CordonError);
    expect(error.retryable).toBe(false);
  });

  test.each([
    [{ file: 'a.yaml' }, 'a.yaml: m'],
    [{ file: 'a.yaml', line: 3 }, 'a.yaml:3:1: m'],
    [{ path: 'with.port' }, 'at with.port: m'],
    [undefined, 'm'],
  ])('%j leads', (place, text) => {
    expect(new CordonError({ code: 'c', message: 'm', ...(place && { place }) }).describe()).toBe(text);
  });

  test('keep their cause and say whether an effect is possible', () => {
    const cause = new Error('inside');
    const error = new ProviderError({
      code: 'no-answer',
      message: 'm',
      status: 0,
      indeterminate: true,
      retryable: true,
      cause,
    });
    expect([error.cause, error.indeterminate, error.retryable]).toEqual([cause, true, true]);
    expect([messageOf(cause), messageOf('text'), messageOf(undefined)]).toEqual(['inside', 'text', 'undefined']);
  });
});

test('every outcome is a word with a sentence', () => {
  for (const [word, sentence] of Object.entries(outcomes)) {
    expect(Outcome.parse(word)).toBe(word);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});

describe('the digest of a plan', () => {
  const step: StepPlan = {
    id: 'close',
    action: 'aws.a.b-c',
    actionHash: 'h',
    title: 'T',
    input: { port: 22 },
    account: '111122223333',
    region: 'eu-west-1',
    changes: [{ resource: 'r', from: null, to: { a: 1 } }],
    decision: 'allow',
    reason: 'allowed',
    cautions: [],
  };
  const plan: Plan = Plan.parse({
    playbook: 'p',
    playbookHash: 'x',
    finding: 'f',
    target: 't',
    steps: [step],
    digest: 'd',
  });

  test.each<[string, Plan]>([
    ['another finding', { ...plan, finding: 'g' }],
    ['another decision', { ...plan, steps: [{ ...step, decision: 'deny', reason: 'kill-switch', detail: 'd' }] }],
    ['other cautions and title', { ...plan, steps: [{ ...step, cautions: ['c'], title: 'U' }] }],
    [
      'another order of members',
      { ...plan, steps: [{ ...step, changes: [{ to: { a: 1 }, from: null, resource: 'r' }] }] },
    ],
  ])('does not see %s', (_, other) => expect(planDigest(other)).toBe(planDigest(plan)));

  const through = { value: { a: 0 }, seconds: 5, means: 'open' };
  test.each<[string, Plan]>([
    ['another playbook', { ...plan, playbookHash: 'y' }],
    ['another target', { ...plan, target: 'u' }],
    ['another action', { ...plan, steps: [{ ...step, actionHash: 'i' }] }],
    ['another input', { ...plan, steps: [{ ...step, input: { port: 23 } }] }],
    ['another account', { ...plan, steps: [{ ...step, account: '444455556666' }] }],
    ['another wanted value', { ...plan, steps: [{ ...step, changes: [{ resource: 'r', from: null, to: { a: 2 } }] }] }],
    ['a passage', { ...plan, steps: [{ ...step, changes: [{ resource: 'r', from: null, to: { a: 1 }, through }] }] }],
    ['another order of steps', { ...plan, steps: [step, { ...step, id: 'b' }].reverse() }],
  ])('sees %s', (_, other) => expect(planDigest(other)).not.toBe(planDigest(plan)));
});

test('the stricter of two decisions wins, the first of two equals', () => {
  const of = (decision: 'allow' | 'ask' | 'deny', reason: 'allowed' | 'approval-asked') =>
    ({ decision, reason }) as const;
  const ask = of('ask', 'approval-asked');
  expect(stricter(of('allow', 'allowed'), ask)).toBe(ask);
  expect(stricter(of('deny', 'allowed'), ask).decision).toBe('deny');
  expect(stricter(ask, of('ask', 'allowed'))).toBe(ask);
});
