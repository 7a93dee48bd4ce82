import type { Change, StepContext } from '../action/action.ts';
import type { Json } from '../model/json.ts';
import type { RunOrder } from '../model/run.ts';
import type { Clock } from '../ports/clock.ts';

/** Names that stand in a plan for what is only known at apply; the plan's digest is over the names. */
const names = { startedAt: '{startedAt}', runId: '{runId}', key: '{key}' } as const;

type Of = { readonly order: Pick<RunOrder, 'id' | 'openedAt'>; readonly signal: AbortSignal };

/** The context in which a plan is made: instants and ids are names. */
export const planContext = (clock: Clock, { signal }: Of): StepContext => ({
  ...names,
  signal,
  wait: (seconds) => clock.sleep(seconds, signal),
  learnt: new Map(),
});

/** The context in which a plan is carried out: the same names as values that never move. */
export const applyContext = (clock: Clock, { order, signal }: Of, step: string): StepContext => ({
  startedAt: order.openedAt,
  runId: order.id,
  key: `${order.id}-${step}`,
  signal,
  wait: (seconds) => clock.sleep(seconds, signal),
  learnt: new Map(),
});

function resolve(value: Json, context: StepContext): Json {
  if (typeof value === 'string')
    return Object.entries(names).reduce(
      (text, [name, sign]) => text.replaceAll(sign, context[name as keyof typeof names]), // keys of `names`
      value,
    );
  if (Array.isArray(value)) return value.map((item: Json) => resolve(item, context));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [resolve(key, context), resolve(item, context)]),
    );
  return value;
}

/** The changes of a plan with their names filled in. */
export const resolved = (changes: readonly Change[], context: StepContext): Change[] =>
  changes.map(({ resource, from, to, through }) => ({
    resource: String(resolve(resource, context)),
    from,
    to: resolve(to, context),
    ...(through && { through: { ...through, value: resolve(through.value, context) } }),
  }));
