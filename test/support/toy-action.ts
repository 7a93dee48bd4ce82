import * as z from 'zod';
import { type Action, actionsOf, type Declaration, type Life, type StepContext } from '../../shared/action/action.ts';
import { Json } from '../../shared/model/json.ts';

/** A model of a cloud: values by resource, and what was written to it. */
export type Model = { state: Record<string, Json>; readonly writes: { resource: string; to: Json }[] };

export const modelOf = (state: Record<string, Json>): Model => ({ state: { ...state }, writes: [] });

const isModel = (session: unknown): session is Model =>
  typeof session === 'object' && session !== null && 'writes' in session;

const toy = actionsOf<Model>({
  cloud: 'aws',
  names: [],
  fault: (thrown) => thrown,
  enter(session) {
    if (isModel(session)) return session;
    throw new TypeError('no model');
  },
});

type ToyLife = Life<Model, { wanted: Record<string, Json> }, Json>;

/** An action over a model: input `wanted` names the values it wants. */
export const toyAction = (
  changed: Partial<ToyLife> = {},
  declared: Partial<Pick<Declaration, 'halfway' | 'keeps' | 'irreversible' | 'restores'>> = {},
): Action =>
  toy({
    id: 'aws.toy.set-values',
    title: 'Set values',
    target: 'other',
    d3fend: 'D3-CR',
    input: z.strictObject({ wanted: z.record(z.string(), Json) }),
    value: Json,
    permissions: { read: [], write: [] },
    settles: { seconds: 1 },
    examples: [{ wanted: {} }],
    ...declared,
  }).does({
    capture: async ({ state }) => ({ ...state }),
    plan: ({ wanted }) => wanted,
    async apply(model, { resource, to }) {
      model.writes.push({ resource, to });
      if (to === null) delete model.state[resource];
      else model.state[resource] = to;
    },
    ...changed,
  });

/** What a step knows of its run, with a signal of one's own. */
export const toyStep = (signal: AbortSignal = new AbortController().signal): StepContext => ({
  runId: 'abcdefghijklmnopqrstuvwxyz',
  key: 'abcdefghijklmnopqrstuvwxyz-step',
  startedAt: '2026-11-20T09:05:00.000Z',
  signal,
  wait: async () => {},
  learnt: new Map(),
});
