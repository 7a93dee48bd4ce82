import { describe, expect, it } from 'vitest';
import type { Person } from '../../shared/config/settings.ts';
import type { Right } from '../../shared/guard/rights.ts';
import { type Asked, asked, at, person, staff } from '../support/api.ts';
import { development, production } from '../support/company.ts';
import { leakedKey, leakedKeyAgain, playbooks } from '../support/doors.ts';

type Role = Person['roles'][number];
type Reach = Pick<Person, 'accounts' | 'playbooks'>;

const rights: Record<Role, readonly Right[]> = {
  viewer: ['read'],
  operator: ['read', 'plan'],
  responder: ['read', 'plan', 'run'],
  approver: ['read', 'approve'],
};

/** Whom a person may reach; the things of this test are in production, under leaked-key and careful-key. */
const reaches: Record<string, Reach & { readonly here: boolean; readonly everywhere: boolean }> = {
  everything: { accounts: ['*'], playbooks: ['*'], here: true, everywhere: true },
  'this account and playbook': {
    accounts: [production],
    playbooks: ['leaked-key', 'careful-key'],
    here: true,
    everywhere: false,
  },
  'all accounts, these playbooks': {
    accounts: ['*'],
    playbooks: ['leaked-key', 'careful-key'],
    here: true,
    everywhere: false,
  },
  'another account': { accounts: [development], playbooks: ['*'], here: false, everywhere: false },
  'another playbook': { accounts: ['*'], playbooks: ['open-ssh'], here: false, everywhere: false },
  'nothing at all': { accounts: [], playbooks: [], here: false, everywhere: false },
};

/** What stands ready: a contained run, a run that waits for an approval, the digests of their plans. */
type Ready = { readonly run: string; readonly approval: string; readonly digest: string };

type Route = {
  readonly method: string;
  readonly path: (ready: Ready) => string;
  readonly body?: (ready: Ready) => unknown;
  readonly right: Right;
  readonly status: number;
  /** What the role alone does not decide: being listed, reaching this account and playbook, or reaching everything. */
  readonly needs: 'nothing' | 'here' | 'everywhere' | 'playbook' | 'all-accounts' | 'account';
  /** For lists: what a reader who does not reach it must not see. */
  readonly hides?: string;
};

const routes: Record<string, Route> = {
  'list playbooks': { method: 'GET', path: () => '/playbooks', right: 'read', status: 200, needs: 'nothing' },
  'read a playbook': {
    method: 'GET',
    path: () => '/playbooks/leaked-key',
    right: 'read',
    status: 200,
    needs: 'playbook',
  },
  plan: {
    method: 'POST',
    path: () => '/plans',
    body: () => ({ playbook: 'leaked-key', event: leakedKey() }),
    right: 'plan',
    status: 200,
    needs: 'here',
  },
  run: {
    method: 'POST',
    path: () => '/runs',
    body: () => ({ playbook: 'leaked-key', event: leakedKeyAgain(7) }),
    right: 'run',
    status: 202,
    needs: 'here',
  },
  'list runs': {
    method: 'GET',
    path: () => '/runs',
    right: 'read',
    status: 200,
    needs: 'nothing',
    hides: 'leaked-key',
  },
  'read a run': { method: 'GET', path: ({ run }) => `/runs/${run}`, right: 'read', status: 200, needs: 'here' },
  'plan a release': {
    method: 'POST',
    path: ({ run }) => `/runs/${run}/release`,
    body: () => ({}),
    right: 'run',
    status: 200,
    needs: 'here',
  },
  release: {
    method: 'POST',
    path: ({ run }) => `/runs/${run}/release`,
    body: () => ({ mode: 'enforce', digest: 'f'.repeat(64) }),
    right: 'run',
    status: 202,
    needs: 'here',
  },
  'list approvals': {
    method: 'GET',
    path: () => '/approvals',
    right: 'read',
    status: 200,
    needs: 'nothing',
    hides: 'careful-key',
  },
  'list containments': {
    method: 'GET',
    path: () => '/containments',
    right: 'read',
    status: 200,
    needs: 'nothing',
    hides: 'leaked-key',
  },
  inbox: { method: 'GET', path: () => '/inbox', right: 'read', status: 200, needs: 'nothing', hides: 'careful-key' },
  'read a question': {
    method: 'GET',
    path: ({ approval }) => `/approvals/${approval}`,
    right: 'read',
    status: 200,
    needs: 'here',
  },
  'see how things stand': {
    method: 'GET',
    path: () => '/status',
    right: 'read',
    status: 200,
    needs: 'nothing',
    hides: 'leaked-key',
  },
  'plan many releases': {
    method: 'POST',
    path: () => '/releases',
    body: () => ({ since: '1d', reactivateCredentials: true }),
    right: 'run',
    status: 200,
    needs: 'nothing',
    hides: 'leaked-key',
  },
  'plan many releases of one playbook': {
    method: 'POST',
    path: () => '/releases',
    body: () => ({ playbook: 'leaked-key', account: production }),
    right: 'run',
    status: 200,
    needs: 'here',
  },
  'list holds': { method: 'GET', path: () => '/holds', right: 'read', status: 200, needs: 'nothing' },
  'lift holds': { method: 'DELETE', path: ({ run }) => `/holds/${run}`, right: 'run', status: 200, needs: 'here' },
  'halt a run': {
    method: 'POST',
    path: ({ run }) => `/runs/${run}/halt`,
    body: () => ({ why: 'a drill' }),
    right: 'run',
    status: 200,
    needs: 'here',
  },
  'resume a run': {
    method: 'POST',
    path: ({ run }) => `/runs/${run}/resume`,
    body: () => ({ why: 'the drill is over' }),
    right: 'run',
    status: 200,
    needs: 'here',
  },
  'stop one run': {
    method: 'PUT',
    path: () => '/kill-switch',
    body: ({ run }) => ({ on: true, why: 'a drill', run }),
    right: 'run',
    status: 200,
    needs: 'here',
  },
  answer: {
    method: 'POST',
    path: ({ approval }) => `/approvals/${approval}`,
    body: ({ digest }) => ({ verdict: 'rejected', digest }),
    right: 'approve',
    status: 200,
    needs: 'here',
  },
  'stop one playbook': {
    method: 'PUT',
    path: () => '/kill-switch',
    body: () => ({ on: true, why: 'a drill', playbook: 'leaked-key' }),
    right: 'run',
    status: 200,
    needs: 'all-accounts',
  },
  'close the breaker of one account': {
    method: 'POST',
    path: () => `/breakers/${production}/close`,
    body: () => ({ why: 'a drill' }),
    right: 'run',
    status: 404,
    needs: 'account',
  },
  'close the breaker of everything': {
    method: 'POST',
    path: () => '/breakers/all/close',
    body: () => ({ why: 'a drill' }),
    right: 'run',
    status: 404,
    needs: 'everywhere',
  },
  'list what can be examined': { method: 'GET', path: () => '/doctor', right: 'run', status: 200, needs: 'everywhere' },
  'examine the deployment': {
    method: 'POST',
    path: () => '/doctor',
    body: () => ({ part: 'settings' }),
    right: 'run',
    status: 200,
    needs: 'everywhere',
  },
  drill: {
    method: 'POST',
    path: () => '/drills',
    body: () => ({
      action: 'aws.s3.block-public-access-bucket',
      target: 'arn:aws:s3:::no-such-canary',
      account: production,
    }),
    right: 'run',
    status: 404,
    needs: 'everywhere',
  },
  'read a drill': {
    method: 'GET',
    path: ({ run }) => `/drills/${run}`,
    right: 'run',
    status: 404,
    needs: 'everywhere',
  },
  'stop everything': {
    method: 'PUT',
    path: () => '/kill-switch',
    body: () => ({ on: true, why: 'a drill' }),
    right: 'run',
    status: 200,
    needs: 'everywhere',
  },
};

const caller = 'somebody';

async function prepared(world: Asked): Promise<Ready> {
  for (const event of [leakedKey(), leakedKeyAgain(1)]) world.known(event);
  const wish = { playbook: 'careful-key', event: leakedKeyAgain(1), mode: 'enforce' };
  await world.ask('POST', '/runs', { as: 'ron', body: wish });
  await world.carry().catch(() => undefined);
  const approvals = await world.ask('GET', '/approvals', { as: 'vera' });
  const run = await world.ask('POST', '/runs', {
    as: 'ron',
    body: { playbook: 'leaked-key', event: leakedKey(), mode: 'enforce' },
  });
  await world.carry();
  return {
    run: at(run, 'runs.0.id'),
    approval: at(approvals, 'approvals.0.id'),
    digest: at(approvals, 'approvals.0.digest'),
  };
}

function expected(role: Role, reach: (typeof reaches)[string], { right, status, needs }: Route): number {
  if (!rights[role].includes(right)) return 403;
  const playbook = reach.playbooks.some((one) => one === '*' || one === 'leaked-key');
  const may = {
    nothing: true,
    here: reach.here,
    everywhere: reach.everywhere,
    playbook,
    'all-accounts': playbook && reach.accounts.includes('*'),
    account: reach.playbooks.includes('*') && reach.accounts.some((one) => one === '*' || one === production),
  }[needs];
  return may ? status : 403;
}

describe.each(Object.keys(rights) as Role[])('%s', (role) => {
  it.each(Object.entries(reaches))('who reaches %s', async (_, reach) => {
    const { accounts, playbooks: named } = reach;
    const one = person(caller, [role], { accounts, playbooks: named, groups: ['on-call'] });
    const world = asked({ people: [...staff, one] });
    const ready = await prepared(world);
    const got: Record<string, number> = {};
    const hidden: string[] = [];
    for (const [name, { method, path, body, hides }] of Object.entries(routes)) {
      const answer = await world.ask(method, path(ready), { as: caller, ...(body && { body: body(ready) }) });
      got[name] = answer.status;
      if (hides && answer.status === 200 && JSON.stringify(answer.body).includes(hides) !== reach.here)
        hidden.push(name);
    }
    const wanted = Object.entries(routes).map(([name, route]) => [name, expected(role, reach, route)]);
    expect(got).toEqual(Object.fromEntries(wanted));
    expect(hidden, 'lists show what is reached and nothing else').toEqual([]);
  });
});

it.each(Object.entries(routes))('%s: nobody without an identity, and nobody who is not listed', async (_, route) => {
  const world = asked();
  const { method, path, body } = route;
  const ready = { run: 'a'.repeat(26), approval: 'b'.repeat(26), digest: 'c'.repeat(64) };
  const sent = body ? { body: body(ready) } : {};
  expect(await world.ask(method, path(ready), sent)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  expect(await world.ask(method, path(ready), { as: 'stranger', ...sent })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
});

it('covers every playbook of the company, so that no scope is told apart by accident', () => {
  expect(playbooks.map(({ id }) => id)).toEqual(['leaked-key', 'careful-key', 'open-ssh']);
});

it('is asked of every route that there is, but for the one that Slack signs', () => {
  const ready = { run: ':id', approval: ':id', digest: '' };
  const covered = Object.values(routes).map(({ method, path }) => `${method} ${path(ready)}`);
  const known = new Set([
    ...covered,
    'GET /playbooks/:id',
    'GET /drills/:run',
    'DELETE /holds/:run',
    'POST /breakers/:scope/close',
    'POST /channels/slack',
  ]);
  expect(asked().routes.filter((route) => !known.has(route))).toEqual([]);
});
