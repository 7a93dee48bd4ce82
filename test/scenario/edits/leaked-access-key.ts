import { accessKeys, groups, users } from '../../../shared/sandbox/aws/iam-rows.ts';
import { production } from '../../support/company.ts';
import { change, type EditedPlaybook } from '../../support/foreign-edit.ts';

const user = `${production}/ci-deploy`;
const key = 'AKIACIDEPLOY00000001';
const quarantine = `arn:aws:iam::${production}:policy/CordonQuarantine`;
const document = (effect: string, action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: effect, Action: action, Resource: '*' }] });

/** A leaked key turned off and its user quarantined, edited by a responder or the attacker. */
export const edited: EditedPlaybook = {
  playbook: 'leaked-access-key',
  event: 'guardduty/leaked-access-key',
  edits: [
    { name: 'the key is deleted', make: ({ rows }) => rows.delete(accessKeys, key), moved: [key] },
    {
      name: 'a second key is made',
      make: ({ rows }) => {
        const row = rows.get(accessKeys, key);
        const accessKeyId = 'AKIACIDEPLOY00000002';
        if (row) rows.put(accessKeys, accessKeyId, { ...row, accessKeyId, status: 'Active' });
      },
    },
    {
      name: 'the key is set Active by hand',
      make: (one) => change(one, accessKeys, key, () => ({ status: 'Active' as const })),
    },
    {
      name: 'another policy is attached to the user',
      make: (one) =>
        change(one, users, user, ({ attached }) => ({
          attached: [...attached, 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
        })),
    },
    {
      name: 'our policy is detached by hand',
      make: (one) => change(one, users, user, () => ({ attached: [] })),
    },
    {
      name: 'a policy of the user is made narrower',
      make: (one) => change(one, users, user, () => ({ inline: { deploy: document('Allow', 's3:GetObject') } })),
    },
    { name: 'a policy of the user is removed', make: (one) => change(one, users, user, () => ({ inline: {} })) },
    {
      name: 'a policy of their own is put under the name of ours',
      make: (one) =>
        change(one, users, user, ({ inline }) => ({
          inline: { ...inline, CordonQuarantine: document('Deny', 'iam:*') },
        })),
    },
    {
      name: 'the user is tagged',
      make: (one) => change(one, users, user, () => ({ tags: { incident: 'INC-4711', 'cordon:run': 'not ours' } })),
    },
    {
      name: 'the user is put into a group',
      make: (one) => {
        const arn = `arn:aws:iam::${production}:group/builders`;
        one.rows.put(groups, `${production}/builders`, {
          account: production,
          name: 'builders',
          arn,
          attached: [],
          inline: {},
        });
        change(one, users, user, () => ({ groups: ['builders'] }));
      },
    },
    {
      name: 'a permissions boundary is set, and the key is set Active',
      make: (one) => {
        change(one, users, user, () => ({ boundary: quarantine }));
        change(one, accessKeys, key, () => ({ status: 'Active' as const }));
      },
    },
    {
      name: 'the user is deleted, with all that it has',
      make: ({ rows }) => {
        rows.delete(users, user);
        rows.delete(accessKeys, key);
      },
      moved: [key, 'CordonQuarantine'],
    },
  ],
};
