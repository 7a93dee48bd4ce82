import { beforeAll, describe, expect, it } from 'vitest';
import {
  awsStacks,
  type FunctionName,
  functionIn,
  functionNames,
  roleIn,
  type Stacks,
  stages,
  variablesIn,
} from '../support/aws-stages.ts';
import { callsIn, variablesNamedIn } from '../support/bundle-calls.ts';
import { neverCalled, rightsFor, rightsOfLambda } from '../support/function-rights.ts';
import { type Built, builtOnce } from '../support/made-once.ts';
import { mayDo, unused, unusedKeys } from '../support/stack-rights.ts';

const all: { stacks: Stacks; made: Built['made'] | undefined } = {
  stacks: { staging: {}, production: {}, forwarding: {} },
  made: undefined,
};
beforeAll(async () => {
  const [stacks, { made }] = await Promise.all([awsStacks(), builtOnce()]);
  Object.assign(all, { stacks, made });
}, 300_000);

const bundleOf = (name: FunctionName) => all.made?.[name] ?? { main: '', files: [] };
const carried = (name: FunctionName): readonly string[] => [...callsIn(bundleOf(name))].toSorted();

describe.each(functionNames)('the bundle of %s', (name) => {
  it('calls nothing in AWS of which it is not said what rights it takes', () => {
    expect(carried(name).length).toBeGreaterThan(8);
    expect(carried(name).filter((call) => !Object.hasOwn(rightsFor, call))).toEqual([]);
    expect(Object.keys(neverCalled[name]).filter((call) => !carried(name).includes(call))).toEqual([]);
  });

  it.each(stages)('has in %s the rights to all that it calls, and to nothing else', (stage) => {
    const calls = carried(name).filter((call) => !Object.hasOwn(neverCalled[name], call));
    const uses = [
      ...rightsOfLambda({ stage, name }),
      ...calls.flatMap((call) => rightsFor[call]?.({ stage, name }) ?? []),
    ];
    const role = roleIn(all.stacks[stage], stage, name);
    expect(uses.filter((use) => !mayDo(role, use))).toEqual([]);
    expect(unused(role, uses)).toEqual([]);
    expect(unusedKeys(role, uses)).toEqual([]);
  });

  it.each(stages)('finds in %s every variable that it names', (stage) => {
    const set = Object.keys(variablesIn(functionIn(all.stacks[stage], stage, name)));
    const named = [...variablesNamedIn(bundleOf(name))];
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((variable) => !set.includes(variable))).toEqual([]);
  });
});

it.each(stages)('in %s no variable of Cordon is set that no bundle names', (stage) => {
  const named = new Set(functionNames.flatMap((name) => [...variablesNamedIn(bundleOf(name))]));
  for (const name of functionNames) {
    const set = Object.keys(variablesIn(functionIn(all.stacks[stage], stage, name)));
    expect(set.filter((variable) => variable.startsWith('CORDON_') && !named.has(variable))).toEqual([]);
  }
});

it('rights are said of no operation that no bundle calls', () => {
  const called = new Set(functionNames.flatMap(carried));
  expect(Object.keys(rightsFor).filter((call) => !called.has(call))).toEqual([]);
});
