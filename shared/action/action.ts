import * as z from 'zod';
import { CordonError, InvalidInput } from '../model/error.ts';
import { Json, type JsonObject } from '../model/json.ts';
import type { TargetType } from '../model/target.ts';
import type { Grant } from '../policy/grants.ts';
import type { Portable } from './portable.ts';

/** What capture saw: a value per resource, null where the resource does not exist. `{}` says the target is gone. */
export type State<V = Json> = { readonly [resource: string]: V | null };
/** A value on the way between two others, for how many seconds, and what that exposes. */
export type Passage<V = Json> = { readonly value: V; readonly seconds: number; readonly means: string };
/** One line of a plan. Rolling it back is applying it with `from` and `to` exchanged. */
export type Change<V = Json> = {
  readonly resource: string;
  readonly from: V | null;
  readonly to: V | null;
  readonly through?: Passage<V>;
};
/** What a step knows of its run. */
export type StepContext = {
  readonly runId: string;
  /** Stable over every attempt: for deterministic names and idempotency tokens. */
  readonly key: string;
  /** ISO instant that never moves, however often the step is resumed. */
  readonly startedAt: string;
  readonly signal: AbortSignal;
  wait(seconds: number): Promise<void>;
  /** What was seen or made on the way, such as the id that a provider gave to a name of ours. It spares a look, and is never needed. */
  readonly learnt: Map<string, string>;
};

/** What an action says about itself. Documentation, schemas, policies and roles are made from this. */
export type Declaration<I extends z.ZodObject = z.ZodObject, V extends z.ZodType<Json> = z.ZodType<Json>> = {
  /** `cloud.service.verb-object`. */
  readonly id: string;
  readonly title: string;
  readonly target: TargetType;
  /** MITRE D3FEND technique. */
  readonly d3fend: `D3-${string}`;
  readonly input: I;
  readonly value: V;
  readonly permissions: { readonly read: readonly Grant[]; readonly write: readonly Grant[] };
  /** How long a change may take to show and to bite. */
  readonly settles: { readonly seconds: number };
  /** The verb by which playbooks for any cloud may ask for it. */
  readonly portable?: Portable;
  readonly examples: readonly [z.input<I>, ...z.input<I>[]];
  /** Why it cannot be taken back; forces approval. */
  readonly irreversible?: string;
  /** Why a release leaves what was made. */
  readonly keeps?: string;
  /** Marks, protects or copies: whoever uses the target notices nothing, so that protections leave it allowed. */
  readonly cutsNothing?: true;
  /** Inputs that name things in other subscriptions by right, because nothing is done there: where logs are sent. */
  readonly refersTo?: readonly string[];
  /** Values that only Cordon leaves behind, where one change takes two calls. */
  readonly halfway?: readonly z.output<V>[];
  /** Taking it back hands credentials out again: only on purpose, and with a second person. */
  readonly restores?: 'credentials';
  /** How long it stands where nobody takes it back earlier (`24h`): what blocks an address must not block it for ever. */
  readonly ends?: string;
  /** What it does not cut, in words a responder needs. */
  readonly cautions?: readonly string[];
};

/** Something made since, as an input of the same action, and when it was made. */
export type Fresh<In = JsonObject> = { readonly input: In; readonly at: string };

/** What an action does: `capture` only reads, `plan` is pure, `apply` makes one change in either direction. */
export type Life<Session, In, V> = {
  capture(session: Session, input: In, step: StepContext): Promise<State<V>>;
  /** The values wanted, by resource; what is left out is left alone. */
  plan(input: In, seen: State<V>, step: StepContext): State<V>;
  /** Pure: the value a change passes through, where it must. */
  passage?(input: In, change: Change<V>): Passage<V> | undefined;
  /** Pure: why this one change is never taken back, where the action's others are. A person is asked before it, and told by the release. */
  final?(change: Change<V>): string | undefined;
  /** Pure: neighbouring changes of one stage are made side by side; without it one after the other. */
  stage?(change: Change<V>): string;
  apply(session: Session, change: Change<V>, step: StepContext): Promise<void>;
  /** Proof beyond reading back: simulation, effective rules. */
  probe?(session: Session, input: In, step: StepContext): Promise<boolean>;
  /** What has been made since an instant that this same action would contain, such as a further key. Asked by the watch. */
  fresh?(session: Session, input: In, since: string, step: StepContext): Promise<readonly Fresh<In>[]>;
};

/** An action as the run sees it: no type parameters left, every value parsed on its way in. */
export type Action = Declaration & {
  readonly cloud: 'aws' | 'azure';
  /** Parses rendered inputs; throws `InvalidInput` naming the field. */
  parse(input: Json): JsonObject;
  capture(session: unknown, input: Json, step: StepContext): Promise<State>;
  plan(input: Json, seen: State, step: StepContext): State;
  passage(input: Json, change: Change): Passage | undefined;
  final(change: Change): string | undefined;
  stage(change: Change): string | undefined;
  apply(session: unknown, change: Change, step: StepContext): Promise<void>;
  probe(session: unknown, input: Json, step: StepContext): Promise<boolean>;
  fresh(session: unknown, input: Json, since: string, step: StepContext): Promise<readonly Fresh[]>;
};

type Cloud<Session> = {
  readonly cloud: 'aws' | 'azure';
  /** Refuses another cloud's session. */
  enter(session: unknown): Session;
  /** Names a grant may use beside the inputs. */
  readonly names: readonly string[];
  /** An SDK's error as a fault; anything else as it is. */
  fault(thrown: unknown): unknown;
};

function checkGrants({ id, permissions, input }: Declaration, names: readonly string[]): void {
  for (const { allow, on } of [...permissions.read, ...permissions.write])
    for (const [, name = ''] of on.matchAll(/\{(\w+)\}/g))
      if (!names.includes(name) && !Object.hasOwn(input.shape, name))
        throw new CordonError({
          code: 'bad-grant',
          message: `${id}: the grant ${allow} names {${name}}, which is no input`,
          remedy: `Use one of ${[...names, ...Object.keys(input.shape)].join(', ')}.`,
        });
}

/** Makes the `declare(…).does(…)` of one cloud. */
export const actionsOf =
  <Session>({ cloud, enter, names, fault }: Cloud<Session>) =>
  <I extends z.ZodObject, V extends z.ZodType<Json>>(declared: Declaration<I, V>) => {
    checkGrants(declared, names);
    const value = declared.value.nullable();
    const state = z.record(z.string(), value);
    const parse = (input: Json) => {
      const parsed = declared.input.safeParse(input);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw new InvalidInput({
        code: 'bad-step-input',
        message: `${declared.id}: ${issue?.message ?? 'the input does not fit'}`,
        place: { path: `with.${issue?.path.join('.') ?? ''}` },
        remedy: `Inputs are ${Object.keys(declared.input.shape).join(', ')}.`,
      });
    };
    const believe = (change: Change): Change<z.output<V>> => ({
      resource: change.resource,
      from: value.parse(change.from),
      to: value.parse(change.to),
      ...(change.through && { through: { ...change.through, value: declared.value.parse(change.through.value) } }),
    });
    const calling = async <T>(call: () => Promise<T>): Promise<T> => {
      try {
        return await call();
      } catch (thrown) {
        throw fault(thrown);
      }
    };
    return {
      does: (life: Life<Session, z.output<I>, z.output<V>>): Action => ({
        ...declared,
        cloud,
        parse: (input) => Json.parse(parse(input)) as JsonObject, // an object schema gives an object
        capture: async (session, input, step) =>
          state.parse(await calling(() => life.capture(enter(session), parse(input), step))),
        plan: (input, seen, step) => life.plan(parse(input), state.parse(seen), step),
        passage: (input, change) => life.passage?.(parse(input), believe(change)),
        final: (change) => life.final?.(believe(change)),
        stage: (change) => life.stage?.(believe(change)),
        apply: (session, change, step) => calling(() => life.apply(enter(session), believe(change), step)),
        probe: (session, input, step) =>
          calling(async () => (await life.probe?.(enter(session), parse(input), step)) ?? true),
        fresh: async (session, input, since, step) => {
          const found = await calling(async () => life.fresh?.(enter(session), parse(input), since, step));
          // an object schema gives an object
          return (found ?? []).map((one) => ({ input: Json.parse(one.input) as JsonObject, at: one.at }));
        },
      }),
    };
  };
