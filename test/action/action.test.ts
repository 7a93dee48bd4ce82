import * as z from 'zod';
import { expect, test } from 'vitest';
import { loadAction } from '../../shared/action/catalogue.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { actionsOf } from '../../shared/action/action.ts';
import { modelOf, toyAction, toyStep } from '../support/toy-action.ts';

test('an input that does not fit names the field and the inputs there are', () => {
  expect(() => toyAction().parse({ wanted: 5 })).toThrow(InvalidInput);
  const fault = (() => {
    try {
      return toyAction().parse({ wanted: {}, extra: 1 });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(fault).toMatchObject({ code: 'bad-step-input', remedy: 'Inputs are wanted.' });
});

test('a session of another cloud, and a value that the action does not manage, are refused', async () => {
  const action = toyAction();
  await expect(action.capture({ cloud: 'azure' }, { wanted: {} }, toyStep())).rejects.toThrow('no model');
  const strict = actionsOf<object>({ cloud: 'aws', names: [], fault: (thrown) => thrown, enter: () => ({}) })({
    id: 'aws.toy.strict',
    title: 'Strict',
    target: 'other',
    d3fend: 'D3-CR',
    input: z.strictObject({}),
    value: z.enum(['on', 'off']),
    permissions: { read: [], write: [] },
    settles: { seconds: 0 },
    examples: [{}],
  }).does({ capture: async () => ({}), plan: () => ({}), apply: async () => {} });
  await expect(strict.apply({}, { resource: 'r', from: 'on', to: 'sideways' }, toyStep())).rejects.toThrow();
});

test('a grant that names no input is refused when the action is declared', () => {
  const declare = actionsOf<object>({ cloud: 'aws', names: ['account'], fault: (thrown) => thrown, enter: () => ({}) });
  const grants = { read: [{ allow: 'iam:GetUser', on: 'arn:aws:iam::{account}:user/{userNam}' }], write: [] };
  expect(() =>
    declare({
      id: 'aws.toy.grants',
      title: 'Grants',
      target: 'other',
      d3fend: 'D3-CR',
      input: z.strictObject({ userName: z.string() }),
      value: z.string(),
      permissions: grants,
      settles: { seconds: 0 },
      examples: [{ userName: 'a' }],
    }),
  ).toThrow('userNam');
});

test('the catalogue knows its own names only', async () => {
  const catalogue = { 'aws.toy.set-values': { hash: 'h', d3fend: 'D3-CR', load: async () => toyAction() } };
  expect((await loadAction(catalogue, 'aws.toy.set-values')).hash).toBe('h');
  await expect(loadAction(catalogue, 'aws.toy.set-value')).rejects.toMatchObject({
    remedy: 'Did you mean aws.toy.set-values?',
  });
  for (const name of ['constructor', '__proto__', 'toString'])
    await expect(loadAction(catalogue, name)).rejects.toMatchObject({ code: 'unknown-action' });
  expect(modelOf({ a: 1 }).state).toEqual({ a: 1 });
});
