import { describe, expect, test } from 'vitest';
import { allActions } from '../../functions/wire.ts';
import type { Action, Change, StepContext } from '../../shared/action/action.ts';
import { carryOut, changesOf, inverse } from '../../shared/action/change.ts';
import { commandLines } from '../../shared/cli/as-commands.ts';
import type { Command } from '../../shared/model/command.ts';
import type { ActionLife } from '../support/check-action.ts';
import { type Company, company } from '../support/company.ts';
import { followed } from '../support/following.ts';
import { grantExactly } from '../support/rights.ts';

const ids = Object.keys(allActions).sort();
const lifeOf = async (id: string): Promise<ActionLife> => (await import(`./lives/${id}.ts`)).life;

type Stage = {
  readonly company: Company;
  readonly action: Action;
  readonly life: ActionLife;
  readonly context: StepContext;
};

/** An action on the estate, whose reader may read all that its `apply` reads. */
async function staged(id: string): Promise<Stage> {
  const [action, life] = await Promise.all([allActions[id]?.load(), lifeOf(id)]);
  if (!action) throw new Error(`no action ${id}`);
  const playing = company();
  const { read, write } = action.permissions;
  const reads = write.filter(({ allow }) => /:(Get|List|Describe|Simulate)|\/read$/.test(allow));
  const { also } = life;
  grantExactly(playing.sandbox, action, { read: [...read, ...reads], write }, life.input, {
    ...life.where,
    ...(also && { also }),
  });
  const { signal } = new AbortController();
  const runId = 'abcdefghijklmnopqrstuvwxyz';
  const wait = (seconds: number) => playing.sandbox.clock.sleep(seconds, signal);
  const context = {
    runId,
    key: `${runId}-step`,
    startedAt: playing.sandbox.clock.now(),
    signal,
    wait,
    learnt: new Map(),
  };
  return { company: playing, action, life, context };
}

const place = ({ action, life, context }: Stage) => ({
  cloud: action.cloud,
  ...life.where,
  runId: context.runId,
  signal: context.signal,
});
const sessionOf = (stage: Stage, rights: 'reader' | 'writer') =>
  stage.company.clouds.session({ ...place(stage), rights });

async function planned(stage: Stage): Promise<readonly Change[]> {
  const { action, life, context } = stage;
  const seen = await action.capture(await sessionOf(stage, 'reader'), life.input, context);
  return changesOf(action, life.input, seen, action.plan(life.input, seen, context));
}

async function rehearsed(stage: Stage, changes: readonly Change[]): Promise<readonly Command[]> {
  const commands: Command[] = [];
  const note = (command: Command) => void commands.push(command);
  const session = await stage.company.clouds.rehearse(place(stage), note);
  const context = { ...stage.context, wait: async (seconds: number) => note({ kind: 'wait', seconds }) };
  for (const change of changes) await stage.action.apply(session, change, context);
  return commands;
}

async function carried(stage: Stage, changes: readonly Change[]): Promise<void> {
  const {
    action,
    life,
    context,
    company: { sandbox },
  } = stage;
  const [reader, writer] = [await sessionOf(stage, 'reader'), await sessionOf(stage, 'writer')];
  await carryOut(action, { reader, writer }, life.input, changes, context);
  sandbox.clock.advance(action.settles.seconds);
}

const captured = async (stage: Stage) =>
  stage.action.capture(await sessionOf(stage, 'reader'), stage.life.input, stage.context);

const changing = ({ company: { sandbox } }: Stage): string[] =>
  sandbox.recorder.calls
    .filter(({ mutating, operation }) => mutating && operation !== 'sts:AssumeRole')
    .map(({ operation }) => operation);

const comesBack = ({ action }: Stage): boolean => action.irreversible === undefined && action.keeps === undefined;

describe.each(ids)('%s', (id) => {
  test('is told as commands in both directions, and nothing is changed by telling', async () => {
    const stage = await staged(id);
    const changes = await planned(stage);
    const there = await rehearsed(stage, changes);
    expect(there.some(({ kind }) => ['aws', 'azure', 'kubernetes'].includes(kind))).toBe(true);
    expect(changing(stage)).toEqual([]);
    if (!comesBack(stage)) return;
    await carried(stage, changes);
    stage.company.sandbox.recorder.clear();
    const back = await rehearsed(stage, inverse(changes));
    expect(back.some(({ kind }) => ['aws', 'azure', 'kubernetes'].includes(kind))).toBe(true);
    expect(changing(stage)).toEqual([]);
    const step = { step: 'a', title: id, cloud: stage.action.cloud, account: '1', region: 'r' };
    const text = commandLines([
      { ...step, commands: there },
      { ...step, commands: back },
    ]).join('\n');
    expect(text).not.toMatch(/cordon0given|Bearer [^'$"]/);
  });

  test('does the same when a person makes those calls, there and back', async () => {
    const [ours, theirs] = [await staged(id), await staged(id)];
    const before = await captured(theirs);
    const changes = await planned(theirs);
    const commands = await rehearsed(theirs, changes);
    await carried(ours, changes);
    await followed(theirs.company, await sessionOf(theirs, 'writer'), commands);
    theirs.company.sandbox.clock.advance(ours.action.settles.seconds);
    expect(await captured(theirs)).toEqual(await captured(ours));
    if (!comesBack(theirs)) return;
    await followed(theirs.company, await sessionOf(theirs, 'writer'), await rehearsed(theirs, inverse(changes)));
    theirs.company.sandbox.clock.advance(ours.action.settles.seconds);
    expect(await captured(theirs)).toEqual(before);
  });
});
