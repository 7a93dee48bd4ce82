import { type RoleRow, roles, sessions } from '../../../shared/sandbox/aws/iam-rows.ts';
import { userOf, users } from '../../../shared/sandbox/azure/entra-users.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { production, tenant } from '../../support/company.ts';
import { change, type EditedPlaybook } from '../../support/foreign-edit.ts';

const role = `${production}/northwind-federated-admin`;
const isOurs = (name: string): boolean => name.startsWith('CordonDenySession-');
type Inline = RoleRow['inline'];
const ours = (inline: Inline): string => Object.keys(inline).find(isOurs) ?? '';
const policies = (one: Sandbox, next: (inline: Inline) => Inline): void =>
  change(one, roles, role, ({ inline }) => ({ inline: next(inline) }));
const person = (one: Sandbox) => userOf(one.rows, 'jonas.berg@northwind.example')?.id ?? '';
const statements = (...Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*' });

/** One session of a federated role denied, and the sign-ins of its person ended. */
export const edited: EditedPlaybook = {
  playbook: 'federated-session',
  event: 'guardduty/saml-session',
  keeps: /signInSessionsValidFromDateTime/,
  settings: {
    identityProviders: [{ arn: `arn:aws:iam::${production}:saml-provider/NorthwindEntra`, tenant }],
  },
  edits: [
    {
      name: 'our policy is made to deny less',
      make: (one) => policies(one, (inline) => ({ ...inline, [ours(inline)]: statements(deny('s3:*')) })),
      moved: ['CordonDenySession-'],
    },
    {
      name: 'a statement is added to our policy',
      make: (one) =>
        policies(one, (inline) => ({
          ...inline,
          [ours(inline)]: statements(...JSON.parse(inline[ours(inline)] ?? '').Statement, deny('iam:*')),
        })),
      moved: ['CordonDenySession-'],
    },
    {
      name: 'our policy is removed',
      make: (one) =>
        policies(one, (inline) => Object.fromEntries(Object.entries(inline).filter(([name]) => !isOurs(name)))),
    },
    {
      name: 'our policy is kept under another name',
      make: (one) =>
        policies(one, (inline) => ({
          ...Object.fromEntries(Object.entries(inline).filter(([name]) => !isOurs(name))),
          'kept-by-hand': inline[ours(inline)] ?? '',
        })),
    },
    {
      name: 'another policy is put on the role',
      make: (one) => policies(one, (inline) => ({ ...inline, later: statements(deny('iam:*')) })),
    },
    { name: 'the role’s own policy is removed', make: (one) => policies(one, ({ administer: _, ...rest }) => rest) },
    {
      name: 'a managed policy is attached to the role',
      make: (one) => change(one, roles, role, () => ({ attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] })),
    },
    {
      name: 'the role trusts nobody any more',
      make: (one) => change(one, roles, role, () => ({ trust: statements(deny('sts:*')) })),
    },
    {
      name: 'the role is tagged and bounded',
      make: (one) =>
        change(one, roles, role, () => ({
          tags: { reviewed: 'yes' },
          boundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
        })),
    },
    { name: 'the role is deleted', make: ({ rows }) => rows.delete(roles, role) },
    {
      name: 'the role is made anew under the same name',
      make: (one) => change(one, roles, role, () => ({ roleId: 'AROANEWROLE0000000001', inline: {} })),
    },
    {
      name: 'the person is disabled by hand, and the session runs out',
      make: (one) => {
        change(one, users, person(one), () => ({ accountEnabled: false }));
        one.rows.delete(sessions, 'ASIASAMLADMIN0000001');
      },
    },
  ],
};
