import { describe, expect, it } from 'vitest';
import type { Action } from '../../shared/action/action.ts';
import { iamDisableAccessKey } from '../../shared/actions/aws/iam-disable-access-key.ts';
import { iamRevokeSingleRoleSession } from '../../shared/actions/aws/iam-revoke-single-role-session.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Grant } from '../../shared/policy/grants.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { type ActionLife, checkAction, type ProblemCode } from '../support/check-action.ts';
import { production } from '../support/company.ts';
import { life as keyLife } from './lives/aws.iam.disable-access-key.ts';
import { life as sessionLife } from './lives/aws.iam.revoke-single-role-session.ts';

const key = iamDisableAccessKey;
const session = iamRevokeSingleRoleSession;

/** What is wrong with an action that was spoiled in one way: the codes, each once. */
async function codes(action: Action, life: ActionLife): Promise<readonly ProblemCode[]> {
  const problems = await checkAction(action, life);
  return [...new Set(problems.map(({ code }) => code))].sort();
}

const withRights = (action: Action, rights: { read?: readonly Grant[]; write?: readonly Grant[] }): Action => ({
  ...action,
  permissions: { ...action.permissions, ...rights },
});
const without = (grants: readonly Grant[], right: string) => grants.filter(({ allow }) => allow !== right);
const onEverything = (allow: string): Grant => ({ allow, on: '*' });

/** Somebody else's policy in the place of ours. */
const foreign: Json = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] };

/** Captures, and on the way writes what is there already, through the session it was given. */
const captureThatWrites: Action['capture'] = async (reader, input, step) => {
  const seen = await key.capture(reader, input, step);
  for (const [resource, value] of Object.entries(seen))
    await key.apply(reader, { resource, from: value, to: value }, step);
  return seen;
};

type Spoilt = readonly [fault: string, action: Action, expected: readonly ProblemCode[]];

const keyFaults: readonly Spoilt[] = [
  ['nothing', key, []],
  ['a right to write is missing', withRights(key, { write: [] }), ['refused']],
  ['a right to read is missing', withRights(key, { read: [] }), ['refused']],
  [
    'a right that it never uses',
    withRights(key, { write: [...key.permissions.write, onEverything('iam:DeleteUser')] }),
    ['right-unused'],
  ],
  ['a capture that writes', { ...key, capture: captureThatWrites }, ['refused']],
  [
    'a capture that writes, and the right to do so',
    withRights({ ...key, capture: captureThatWrites }, { read: [...key.permissions.read, ...key.permissions.write] }),
    ['written-by-reader'],
  ],
  [
    'a plan that changes nothing',
    { ...key, plan: (_, seen) => seen },
    ['attack-still-works', 'failed', 'nothing-planned', 'right-unused'],
  ],
  [
    'a plan that turns what is contained round again',
    {
      ...key,
      plan: (_, seen) =>
        Object.fromEntries(Object.entries(seen).map(([id, now]) => [id, now === 'Active' ? 'Inactive' : 'Active'])),
    },
    ['not-contained', 'plans-again'],
  ],
  [
    'an apply that does nothing',
    { ...key, apply: async () => undefined },
    ['attack-still-works', 'not-contained', 'not-verified', 'plans-again', 'right-unused'],
  ],
  [
    'an apply that ignores where it should go',
    { ...key, apply: (writer, change, step) => key.apply(writer, { ...change, to: 'Inactive' }, step) },
    ['not-restored'],
  ],
  [
    'a rollback that does not restore',
    {
      ...key,
      apply: async (writer, change, step) => (change.to === 'Active' ? undefined : key.apply(writer, change, step)),
    },
    ['not-restored'],
  ],
  ['a probe that disagrees', { ...key, probe: async () => false }, ['not-contained', 'not-verified']],
];

const sessionFaults: readonly Spoilt[] = [
  ['nothing', session, []],
  [
    'a right to take back that is missing',
    withRights(session, { write: without(session.permissions.write, 'iam:DeleteRolePolicy') }),
    ['refused'],
  ],
  [
    'a plan that stops somebody else',
    {
      ...session,
      plan: (_, seen, step) =>
        session.plan({ roleName: 'web-server', principalId: 'AROAWEBSERVER00000001:i-0bb22cc33dd44ee55' }, seen, step),
    },
    ['attack-still-works'],
  ],
  [
    'an apply that leaves something beside what it manages',
    {
      ...session,
      async apply(writer, change, step) {
        await session.apply(writer, { ...change, resource: 'web-server/Leftover', to: foreign }, step);
        await session.apply(writer, change, step);
      },
    },
    ['leaves-traces'],
  ],
  ['a rollback that takes a foreign edit for its own', { ...session, halfway: [foreign] }, ['foreign-edit-lost']],
];

describe('an action is caught with', () => {
  it.each(keyFaults)('%s', async (_, action, expected) => {
    expect(await codes(action, keyLife)).toEqual(expected);
  });

  it.each(sessionFaults)('%s (a policy)', async (_, action, expected) => {
    expect(await codes(action, sessionLife)).toEqual(expected);
  });
});

describe('a life is caught with', () => {
  it('an attack that never worked', async () => {
    expect(await codes(key, { ...keyLife, attack: () => false })).toEqual(['attack-never-worked']);
  });

  it('an edit of something that the action does not manage', async () => {
    const edit: ActionLife['edit'] = ({ rows }) => {
      const role = rows.get(roles, `${production}/web-server`);
      if (role) rows.put(roles, `${production}/web-server`, { ...role, tags: { edited: 'yes' } });
    };
    expect(await codes(session, { ...sessionLife, edit })).toEqual(['failed']);
  });

  it('unused rights, but for those that it gives a reason for', async () => {
    const idle = withRights(key, {
      write: [...key.permissions.write, onEverything('iam:DeleteUser'), onEverything('iam:DeleteRole')],
    });
    const problems = await checkAction(idle, { ...keyLife, unused: { 'iam:DeleteUser': 'another input needs it' } });
    expect(problems).toEqual([{ code: 'right-unused', detail: 'iam:DeleteRole' }]);
  });
});
