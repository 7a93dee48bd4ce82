import { describe, expect, it } from 'vitest';
import { type Asked, asked, at } from '../support/api.ts';
import { bruteForce, leakedKey } from '../support/doors.ts';

async function closed(world: Asked): Promise<string> {
  world.known(bruteForce());
  const body = { playbook: 'open-ssh', event: bruteForce(), mode: 'enforce' };
  const opened = await world.ask('POST', '/runs', { as: 'ron', body });
  expect(await world.carry()).toMatchObject([{ result: { outcome: 'contained' } }]);
  return at(opened, 'runs.0.id');
}

describe('what is cut off', () => {
  it('is listed with why, by whom, until when, and the way back', async () => {
    const world = asked();
    const run = await closed(world);
    expect(await world.ask('GET', '/containments', { as: 'vera' })).toMatchObject({
      body: {
        containments: [
          {
            because: [{ run, playbook: 'open-ssh', by: { kind: 'person', id: 'ron' } }],
            until: null,
            reviewOverdue: false,
            watched: { looks: 0, of: 4 },
            release: [expect.stringContaining(`cordon release ${run} --only `)],
          },
        ],
      },
    });
  });
});

describe('bulk releases', () => {
  it('are planned, then made as planned, then on hold until somebody lifts that', async () => {
    const world = asked();
    const { ask, carry } = world;
    const run = await closed(world);
    const body = { playbook: 'open-ssh', since: '1h' };
    const plan = await ask('POST', '/releases', { as: 'ron', body });
    expect(plan).toMatchObject({ status: 200, body: { runs: [{ run }], left: [] } });
    expect(world.started).toEqual([]);
    const enforce = { ...body, mode: 'enforce' };
    expect(await ask('POST', '/releases', { as: 'ron', body: enforce })).toMatchObject({
      status: 400,
      body: { code: 'digest-needed' },
    });
    expect(await ask('POST', '/releases', { as: 'ron', body: { ...enforce, digest: 'f'.repeat(64) } })).toMatchObject({
      status: 409,
      body: { code: 'other-plan' },
    });
    const agreed = { ...enforce, digest: at(plan, 'digest') };
    const opened = await ask('POST', '/releases', { as: 'ron', body: agreed });
    expect(opened).toMatchObject({ status: 202, body: { releases: [{ run }] } });
    expect(await carry()).toMatchObject([{ result: { outcome: 'released' } }]);
    expect((await ask('POST', '/releases', { as: 'ron', body: agreed })).body).toMatchObject({
      releases: [{ release: at(opened, 'releases.0.release') }],
    });
    expect(await ask('GET', '/holds', { as: 'vera' })).toMatchObject({ body: { holds: [{ run, by: 'ron' }] } });
    expect(await ask('DELETE', `/holds/${run}`, { as: 'ron' })).toMatchObject({ body: { run, lifted: 1 } });
    expect(await ask('GET', '/holds', { as: 'vera' })).toMatchObject({ body: { holds: [] } });
  });

  it.each([
    ['nothing', {}],
    ['a time that is none', { since: 'yesterday' }],
    ['a word of its own', { playbook: 'open-ssh', force: true }],
  ])('say which: not %s', async (_, body) => {
    expect(await asked().ask('POST', '/releases', { as: 'ron', body })).toMatchObject({ status: 400 });
  });
});

describe('halting one run', () => {
  it('stops it before its change, and resuming starts it again', async () => {
    const world = asked();
    const { ask, carry } = world;
    world.known(leakedKey());
    const body = { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' };
    const run = at(await ask('POST', '/runs', { as: 'ron', body }), 'runs.0.id');
    expect(await ask('POST', `/runs/${run}/halt`, { as: 'ron', body: {} })).toMatchObject({ status: 400 });
    expect(await ask('POST', `/runs/${run}/halt`, { as: 'ron', body: { why: 'wait' } })).toMatchObject({
      body: { on: true, run, by: 'ron' },
    });
    expect(await carry()).toMatchObject([{ waitsFor: 'the kill switch' }]);
    expect(await ask('GET', '/status', { as: 'vera' })).toMatchObject({
      body: { switches: [{ scope: `run:${run}`, why: 'wait' }], heldBack: [{ run }] },
    });
    expect(await ask('POST', `/runs/${run}/resume`, { as: 'ron', body: { why: 'looked' } })).toMatchObject({
      body: { on: false, started: [run], stillOn: [] },
    });
    expect(await carry()).toMatchObject([{ result: { outcome: 'contained' } }]);
  });

  it('is a switch of its own: not of a playbook too', async () => {
    const body = { on: true, why: 'a drill', playbook: 'leaked-key', run: 'a'.repeat(26) };
    expect(await asked().ask('PUT', '/kill-switch', { as: 'ron', body })).toMatchObject({ status: 400 });
  });
});
