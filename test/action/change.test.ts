import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../shared/action/action.ts';
import { carryOut, changesOf, inverse, isContained, standing, verify } from '../../shared/action/change.ts';
import { ForeignEdit } from '../../shared/action/foreign-edit.ts';
import type { Json } from '../../shared/model/json.ts';
import { type Model, modelOf, toyAction, toyStep } from '../support/toy-action.ts';

const action = toyAction();
const sessions = (model: Model) => ({ reader: model, writer: model });
const planned = (model: Model, wanted: Record<string, Json>) =>
  changesOf(action, { wanted }, { ...model.state }, action.plan({ wanted }, { ...model.state }, toyStep()));

const resource = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const value = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom('x', 'y'),
  fc.record({ list: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }) }),
);
const states = fc.dictionary(resource, value as fc.Arbitrary<Json>, { maxKeys: 5 });
const wishes = fc.dictionary(resource, fc.option(value as fc.Arbitrary<Json>, { nil: null }), { maxKeys: 5 });

describe('the lines of a plan', () => {
  test('are where what is wanted differs from what is there', () => {
    const model = modelOf({ same: { b: 1, a: 2 }, other: 1, gone: 3 });
    expect(planned(model, { same: { a: 2, b: 1 }, other: 2, gone: null, fresh: 4, never: null })).toEqual([
      { resource: 'other', from: 1, to: 2 },
      { resource: 'gone', from: 3, to: null },
      { resource: 'fresh', from: null, to: 4 },
    ]);
  });

  test('carry the value they pass through', () => {
    const through = { value: 'detached', seconds: 5, means: 'no group for a moment' };
    const passing = toyAction({ passage: (_, { to }) => (to === 2 ? through : undefined) });
    expect(changesOf(passing, { wanted: {} }, { a: 1 }, { a: 2, b: 3 })).toEqual([
      { resource: 'a', from: 1, to: 2, through },
      { resource: 'b', from: null, to: 3 },
    ]);
  });

  test('are exchanged and reversed to go back; going back twice is going there', () => {
    const plan: Change[] = [
      { resource: 'a', from: 1, to: 2, through: { value: 0, seconds: 1, means: 'm' } },
      { resource: 'b', from: null, to: 3 },
    ];
    expect(inverse(plan)).toEqual([
      { resource: 'b', from: 3, to: null },
      { resource: 'a', from: 2, to: 1 },
    ]);
    expect(inverse(inverse(plan))).toEqual(plan.map(({ resource: name, from, to }) => ({ resource: name, from, to })));
  });
});

describe('where a change stands', () => {
  const through = { value: 'through', seconds: 1, means: 'm' };
  test.each<[Json, Json, Json, boolean, readonly Json[], string]>([
    ['before', 'after', 'after', false, [], 'done'],
    ['before', 'after', 'before', false, [], 'open'],
    ['before', 'after', 'other', false, [], 'moved'],
    ['before', 'after', null, false, [], 'moved'],
    [null, 'after', null, false, [], 'open'],
    ['before', null, null, false, [], 'done'],
    [null, null, null, false, [], 'done'],
    ['before', 'after', 'half', false, ['half'], 'open'],
    ['before', 'after', 'half', false, [], 'moved'],
    ['before', 'after', 'through', true, [], 'open'],
    ['before', 'after', 'through', false, [], 'moved'],
    ['before', 'half', 'half', false, ['half'], 'done'],
    [{ a: 1, b: [2] }, 'after', { b: [2], a: 1 }, false, [], 'open'],
    [{ b: [2, 3] }, 'after', { b: [3, 2] }, false, [], 'moved'],
  ])('from %j to %j, found %j (through %s, halfway %j): %s', (from, to, now, passes, halfway, wanted) => {
    const change: Change = { resource: 'r', from, to, ...(passes && { through }) };
    expect(standing(change, now, halfway)).toBe(wanted);
  });
});

describe('carrying out', () => {
  const plan: Change[] = [
    { resource: 'a', from: 1, to: 2 },
    { resource: 'b', from: 1, to: 2 },
    { resource: 'c', from: 1, to: 2 },
  ];

  test('makes what is open, skips what is done, reports what somebody moved, and touches nothing else', async () => {
    const model = modelOf({ a: 1, b: 2, c: 'foreign', d: 1 });
    const carried = await carryOut(action, sessions(model), { wanted: {} }, plan, toyStep());
    expect(model.writes).toEqual([{ resource: 'a', to: 2 }]);
    expect(carried.applied.map((change) => change.resource)).toEqual(['a']);
    expect(carried.moved.map((change) => change.resource)).toEqual(['c']);
    expect(model.state).toEqual({ a: 2, b: 2, c: 'foreign', d: 1 });
  });

  test('leaves to others what stands in their hands, names it, and makes the rest', async () => {
    const inUse = toyAction({
      async apply(model, { resource, to }) {
        if (resource === 'a') throw new ForeignEdit('a is used by somebody');
        model.state[resource] = to;
      },
    });
    const model = modelOf({ a: 1, b: 1, c: 'foreign' });
    const { moved, applied } = await carryOut(inUse, sessions(model), { wanted: {} }, plan, toyStep());
    expect(moved.map((change) => change.resource)).toEqual(['c', 'a']);
    expect(applied.map((change) => change.resource)).toEqual(['b']);
    expect(model.state).toEqual({ a: 1, b: 2, c: 'foreign' });
  });

  test('goes on from a value that only we leave', async () => {
    const halfway = toyAction({}, { halfway: ['half'] });
    const model = modelOf({ a: 'half', b: 'half', c: 'half' });
    await carryOut(halfway, sessions(model), { wanted: {} }, plan, toyStep());
    expect(model.state).toEqual({ a: 2, b: 2, c: 2 });
  });

  test('stops between two changes when told to', async () => {
    const stop = new AbortController();
    const stopping = toyAction({
      async apply(model, { resource: name, to }) {
        model.writes.push({ resource: name, to });
        stop.abort(new Error('enough'));
      },
    });
    const model = modelOf({ a: 1, b: 1, c: 1 });
    await expect(carryOut(stopping, sessions(model), { wanted: {} }, plan, toyStep(stop.signal))).rejects.toThrow(
      'enough',
    );
    expect(model.writes).toEqual([{ resource: 'a', to: 2 }]);
  });

  test('makes neighbours of one stage side by side, and those after them only when all have come back', async () => {
    const order: string[] = [];
    const staged = toyAction({
      stage: ({ resource }) => (resource === 'c' ? 'last' : 'first'),
      async apply(_, { resource }) {
        order.push(`${resource} begins`);
        await Promise.resolve();
        order.push(`${resource} ends`);
      },
    });
    await carryOut(staged, sessions(modelOf({ a: 1, b: 1, c: 1 })), { wanted: {} }, plan, toyStep());
    expect(order).toEqual(['a begins', 'b begins', 'a ends', 'b ends', 'c begins', 'c ends']);
  });

  test('lets the neighbours of a change that fails come back before it says so, and makes none after them', async () => {
    const staged = toyAction({
      stage: ({ resource }) => (resource === 'c' ? 'last' : 'first'),
      async apply(model, { resource, to }) {
        if (resource === 'a') throw new Error('refused');
        await Promise.resolve();
        model.state[resource] = to;
      },
    });
    const model = modelOf({ a: 1, b: 1, c: 1 });
    await expect(carryOut(staged, sessions(model), { wanted: {} }, plan, toyStep())).rejects.toThrow('refused');
    expect(model.state).toEqual({ a: 1, b: 2, c: 1 });
  });

  test('believes a look made a moment ago', async () => {
    const model = modelOf({ a: 2, b: 2, c: 2 });
    const blind = toyAction({ capture: () => Promise.reject(new Error('looked')) });
    const carried = await carryOut(blind, sessions(model), { wanted: {} }, plan, toyStep(), { a: 2, b: 2, c: 1 });
    expect(carried.applied.map((change) => change.resource)).toEqual(['c']);
  });

  test('twice is the same as once', () =>
    fc.assert(
      fc.asyncProperty(states, wishes, async (state, wanted) => {
        const model = modelOf(state);
        const changes = planned(model, wanted);
        await carryOut(action, sessions(model), { wanted }, changes, toyStep());
        const once = { state: structuredClone(model.state), writes: model.writes.length };
        const again = await carryOut(action, sessions(model), { wanted }, changes, toyStep());
        expect({ state: model.state, writes: model.writes.length }).toEqual(once);
        expect(again).toEqual({ moved: [], applied: [] });
      }),
    ));

  test('and then the inverse gives back any state', () =>
    fc.assert(
      fc.asyncProperty(states, wishes, async (state, wanted) => {
        const model = modelOf(state);
        const changes = planned(model, wanted);
        await carryOut(action, sessions(model), { wanted }, changes, toyStep());
        await carryOut(action, sessions(model), { wanted }, inverse(changes), toyStep());
        expect(model.state).toEqual(state);
      }),
    ));

  test('never overwrites an edit of somebody else, there or back', () =>
    fc.assert(
      fc.asyncProperty(
        states,
        wishes,
        fc.dictionary(resource, fc.constant('foreign'), { maxKeys: 3 }),
        fc.boolean(),
        async (state, wanted, edits, back) => {
          const model = modelOf(state);
          const changes = planned(model, wanted);
          if (back) await carryOut(action, sessions(model), { wanted }, changes, toyStep());
          Object.assign(model.state, edits);
          const { moved } = await carryOut(
            action,
            sessions(model),
            { wanted },
            back ? inverse(changes) : changes,
            toyStep(),
          );
          for (const name of Object.keys(edits)) expect(model.state[name]).toBe('foreign');
          const touched = changes.map((change) => change.resource).filter((name) => name in edits);
          expect(moved.map((change) => change.resource).sort()).toEqual(touched.sort());
        },
      ),
    ));

  test('killed after any write and begun again ends where it would have ended, each write once', () =>
    fc.assert(
      fc.asyncProperty(states, wishes, fc.nat(5), fc.boolean(), async (state, wanted, at, effect) => {
        const model = modelOf(state);
        let left = at;
        const dying = toyAction({
          async apply(cloud, { resource: name, to }) {
            const dies = left === 0;
            left -= 1;
            if (dies && !effect) throw new Error('killed before');
            await action.apply(cloud, { resource: name, from: null, to }, toyStep());
            if (dies) throw new Error('killed after');
          },
        });
        const changes = planned(model, wanted);
        await carryOut(dying, sessions(model), { wanted }, changes, toyStep()).catch(() => {});
        await carryOut(action, sessions(model), { wanted }, changes, toyStep());
        expect(model.writes.map((write) => write.resource).sort()).toEqual(
          changes.map((change) => change.resource).sort(),
        );
      }),
    ));
});

describe('contained', () => {
  test('is nothing left to plan, with the probe agreeing', async () => {
    const wanted = { a: 2 };
    const doubting = toyAction({ probe: async () => false });
    expect(await isContained(action, modelOf({ a: 2 }), { wanted }, toyStep())).toBe(true);
    expect(await isContained(action, modelOf({ a: 1 }), { wanted }, toyStep())).toBe(false);
    expect(await isContained(action, modelOf({}), { wanted }, toyStep())).toBe(false);
    expect(await isContained(doubting, modelOf({ a: 2 }), { wanted }, toyStep())).toBe(false);
  });

  test('verifying names what does not show, and heeds the probe only when all shows', async () => {
    const plan: Change[] = [{ resource: 'a', from: 1, to: 2 }];
    const probing = toyAction({
      async probe(model) {
        if (model.state['a'] !== 2) throw new Error('there is nothing to probe yet');
        return true;
      },
    });
    expect(await verify(probing, modelOf({ a: 1 }), { wanted: {} }, plan, toyStep())).toEqual({
      open: plan,
      proven: false,
    });
    expect(await verify(probing, modelOf({ a: 2 }), { wanted: {} }, plan, toyStep())).toEqual({
      open: [],
      proven: true,
    });
  });
});
