import type { Action, Change, State, StepContext } from '../../shared/action/action.ts';
import { carryOut, changesOf, inverse, isContained, verify } from '../../shared/action/change.ts';
import { messageOf, ProviderError } from '../../shared/model/error.ts';
import { asJson, canonical, type Json, same } from '../../shared/model/json.ts';
import type { Session } from '../../shared/ports/clouds.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { type Company, company, readerPrincipal } from './company.ts';
import { grantExactly, type Where } from './rights.ts';

/** How one action is lived through: with which input, and what the attacker does before and after. */
export type ActionLife = {
  readonly input: Json;
  readonly where: Where;
  /** Further accounts whose roles the action uses, as Identity Center's. */
  readonly also?: readonly string[];
  /** The attacker's own call: whether it works now. `none` says why no attacker is stopped by this action. */
  readonly attack: ((sandbox: Sandbox) => boolean | Promise<boolean>) | { readonly none: string };
  /** Somebody else's edit of what the action manages, made after containment. */
  readonly edit?: (sandbox: Sandbox) => void;
  /** Declared rights that this one input does not use, each with the reason. */
  readonly unused?: Readonly<Record<string, string>>;
};

export type Problem = { readonly code: ProblemCode; readonly detail: string };
export type ProblemCode =
  | 'attack-never-worked'
  | 'nothing-planned'
  | 'refused'
  | 'right-unused'
  | 'written-by-reader'
  | 'not-verified'
  | 'attack-still-works'
  | 'plans-again'
  | 'not-contained'
  | 'not-restored'
  | 'leaves-traces'
  | 'foreign-edit-lost'
  | 'failed';

/** What differs between an action's rights and the calls it made, as AWS and Azure spell both. */
const rightOf = (allow: string): string => allow.replace(/^data:/, '').toLowerCase();

type Stage = {
  readonly company: Company;
  readonly action: Action;
  readonly life: ActionLife;
  readonly context: StepContext;
};

const contextOf = ({ sandbox }: Company): StepContext => {
  const { signal } = new AbortController();
  return {
    runId: 'abcdefghijklmnopqrstuvwxyz',
    key: 'abcdefghijklmnopqrstuvwxyz-step',
    startedAt: sandbox.clock.now(),
    signal,
    wait: (seconds) => sandbox.clock.sleep(seconds, signal),
    learnt: new Map(),
  };
};

const session = (
  { company: { clouds }, action, life, context }: Stage,
  rights: 'reader' | 'writer',
): Promise<Session> =>
  clouds.session({ cloud: action.cloud, ...life.where, rights, runId: context.runId, signal: context.signal });

const attacks = async ({ company: { sandbox }, life }: Stage): Promise<boolean | undefined> =>
  typeof life.attack === 'function' ? life.attack(sandbox) : undefined;

/** All that an estate holds, but for the sessions that Cordon itself opened, what was asked for, and the count of writes. */
function traces({ rows }: Sandbox): string {
  const { 'aws.sts.sessions': _, 'aws.sso.provisionings': _asked, ...tables } = rows.snapshot();
  const plain = JSON.stringify(tables, (key, value: unknown) => (key === 'revision' ? undefined : value));
  const sortLists = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(sortLists).sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sortLists(item)]));
  };
  return canonical(sortLists(asJson(JSON.parse(plain))));
}

const writtenByReader = (calls: readonly RecordedCall[]): Problem[] =>
  calls
    .filter(
      ({ mutating, caller }) =>
        mutating && (caller.includes('assumed-role/CordonReader') || caller === readerPrincipal),
    )
    .map(({ operation }) => ({ code: 'written-by-reader', detail: operation }));

function rightsProblems({ action, life, company: { sandbox } }: Stage): Problem[] {
  const { calls } = sandbox.recorder;
  const own = calls.filter(({ operation }) => operation !== 'sts:AssumeRole');
  const refused = own
    .filter(({ status, error }) => (status === 403 || status === 401) && error !== '')
    .map(({ operation, error }): Problem => ({ code: 'refused', detail: `${operation}: ${error}` }));
  const used = new Set(own.flatMap(({ operation, also }) => [operation, ...also]).map((name) => name.toLowerCase()));
  const declared = [...action.permissions.read, ...action.permissions.write].map(({ allow }) => allow);
  const unused = declared
    .filter((allow) => !used.has(rightOf(allow)) && life.unused?.[allow] === undefined)
    .map((allow): Problem => ({ code: 'right-unused', detail: allow }));
  return [...writtenByReader(calls), ...refused, ...unused];
}

async function contain(stage: Stage): Promise<{ seen: State; changes: readonly Change[]; problems: Problem[] }> {
  const {
    action,
    life,
    context,
    company: { sandbox },
  } = stage;
  const problems: Problem[] = [];
  const [reader, writer] = [await session(stage, 'reader'), await session(stage, 'writer')];
  const seen = await action.capture(reader, life.input, context);
  const changes = changesOf(action, life.input, seen, action.plan(life.input, seen, context));
  if (changes.length === 0) problems.push({ code: 'nothing-planned', detail: canonical(asJson(seen)) });
  await carryOut(action, { reader, writer }, life.input, changes, context, seen);
  sandbox.clock.advance(action.settles.seconds);
  const { open, proven } = await verify(action, reader, life.input, changes, context);
  if (open.length > 0 || !proven)
    problems.push({ code: 'not-verified', detail: open.map(({ resource }) => resource).join(', ') });
  const now = await action.capture(reader, life.input, context);
  const again = changesOf(action, life.input, now, action.plan(life.input, now, context));
  if (again.length > 0) problems.push({ code: 'plans-again', detail: canonical(asJson(again)) });
  if (!(await isContained(action, reader, life.input, context)))
    problems.push({ code: 'not-contained', detail: action.id });
  return { seen, changes, problems };
}

async function takeBack(stage: Stage, changes: readonly Change[]): Promise<void> {
  const {
    action,
    life,
    context,
    company: { sandbox },
  } = stage;
  const [reader, writer] = [await session(stage, 'reader'), await session(stage, 'writer')];
  await carryOut(action, { reader, writer }, life.input, inverse(changes), context);
  sandbox.clock.advance(action.settles.seconds);
}

async function stageOf(action: Action, life: ActionLife): Promise<Stage> {
  const playing = company();
  const { also } = life;
  grantExactly(playing.sandbox, action, action.permissions, life.input, { ...life.where, ...(also && { also }) });
  return { company: playing, action, life, context: contextOf(playing) };
}

/** Contained, and the attacker's call that worked before is refused; taken back, all is as it was. */
async function liveThrough(action: Action, life: ActionLife): Promise<Problem[]> {
  const stage = await stageOf(action, life);
  const { sandbox } = stage.company;
  const before = traces(sandbox);
  const problems: Problem[] = [];
  if ((await attacks(stage)) === false) problems.push({ code: 'attack-never-worked', detail: 'before containment' });
  sandbox.recorder.clear();
  const contained = await contain(stage);
  problems.push(...contained.problems);
  const calls = [...sandbox.recorder.calls];
  if ((await attacks(stage)) === true) problems.push({ code: 'attack-still-works', detail: 'after containment' });
  sandbox.recorder.clear();
  if (action.irreversible === undefined && action.keeps === undefined) {
    await takeBack(stage, contained.changes);
    const reader = await session(stage, 'reader');
    const now = await action.capture(reader, life.input, stage.context);
    if (!same(asJson(now), asJson(contained.seen)))
      problems.push({ code: 'not-restored', detail: canonical(asJson(now)) });
    else if (traces(sandbox) !== before)
      problems.push({ code: 'leaves-traces', detail: 'the estate is not as it was' });
  }
  for (const call of calls) sandbox.recorder.add(call);
  return [...problems, ...rightsProblems(stage)];
}

/** A release keeps what somebody else has changed meanwhile. */
async function keepsEdits(action: Action, life: ActionLife): Promise<Problem[]> {
  const { edit } = life;
  if (!edit || action.irreversible !== undefined || action.keeps !== undefined) return [];
  const stage = await stageOf(action, life);
  const { changes } = await contain(stage);
  edit(stage.company.sandbox);
  const reader = await session(stage, 'reader');
  const edited = await action.capture(reader, life.input, stage.context);
  const foreign = changes.filter(({ resource, to }) => !same(edited[resource] ?? null, to));
  if (foreign.length === 0) return [{ code: 'failed', detail: 'the edit touches nothing that the action manages' }];
  await takeBack(stage, changes);
  const after = await action.capture(reader, life.input, stage.context);
  return foreign
    .filter(({ resource }) => !same(edited[resource] ?? null, after[resource] ?? null))
    .map(({ resource }) => ({ code: 'foreign-edit-lost', detail: resource }));
}

/** Takes an action through its life on the company estate with exactly its declared rights, and says what is wrong with it. */
export async function checkAction(action: Action, life: ActionLife): Promise<readonly Problem[]> {
  try {
    return [...(await liveThrough(action, life)), ...(await keepsEdits(action, life))];
  } catch (thrown) {
    const refused = thrown instanceof ProviderError && thrown.status === 403;
    return [{ code: refused ? 'refused' : 'failed', detail: messageOf(thrown) }];
  }
}
