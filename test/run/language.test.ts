import { describe, expect, test } from 'vitest';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { messages } from '../../shared/records/outbox.ts';
import { Notice } from '../../shared/model/notice.ts';
import type { Channel, Notifier } from '../../shared/ports/notifier.ts';
import {
  carryOn,
  lived,
  nsgId,
  openOne,
  openPort,
  operations,
  planOf,
  playbook,
  type Road,
  road,
  stateOf,
} from '../support/road.ts';
import { engineOf } from '../../shared/run/engine.ts';

const close = (id: string, port: number, more = ''): string =>
  `{ id: ${id}, action: azure.network.close-nsg-port, with: { networkSecurityGroupId: "${nsgId}", port: ${port} }${more} }`;
/** Refused by the action's schema when it is planned: no event carries it. */
const failing = (id: string, more = ''): string =>
  `{ id: ${id}, action: azure.network.close-nsg-port, with: { networkSecurityGroupId: "${nsgId}", port: "\${finding.actor.sessionName}" }${more} }`;
const portsPlaybook = (steps: readonly string[], last: readonly string[] = []) =>
  playbook(`
id: ports
title: Close ports
on: { finding: { provider: [defender] } }
mode: enforce
steps:
${steps.map((step) => `  - ${step}`).join('\n')}
${last.length > 0 ? `finally:\n${last.map((step) => `  - ${step}`).join('\n')}` : ''}
`);
const rule = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
const outcomes = (result: Awaited<ReturnType<typeof lived>>['result']) =>
  result?.steps.map(({ id, outcome }) => `${id} ${outcome}`);

/** The same company with a channel that takes everything. */
function told(one: Road): Road {
  const oncall: Channel = { name: 'oncall', send: async () => '' };
  const notifier: Notifier = { channels: [oncall], channelsFor: () => [oncall] };
  const deps = { ...one.deps, notifier };
  return { ...one, deps, engine: engineOf(deps) };
}
const notices = async ({ deps }: Road) =>
  (await messages(deps, 'waiting'))
    .filter(({ to }) => to.startsWith('channel:'))
    .map(({ body }) => Notice.parse(body))
    .sort((a, b) => a.at.localeCompare(b.at));

describe('steps side by side', () => {
  const group = (steps: readonly string[]) => `{ parallel: [${steps.join(', ')}] }`;

  test('are all made, and those after them wait for all', async () => {
    const one = road();
    const how = portsPlaybook([group([close('a', 22), close('b', 3389)]), close('c', 5985)]);
    const { word, result, runId } = await lived(one, how, openPort());
    expect(word).toBe('contained allowed');
    expect(outcomes(result)).toEqual(['a contained', 'b contained', 'c contained']);
    expect((await planOf(one, runId))?.steps.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(operations(one).filter((operation) => operation === rule)).toHaveLength(3);
  });

  test('where one fails, the others are finished and those after are left out', async () => {
    const one = road();
    const how = portsPlaybook([group([failing('a'), close('b', 3389)]), close('c', 5985)]);
    const { word, result } = await lived(one, how, openPort());
    expect(word).toBe('partly-contained input-missing');
    expect(outcomes(result)).toEqual(['a denied', 'b contained']);
  });
});

describe('what always runs at the end', () => {
  test('runs after a failure, and after success', async () => {
    const failed = await lived(road(), portsPlaybook([failing('a'), close('b', 22)], [close('z', 3389)]), openPort());
    expect(outcomes(failed.result)).toEqual(['a denied', 'z contained']);
    const fine = await lived(road(), portsPlaybook([close('b', 22)], [close('z', 3389)]), openPort());
    expect(outcomes(fine.result)).toEqual(['b contained', 'z contained']);
  });

  test('but not once a kill switch has ended the run', async () => {
    const one = road();
    await one.deps.records.create({
      kind: 'switch',
      id: 'all',
      group: 'on',
      body: { on: true, by: 'maria', at: one.sandbox.clock.now(), why: 'odd', scope: 'all' },
    });
    const { runId } = await lived(one, portsPlaybook([close('b', 22)], [close('z', 3389)]), openPort());
    one.sandbox.clock.advance(24 * 3_600);
    const { result } = await carryOn(one, runId);
    expect(outcomes(result)).toEqual(['b halted']);
  });
});

describe('a failure that takes back', () => {
  test('releases what the run has changed, with plan and proof, and says so', async () => {
    const one = road();
    const how = portsPlaybook([close('a', 22), close('b', 3389), failing('c', ', onFailure: roll-back')]);
    const { word, result } = await lived(one, how, openPort());
    expect(word).toBe('rolled-back rolled-back');
    expect(outcomes(result)).toEqual(['a contained', 'b contained', 'c denied']);
    expect(await one.deps.records.list('containment', 'held')).toEqual([]);
    expect(await one.deps.records.list('containment', 'released')).toHaveLength(2);
    expect(await one.deps.records.list('hold', 'held')).toEqual([]);
  });

  test('is not wanted by a failure of another step', async () => {
    const one = road();
    const how = portsPlaybook([close('a', 22, ', onFailure: roll-back'), failing('c')]);
    expect((await lived(one, how, openPort())).word).toBe('partly-contained input-missing');
    expect(await one.deps.records.list('containment', 'held')).toHaveLength(1);
  });
});

describe('silence', () => {
  const asking = (more: string) =>
    portsPlaybook([close('a', 22), close('b', 3389, `, approve: { by: [first, second], within: 10m, ${more} }`)]);

  test('escalates from one to the next and to everyone, each told once, and then lapses', async () => {
    const one = told(road());
    const runId = await openOne(one, asking('silence: escalate'), openPort());
    const asked: string[] = [];
    for (let rung = 0; rung < 3; rung += 1) {
      const { waitsFor, dueAt } = await carryOn(one, runId);
      expect(waitsFor).toMatch(/^approval /);
      asked.push(((await notices(one)).at(-1)?.asks?.to ?? []).join(' '));
      one.sandbox.clock.moveTo(dueAt ?? '');
    }
    expect(asked).toEqual(['first', 'first second', 'first second approver']);
    expect((await carryOn(one, runId)).result).toMatchObject({
      outcome: 'partly-contained',
      reason: 'approval-lapsed',
    });
    expect((await notices(one)).map(({ kind }) => kind)).toEqual([
      'approval-asked',
      'approval-escalated',
      'approval-escalated',
      'run-ended',
    ]);
  });

  test('is over when somebody of a later rung answers', async () => {
    const one = told(road());
    const runId = await openOne(one, asking('silence: escalate'), openPort());
    const { dueAt } = await carryOn(one, runId);
    one.sandbox.clock.moveTo(dueAt ?? '');
    await carryOn(one, runId);
    const [question] = await openApprovals(one.deps);
    const yes = { verdict: 'approved', person: 'ada', note: '', channel: 'cli' } as const;
    await answer(one.deps, question?.id ?? '', question?.digest ?? '', yes);
    expect((await carryOn(one, runId)).result).toMatchObject({ outcome: 'contained' });
  });

  test('the first message says what is cut already, what waits, until when, and how to take it back', async () => {
    const one = told(road());
    const runId = await openOne(one, asking('silence: lapse, quorum: 2'), openPort());
    await carryOn(one, runId);
    const [first] = await notices(one);
    const { approval = '', digest = '' } = first?.asks ?? {};
    expect(first).toMatchObject({
      kind: 'approval-asked',
      page: true,
      run: runId,
      finding: { type: 'VM_BruteForceSsh' },
      target: { name: 'nsg-web' },
      steps: [
        { id: 'a', state: 'contained', changes: 1 },
        { id: 'b', state: 'asked', reason: 'approval-asked' },
      ],
      asks: { to: ['first', 'second'], digest: (await planOf(one, runId))?.digest },
      commands: [
        `cordon approve ${approval} --digest ${digest}`,
        `cordon reject ${approval} --digest ${digest}`,
        `cordon release ${runId}`,
      ],
    });
  });

  test('of one of two is not yet an answer', async () => {
    const one = road();
    const runId = await openOne(one, asking('quorum: 2'), openPort());
    await carryOn(one, runId);
    const [question] = await openApprovals(one.deps);
    const say = (person: string) =>
      answer(one.deps, question?.id ?? '', question?.digest ?? '', {
        verdict: 'approved',
        person,
        note: '',
        channel: 'cli',
      });
    await say('ada');
    expect((await carryOn(one, runId)).status).toBe('waiting');
    await say('jonas');
    expect((await carryOn(one, runId)).result?.outcome).toBe('contained');
    expect((await stateOf(one, runId)).status).toBe('ended');
  });
});
