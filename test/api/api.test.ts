import { openApprovals } from '../../shared/records/approvals.ts';
import { describe, expect, it } from 'vitest';
import { InvalidInput, ProviderError } from '../../shared/model/error.ts';
import { killed } from '../../shared/records/switches.ts';
import { readRun } from '../../shared/run/turn.ts';
import { type Asked, asked, at } from '../support/api.ts';
import { leakedKey, leakedKeyAgain } from '../support/doors.ts';
import { findingIn, withMembers, readEvent } from '../support/events.ts';

const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };
const wish = { playbook: 'leaked-key', event: leakedKey() };

const knowing = (world: Asked = asked()): Asked => {
  world.known(leakedKey());
  return world;
};

async function contained(world: Asked): Promise<string> {
  const opened = await world.ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce' } });
  await world.carry();
  return at(opened, 'runs.0.id');
}

describe('plans', () => {
  it('names the changes and writes no run down', async () => {
    const { ask, deps, started } = knowing();
    const answer = await ask('POST', '/plans', { as: 'olga', body: wish });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        plans: [
          {
            mode: 'enforce',
            matches: true,
            plan: { steps: [{ id: 'disable', decision: 'allow', changes: [{ from: 'Active', to: 'Inactive' }] }] },
          },
        ],
      },
    });
    expect(started).toEqual([]);
    expect(await deps.records.listDue('run', '9999', 10)).toEqual([]);
  });

  it('takes a finding in the normal form, and says where the playbook would not have started by itself', async () => {
    const { ask } = knowing();
    const body = { playbook: 'careful-key', finding: findingIn(leakedKey()) };
    expect(await ask('POST', '/plans', { as: 'olga', body })).toMatchObject({
      status: 200,
      body: { plans: [{ matches: false, plan: { steps: [{ decision: 'ask' }] } }] },
    });
  });

  it('says that the target is gone', async () => {
    const { ask } = asked();
    const event = withMembers(readEvent('guardduty/leaked-access-key'), {
      'detail.resource.accessKeyDetails.userName': 'nobody',
    });
    const answer = await ask('POST', '/plans', { as: 'olga', body: { playbook: 'leaked-key', event } });
    expect(answer).toMatchObject({ status: 200, body: { plans: [{ plan: null }] } });
  });
});

describe('runs', () => {
  it('is a dry-run unless the request says enforce', async () => {
    const { ask, carry, sandbox } = knowing();
    const answer = await ask('POST', '/runs', { as: 'ron', body: wish });
    expect(answer).toMatchObject({ status: 202, body: { runs: [{ mode: 'dry-run', fresh: true }] } });
    expect(await carry()).toMatchObject([{ result: { outcome: 'planned' } }]);
    expect(sandbox.can(key)).toBe(true);
  });

  it('makes the plan that was seen, and shows the run with its plan and journal', async () => {
    const { ask, carry, sandbox } = knowing();
    const digest = at(await ask('POST', '/plans', { as: 'ron', body: wish }), 'plans.0.plan.digest');
    const opened = await ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce', digest } });
    const path = opened.headers.get('location') ?? '';
    expect(path).toBe(`/runs/${at(opened, 'runs.0.id')}`);
    await carry();
    const run = await ask('GET', path, { as: 'vera' });
    expect(run).toMatchObject({
      status: 200,
      body: { status: 'ended', result: { outcome: 'contained', planDigest: digest }, plan: { digest } },
    });
    expect(at(run, 'journal')).toMatch(/iam:UpdateAccessKey|IAM:UpdateAccessKey/);
    expect(sandbox.can(key)).toBe(false);
  });

  it('makes no other plan than the one that was named', async () => {
    const { ask, carry, sandbox } = knowing();
    await ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce', digest: 'f'.repeat(64) } });
    expect(await carry()).toMatchObject([{ result: { outcome: 'denied', reason: 'plan-drifted' } }]);
    expect(sandbox.can(key)).toBe(true);
  });

  it('finds the run that the same request opened, and starts it again', async () => {
    const { ask, started } = knowing();
    const twice = [];
    for (const _ of [1, 2]) twice.push(await ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce' } }));
    const [first, second] = twice.map((answer) => at(answer, 'runs.0.id'));
    expect(first).toBe(second);
    expect(started).toEqual([first, first]);
    expect(twice.map((answer) => at(answer, 'runs.0.fresh'))).toEqual(['true', 'false']);
  });

  it.each([
    ['the stage is staging', { stage: 'staging', stages: { staging: 'enforce' } as const }],
    ['the stage is not listed', { stage: 'blue', stages: {} }],
  ])('stays a dry-run where %s, whatever is asked', async (_, settings) => {
    const { ask, carry, sandbox } = knowing(asked(settings));
    const answer = await ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce' } });
    expect(answer).toMatchObject({ body: { runs: [{ mode: 'dry-run', modeReason: 'mode-dry-run' }] } });
    expect(await carry()).toMatchObject([{ result: { outcome: 'planned' } }]);
    expect(sandbox.can(key)).toBe(true);
  });

  it('never acts on a sample, nor on a finding that no provider confirms', async () => {
    const { ask, carry, deps } = knowing();
    const event = withMembers(readEvent('guardduty/leaked-access-key'), {
      'detail.service.additionalInfo.sample': true,
    });
    const sample = await ask('POST', '/runs', { as: 'ron', body: { ...wish, event, mode: 'enforce' } });
    expect(sample).toMatchObject({ body: { runs: [{ mode: 'dry-run', modeReason: 'sample-finding' }] } });
    await ask('POST', '/runs', { as: 'ron', body: { ...wish, event: leakedKeyAgain(3), mode: 'enforce' } });
    expect((await carry()).map(({ result }) => result?.outcome)).toEqual(['planned', undefined]);
    expect(await openApprovals(deps)).toMatchObject([{ reason: 'finding-unconfirmed' }]);
  });

  it('lists a day, today when none is named', async () => {
    const { ask } = knowing();
    const run = await contained(knowing());
    expect(run).toMatch(/^[a-z2-7]{26}$/);
    await ask('POST', '/runs', { as: 'ron', body: wish });
    expect(await ask('GET', '/runs', { as: 'vera' })).toMatchObject({ body: { day: '2026-11-20', runs: [{}] } });
    expect(await ask('GET', '/runs?day=2026-11-19', { as: 'vera' })).toMatchObject({ body: { runs: [] } });
    expect(await ask('GET', '/runs?day=yesterday', { as: 'vera' })).toMatchObject({ status: 400 });
  });
});

describe('targets that a person names', () => {
  const target = findingIn(leakedKey()).resources.find(({ type }) => type === 'aws.iam.access-key');
  const named = { playbook: 'leaked-key', target, why: 'seen in a public repository' };

  it('are contained as planned, without a finding at any provider', async () => {
    const { ask, carry, sandbox, deps } = asked();
    const planned = await ask('POST', '/plans', { as: 'ron', body: named });
    const digest = at(planned, 'plans.0.plan.digest');
    const opened = await ask('POST', '/runs', { as: 'ron', body: { ...named, mode: 'enforce', digest } });
    expect(opened).toMatchObject({ status: 202 });
    expect(await carry()).toMatchObject([{ result: { outcome: 'contained' } }]);
    expect(sandbox.can(key)).toBe(false);
    const run = await readRun(deps.records, at(opened, 'runs.0.id'));
    expect(run?.order.finding).toMatchObject({ provider: 'person', description: 'seen in a public repository' });
  });

  it('are never enforced without the digest of their plan, nor without a reason, nor smuggled in as a finding', async () => {
    const { ask, started } = asked();
    const { why: _, ...unreasoned } = named;
    const finding = { ...findingIn(leakedKey()), provider: 'person' };
    const codes = [];
    for (const body of [{ ...named, mode: 'enforce' }, unreasoned, { playbook: 'leaked-key', finding }])
      codes.push(at(await ask('POST', '/runs', { as: 'ron', body }), 'code'));
    expect(codes).toEqual(['bad-request', 'bad-request', 'nothing-to-plan']);
    expect(started).toEqual([]);
  });
});

describe('releases', () => {
  it('shows the way back, asks a second person before credentials return, and takes it', async () => {
    const world = knowing();
    const { ask, carry, sandbox } = world;
    const run = await contained(world);
    const path = `/runs/${run}/release`;
    const kept = await ask('POST', path, { as: 'ron', body: {} });
    expect(kept).toMatchObject({ status: 200, body: { plan: { steps: [{ decision: 'deny', changes: [] }] } } });
    const planned = await ask('POST', path, { as: 'ron', body: { reactivateCredentials: true } });
    const digest = at(planned, 'plan.digest');
    const body = { mode: 'enforce', reactivateCredentials: true, digest };
    const opened = await ask('POST', path, { as: 'rita', body });
    expect(opened).toMatchObject({ status: 202, body: { runs: [{ kind: 'release', mode: 'enforce' }] } });
    expect(await carry()).toMatchObject([{ status: 'waiting' }]);
    const id = at(await ask('GET', '/approvals', { as: 'abe' }), 'approvals.0.id');
    const yes = { verdict: 'approved', digest };
    expect(await ask('POST', `/approvals/${id}`, { as: 'rita', body: yes })).toMatchObject({
      status: 403,
      body: { code: 'four-eyes' },
    });
    expect(sandbox.can(key)).toBe(false);
    expect(await ask('POST', `/approvals/${id}`, { as: 'ada', body: yes })).toMatchObject({ status: 200 });
    expect(await carry()).toMatchObject([{ result: { outcome: 'released' } }]);
    expect(sandbox.can(key)).toBe(true);
    expect(at(await ask('POST', path, { as: 'rita', body }), 'runs.0.id')).toBe(at(opened, 'runs.0.id'));
    expect(await ask('GET', '/containments', { as: 'vera' })).toMatchObject({ body: { containments: [] } });
  });

  it('is refused without the plan, of a release, and of a run that is still under way', async () => {
    const world = knowing();
    const { ask, started } = world;
    const run = await contained(world);
    const digest = 'e'.repeat(64);
    const release = (id: string, body: object) => ask('POST', `/runs/${id}/release`, { as: 'ron', body });
    expect(await release(run, { mode: 'enforce' })).toMatchObject({ status: 400, body: { code: 'digest-needed' } });
    const opened = at(await release(run, { mode: 'enforce', digest }), 'runs.0.id');
    expect(await release(opened, { mode: 'enforce', digest })).toMatchObject({
      status: 409,
      body: { code: 'is-a-release' },
    });
    const open = await ask('POST', '/runs', {
      as: 'ron',
      body: { ...wish, event: leakedKeyAgain(5), mode: 'enforce' },
    });
    expect(await release(at(open, 'runs.0.id'), { mode: 'enforce', digest })).toMatchObject({
      status: 409,
      body: { code: 'run-not-over' },
    });
    expect(started).toHaveLength(2);
  });
});

describe('approvals', () => {
  async function waiting(world: Asked) {
    world.known(leakedKey());
    await world.ask('POST', '/runs', { as: 'rita', body: { ...wish, playbook: 'careful-key', mode: 'enforce' } });
    await world.carry();
    const open = await world.ask('GET', '/approvals', { as: 'abe' });
    return { id: at(open, 'approvals.0.id'), digest: at(open, 'approvals.0.digest') };
  }

  it('counts an answer once, and the same answer again as the same', async () => {
    const world = asked();
    const { ask, carry, sandbox } = world;
    const { id, digest } = await waiting(world);
    const path = `/approvals/${id}`;
    expect(await ask('POST', path, { as: 'abe', body: { verdict: 'approved', digest } })).toMatchObject({
      status: 200,
    });
    expect(await ask('POST', path, { as: 'abe', body: { verdict: 'approved', digest } })).toMatchObject({
      status: 200,
    });
    expect(await ask('POST', path, { as: 'abe', body: { verdict: 'rejected', digest } })).toMatchObject({
      status: 409,
      body: { code: 'already-answered' },
    });
    expect(await carry()).toMatchObject([{ result: { outcome: 'contained' } }]);
    expect(sandbox.can(key)).toBe(false);
  });

  it('takes no answer about another plan, of the one who asked, of somebody it is not for, or after the deadline', async () => {
    const world = asked();
    const { id, digest } = await waiting(world);
    const answer = async (as: string, about = digest) =>
      at(await world.ask('POST', `/approvals/${id}`, { as, body: { verdict: 'approved', digest: about } }), 'code');
    expect(await answer('abe', 'f'.repeat(64))).toBe('other-plan');
    expect(await answer('rita')).toBe('four-eyes');
    expect(await answer('ada')).toBe('not-asked');
    world.sandbox.clock.advance(1_801);
    expect(await answer('abe')).toBe('approval-lapsed');
    expect(world.started).toEqual([]);
    expect(world.sandbox.can(key)).toBe(true);
  });
});

describe('the kill switch', () => {
  it('stops every change until somebody turns it off', async () => {
    const world = knowing();
    const { ask, carry, deps } = world;
    await ask('PUT', '/kill-switch', { as: 'ron', body: { on: true, why: 'a drill' } });
    expect(await killed(deps.records, 'leaked-key')).toBe(true);
    const run = at(await ask('POST', '/runs', { as: 'ron', body: { ...wish, mode: 'enforce' } }), 'runs.0.id');
    expect(await carry()).toMatchObject([{ status: 'waiting', waitsFor: 'the kill switch' }]);
    expect(world.sandbox.can(key)).toBe(true);
    const resumed = await ask('PUT', '/kill-switch', { as: 'ron', body: { on: false, why: 'the drill is over' } });
    expect(resumed).toMatchObject({ body: { started: [run], stillOn: [] } });
    expect(await killed(deps.records, 'leaked-key')).toBe(false);
    expect(await carry()).toMatchObject([{ result: { outcome: 'contained' } }]);
    expect(world.sandbox.can(key)).toBe(false);
  });

  it('knows the playbook it is to stop', async () => {
    const answer = await asked().ask('PUT', '/kill-switch', {
      as: 'ron',
      body: { on: true, why: 'typo', playbook: 'x' },
    });
    expect(answer).toMatchObject({ status: 404, body: { code: 'no-such-playbook' } });
  });
});

describe('what a request must be', () => {
  const bodies: readonly (readonly [what: string, body: unknown, status: number, code: string, path?: string])[] = [
    ['no JSON', '{', 400, 'bad-request'],
    ['too deep', '['.repeat(100), 400, 'bad-request'],
    ['a number that is none', '{"playbook":"leaked-key","event":1e999}', 400, 'bad-request'],
    ['an unknown member', { ...wish, force: true }, 400, 'bad-request'],
    ['a mode that is none', { ...wish, mode: 'force' }, 400, 'bad-request', 'mode'],
    ['two subjects', { ...wish, finding: findingIn(leakedKey()) }, 400, 'bad-request'],
    ['no subject', { playbook: 'leaked-key' }, 400, 'bad-request'],
    ['a digest that is none', { ...wish, digest: 'abc' }, 400, 'bad-request', 'digest'],
    ['an event of nobody', { ...wish, event: { a: 1 } }, 400, 'nothing-to-plan'],
    ['an unknown playbook', { ...wish, playbook: 'nope' }, 404, 'no-such-playbook'],
    ['a resource it does not name', { ...wish, resource: 'other' }, 400, 'nothing-to-plan'],
    ['more than 1 MiB', JSON.stringify({ ...wish, resource: 'x'.repeat(1_048_576) }), 413, 'body-too-large'],
  ];
  it.each(bodies)('not: %s', async (_, body, status, code, path) => {
    const { ask, started } = asked();
    const answer = await ask('POST', '/runs', { as: 'ron', body });
    expect(answer).toMatchObject({ status, body: { status, code, ...(path === undefined ? {} : { path }) } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(started).toEqual([]);
  });

  it('is JSON by its content type, so that no form of another site can send it', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect(await asked().ask('POST', '/runs', { as: 'ron', body: wish, headers })).toMatchObject({ status: 415 });
  });

  it('leads somewhere', async () => {
    expect(await asked().ask('GET', '/nothing', { as: 'vera' })).toMatchObject({
      status: 404,
      body: { code: 'no-such-route' },
    });
    const nowhere = `/runs/${'a'.repeat(26)}`;
    expect(await asked().ask('GET', nowhere, { as: 'vera' })).toMatchObject({
      status: 404,
      body: { code: 'no-such-run' },
    });
  });
});

describe('faults', () => {
  const failing = (fault: unknown) => asked({}, { identify: () => Promise.reject(fault) });

  it('tell nothing of what is not ours to tell, and are reported', async () => {
    const { ask, faults } = failing(new Error('password=hunter2 at /srv/x.ts:1'));
    const answer = await ask('GET', '/playbooks', { as: 'vera' });
    expect(answer.body).toEqual({
      type: 'urn:cordon:problem:internal',
      title: 'Something broke',
      status: 500,
      code: 'internal',
    });
    expect(faults).toHaveLength(1);
  });

  it.each([
    [
      'a cloud that refuses',
      new ProviderError({ code: 'AccessDenied', message: 'no', status: 403, indeterminate: false }),
      502,
    ],
    [
      'what may pass',
      new ProviderError({ code: 'Throttling', message: 'slow', status: 429, indeterminate: false, retryable: true }),
      503,
    ],
    ['what was asked wrongly', new InvalidInput({ code: 'bad-step-input', message: 'no' }), 400],
  ])('have a status: %s', async (_, fault, status) => {
    const { ask, faults } = failing(fault);
    const answer = await ask('GET', '/playbooks', { as: 'vera' });
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
    expect(faults).toHaveLength(status >= 500 ? 1 : 0);
  });
});
