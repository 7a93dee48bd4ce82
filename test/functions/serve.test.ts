import { afterEach, describe, expect, it } from 'vitest';
import { grantDeclared } from '../../functions/local/rights.ts';
import { serve, type Serving } from '../../functions/local/serve.ts';
import { later } from '../../shared/model/duration.ts';
import { type JsonObject, own } from '../../shared/model/json.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { person } from '../support/api.ts';
import { identities, production } from '../support/company.ts';
import { heard } from '../support/console.ts';
import { doors, leakedKey, playbooks } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';

const key = { accessKeyId: 'AKIACIDEPLOY00000001', action: 'iam:ListUsers', resource: '*' };
const open: Serving[] = [];
const lines = heard();
afterEach(async () => {
  for (const serving of open.splice(0)) await serving.close();
});

async function serving(company = doors(), person?: string) {
  const { deps, engine } = company;
  const made = await serve({
    deps,
    engine,
    playbooks,
    homeRegion: 'eu-west-1',
    ...(person !== undefined && { person }),
  });
  open.push(made);
  const ask = async (path: string, body?: object, token = made.token) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(new URL(path, made.url), {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    const read: unknown = await answer.json();
    return { status: answer.status, headers: answer.headers, body: read };
  };
  return { ...company, made, ask };
}

describe('the local server', () => {
  it('listens on the loopback alone, and to whoever holds the token', async () => {
    const { made, ask } = await serving();
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(made.token.length).toBeGreaterThanOrEqual(32);
    expect(await ask('/playbooks')).toMatchObject({ status: 200 });
    for (const wrong of ['', 'x', `${made.token}x`, made.token.slice(1)])
      expect(await ask('/playbooks', undefined, wrong)).toMatchObject({ status: 401 });
  });

  it('carries the runs on that it starts, to containment', async () => {
    const { ask, made, sandbox, known } = await serving();
    known(leakedKey());
    const opened = await ask('/runs', { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' });
    expect(opened.status).toBe(202);
    await made.idle();
    expect(await ask(opened.headers.get('location') ?? '')).toMatchObject({
      body: { result: { outcome: 'contained' } },
    });
    expect(sandbox.can(key)).toBe(false);
  });

  it('gives the token the roles that the settings give its person', async () => {
    const company = doors({ people: [person('vera', ['viewer'])] });
    const { ask } = await serving(company, 'vera');
    expect(await ask('/runs')).toMatchObject({ status: 200 });
    expect(await ask('/runs', { playbook: 'leaked-key', event: leakedKey() })).toMatchObject({ status: 403 });
  });

  it('compares what the providers hold with what arrived, as a deployment does every hour', async () => {
    const company = doors();
    const { sandbox, deps } = company;
    await grantDeclared(sandbox, {}, deps.settings, identities);
    const { made } = await serving(company);
    await made.look();
    sandbox.clock.moveTo(later(sandbox.clock.now(), 300));
    const now = sandbox.clock.now();
    const event = withMembers(readEvent('guardduty/leaked-access-key'), {
      'detail.createdAt': now,
      'detail.updatedAt': now,
    });
    addFinding(sandbox.rows, own(event, 'detail') as JsonObject); // a GuardDuty event has a detail
    sandbox.clock.moveTo(later(now, 5_400));
    await made.look();
    const rounds = await deps.records.read('round', `reconcile:aws:${production}`);
    expect(own(rounds?.body, 'toldOn')).toBe(now.slice(0, 10));
  });

  it('closes at once, with a run that waits for a person and a connection that is held', async () => {
    const { ask, made, known, deps } = await serving();
    known(leakedKey());
    await ask('/runs', { playbook: 'careful-key', event: leakedKey(), mode: 'enforce' });
    await made.close();
    open.splice(0);
    await expect(ask('/playbooks')).rejects.toThrow();
    const [run] = await deps.records.list('run', '2026-11-20');
    expect(run?.body).not.toMatchObject({ status: 'ended' });
    expect(lines.filter((line) => line.includes('"error"'))).toEqual([]);
  });
});
