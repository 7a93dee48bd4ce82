import type { Action, Change, State, StepContext } from '../../shared/action/action.ts';
import { type Carried, carryOut, changesOf, inverse, isContained } from '../../shared/action/change.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type Company, company, production } from './company.ts';
import { grantExactly, type Where } from './rights.ts';

/** One action on Northwind, step by step, with exactly the rights it declares. */
export type Acting = {
  readonly company: Company;
  readonly sandbox: Sandbox;
  readonly context: StepContext;
  capture(): Promise<State>;
  /** What would be changed now. */
  plan(): Promise<readonly Change[]>;
  /** Carries changes out; by default those of a plan made now. Looks first, as the engine does. */
  contain(changes?: readonly Change[]): Promise<Carried>;
  release(changes: readonly Change[]): Promise<Carried>;
  isContained(): Promise<boolean>;
};

/** Sets the stage; `prepare` changes the estate before anything is read, `also` are further accounts the action uses. */
export async function acting(
  action: Action,
  input: Json,
  {
    where = { account: production, region: 'eu-west-1' },
    also = [],
    prepare,
  }: { where?: Where; also?: readonly string[]; prepare?: (of: Sandbox) => void } = {},
): Promise<Acting> {
  const made = company();
  const { sandbox, clouds } = made;
  prepare?.(sandbox);
  grantExactly(sandbox, action, action.permissions, input, { ...where, also });
  const { signal } = new AbortController();
  const runId = 'abcdefghijklmnopqrstuvwxyz';
  const context: StepContext = {
    runId,
    key: `${runId}-step`,
    startedAt: sandbox.clock.now(),
    signal,
    wait: (seconds) => sandbox.clock.sleep(seconds, signal),
    learnt: new Map(),
  };
  const session = (rights: 'reader' | 'writer') =>
    clouds.session({ cloud: action.cloud, ...where, rights, runId, signal });
  const [reader, writer] = [await session('reader'), await session('writer')];
  const capture = () => action.capture(reader, input, context);
  const plan = async () => {
    const seen = await capture();
    return changesOf(action, input, seen, action.plan(input, seen, context));
  };
  return {
    company: made,
    sandbox,
    context,
    capture,
    plan,
    contain: async (changes) => carryOut(action, { reader, writer }, input, changes ?? (await plan()), context),
    release: (changes) => carryOut(action, { reader, writer }, input, inverse(changes), context),
    isContained: () => isContained(action, reader, input, context),
  };
}
