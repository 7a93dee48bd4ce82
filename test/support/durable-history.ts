/** Numbers of the extension's own protocol (DurableTask, `AsyncActionType` and `EventType`): what an orchestration asks for. */
export const asks = { activity: 0, continueAsNew: 4, timer: 5, event: 6 } as const;
/** What happens to an orchestration. */
export const happens = {
  started: 0,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
} as const;

/** One row of a history. */
export type Happening = { readonly EventType: number; readonly EventId: number; readonly [more: string]: unknown };
/** What an orchestration wants done. */
export type Ask = {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly fireAt?: string;
  readonly isCanceled?: boolean;
  readonly compoundActions?: readonly Ask[];
};
/** What a replay comes to. */
export type State = { readonly isDone: boolean; readonly actions: readonly (readonly Ask[])[] };

/** Without the brackets that `any` and `all` put around. */
export const flat = (all: readonly Ask[]): readonly Ask[] =>
  all.flatMap((one) => (one.compoundActions ? flat(one.compoundActions) : [one]));
