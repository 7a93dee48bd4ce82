import {
  instances,
  networkInterfaces,
  securityGroupRules,
  securityGroups,
  snapshots,
  type SecurityGroupRuleRow,
} from '../../../shared/sandbox/aws/ec2-rows.ts';
import { ruleKey } from '../../../shared/sandbox/aws/ec2-rules.ts';
import { type RoleRow, roles } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { production } from '../../support/company.ts';
import { change, type EditedPlaybook, only } from '../../support/foreign-edit.ts';

const role = `${production}/web-server`;
const instanceId = 'i-0aa11bb22cc33dd44';
const [first, second] = ['eni-0aa11bb22cc33d001', 'eni-0aa11bb22cc33d002'] as const;
const [publicGroup, management, nat] = ['11', '13', '14'].map((end) => `sg-0aa11bb22cc3300${end}`);
const where = { account: production, region: 'eu-west-1' };

const document = (effect: string, action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: effect, Action: action, Resource: '*' }] });
const isOurs = (name: string): boolean => name.startsWith('CordonDenySession-');
const policies = (one: Sandbox, next: (inline: RoleRow['inline'], ours: string) => RoleRow['inline']): void =>
  change(one, roles, role, ({ inline }) => ({ inline: next(inline, Object.keys(inline).find(isOurs) ?? '') }));
const quarantine = (one: Sandbox): string =>
  only(one, securityGroups, ({ name }) => name === `cordon-quarantine-${instanceId}`)[0];
const groupsOf = (one: Sandbox, id: string, next: (groups: readonly string[]) => readonly string[]): void =>
  change(one, networkInterfaces, id, ({ groups }) => ({ groups: next(groups) }));

/** Anybody may come in over a port of a group. */
export function addRule({ rows }: Sandbox, groupId: string, port: number): void {
  const row: SecurityGroupRuleRow = {
    ...{ ...where, groupId, egress: false, protocol: 'tcp', fromPort: port, toPort: port, revision: 1 },
    source: { kind: 'ipv4', value: '192.0.2.77/32' },
    description: 'for the investigation',
  };
  rows.put(securityGroupRules, ruleKey(row), row);
}

/** A role's session denied and its instance isolated. */
export const edited: EditedPlaybook = {
  playbook: 'stolen-instance-credentials',
  event: 'guardduty/instance-credential-exfiltration-outside',
  keeps: /\/snap-/,
  edits: [
    {
      name: 'our policy on the role is made to deny less',
      make: (one) => policies(one, (inline, ours) => ({ ...inline, [ours]: document('Deny', 's3:*') })),
      moved: ['CordonDenySession-'],
    },
    {
      name: 'our policy on the role is removed',
      make: (one) =>
        policies(one, (inline) => Object.fromEntries(Object.entries(inline).filter(([name]) => !isOurs(name)))),
    },
    {
      name: 'another policy is put on the role',
      make: (one) => policies(one, (inline) => ({ ...inline, later: document('Deny', 'iam:*') })),
    },
    {
      name: 'the role’s own policy is widened, and the role is tagged',
      make: (one) => {
        policies(one, (inline) => ({ ...inline, serve: document('Allow', 's3:*') }));
        change(one, roles, role, () => ({ tags: { reviewed: 'yes' } }));
      },
    },
    {
      name: 'a further group is attached to an interface',
      make: (one) => groupsOf(one, first, (groups) => [...groups, nat ?? '']),
      moved: [first, `cordon-quarantine-${instanceId}`],
      stays: /security-groups\/|tags\/sg-|eni-0aa11bb22cc33d001\/groups/,
    },
    {
      name: 'our group is taken off an interface, which gets its own back',
      make: (one) => groupsOf(one, second, () => [management ?? '']),
    },
    {
      name: 'our group is taken off an interface for another one',
      make: (one) => groupsOf(one, second, () => [nat ?? '']),
      moved: [second],
      stays: /eni-0aa11bb22cc33d002\/groups/,
    },
    {
      name: 'a rule is put into our group',
      make: (one) => addRule(one, quarantine(one), 22),
      moved: [`cordon-quarantine-${instanceId}`],
      stays: /security-groups\/|tags\/sg-/,
    },
    {
      name: 'a rule is put into a group of theirs that the interface had, and one is taken out',
      make: (one) => {
        addRule(one, publicGroup ?? '', 8443);
        const [key] = one.rows
          .all(securityGroupRules)
          .find(([, { groupId, egress }]) => groupId === management && !egress) ?? [''];
        one.rows.delete(securityGroupRules, key);
      },
    },
    {
      name: 'an interface of another machine is put into our group',
      make: (one) => groupsOf(one, 'eni-0dd44ee55ff667001', () => [quarantine(one)]),
      moved: [`cordon-quarantine-${instanceId}`],
      stays: /security-groups\/|tags\/sg-/,
    },
    {
      name: 'the instance is given another role',
      make: (one) =>
        change(one, instances, instanceId, () => ({
          instanceProfile: {
            arn: `arn:aws:iam::${production}:instance-profile/batch-worker`,
            id: 'AIPABATCHWORKER0000001',
          },
        })),
      moved: [instanceId],
    },
    {
      name: 'one of the snapshots is deleted',
      make: (one) => one.rows.delete(snapshots, one.rows.all(snapshots)[0]?.[0] ?? ''),
    },
    {
      name: 'the instance is terminated, with its interfaces',
      make: ({ rows }) => {
        rows.delete(instances, instanceId);
        for (const id of [first, second]) rows.delete(networkInterfaces, id);
      },
      moved: [first, second, instanceId],
      stays: /eni-0aa11bb22cc33d00[12]\/groups|instanceProfile/,
    },
  ],
};
