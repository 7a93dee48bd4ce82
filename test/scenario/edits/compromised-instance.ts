import { autoScalingGroups, members } from '../../../shared/sandbox/aws/asg-rows.ts';
import {
  ec2Tags,
  instances,
  networkInterfaces,
  securityGroupRules,
  securityGroups,
} from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { production } from '../../support/company.ts';
import { change, type EditedPlaybook, only } from '../../support/foreign-edit.ts';
import { addRule } from './stolen-instance-credentials.ts';

const instanceId = 'i-0bb22cc33dd44ee55';
const [first, second] = ['eni-0bb22cc33dd44e001', 'eni-0bb22cc33dd44e002'] as const;
const data = 'sg-0bb22cc33dd440012';
const where = { account: production, region: 'eu-west-1' };
const group = `${production}/eu-west-1/checkout`;
const named = (one: Sandbox, name: string): string => only(one, securityGroups, (row) => row.name === name)[0];
const tags = (one: Sandbox, next: (tags: Readonly<Record<string, string>>) => Record<string, string>): void =>
  change(one, ec2Tags, instanceId, (row) => ({ tags: next(row.tags) }));

/** An instance marked, protected, detached from its group and isolated. */
export const edited: EditedPlaybook = {
  playbook: 'compromised-instance',
  event: 'guardduty/compromised-instance',
  // beside the evidence: the volume of the replacement, which AWS launched and ended
  keeps: /\/snap-|volumes\/vol-0801955c386b2fb8a/,
  edits: [
    {
      name: 'our tag is changed',
      make: (one) => tags(one, (all) => ({ ...all, 'cordon:run': 'INC-4711' })),
      moved: ['tag:cordon:run'],
    },
    {
      name: 'our tags are removed and another one is set',
      make: (one) =>
        tags(one, (all) => ({
          ...Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('cordon:'))),
          incident: 'INC-4711',
        })),
    },
    {
      name: 'the protection from termination is taken off by hand',
      make: (one) => change(one, instances, instanceId, () => ({ disableApiTermination: false })),
    },
    {
      name: 'the instance is made to end when it is shut down from within',
      make: (one) => change(one, instances, instanceId, () => ({ shutdownBehavior: 'terminate' as const })),
    },
    {
      name: 'its volume is kept beyond its end no more',
      make: (one) =>
        change(one, instances, instanceId, (row) => ({
          blockDevices: row.blockDevices.map((device) => ({ ...device, deleteOnTermination: true })),
        })),
    },
    {
      name: 'the instance joins another group',
      make: (one) => {
        const row = one.rows.get(autoScalingGroups, group);
        if (row)
          one.rows.put(autoScalingGroups, group.replace('checkout', 'forensics'), {
            ...row,
            name: 'forensics',
            arn: row.arn.replace('checkout', 'forensics'),
            desired: 1,
            min: 1,
            tags: {},
          });
        one.rows.put(members, instanceId, { ...where, group: 'forensics', instanceId, protectedFromScaleIn: false });
      },
      moved: [instanceId, `checkout/scale-in-protection:${instanceId}`, `scale-in-protection:${instanceId}`],
      stays: /i-0f9040b6e372a7010|eni-0070275419eabef96|autoscaling:groupName/,
    },
    {
      name: 'the group is given room for more',
      make: (one) => change(one, autoScalingGroups, group, () => ({ max: 9 })),
    },
    {
      name: 'a further group is attached to an interface',
      make: (one) => change(one, networkInterfaces, first, ({ groups }) => ({ groups: [...groups, data] })),
      moved: [first, `cordon-quarantine-${instanceId}`],
      stays: /security-groups\/sg-0789780c21cd74394|tags\/sg-0789780c21cd74394|eni-0bb22cc33dd44e001\/groups/,
    },
    {
      name: 'our group is taken off an interface for another one',
      make: (one) => change(one, networkInterfaces, second, () => ({ groups: [data] })),
      moved: [second],
      stays: /eni-0bb22cc33dd44e002\/groups/,
    },
    {
      name: 'a rule is put into our group',
      make: (one) => addRule(one, named(one, `cordon-quarantine-${instanceId}`), 22),
      moved: [`cordon-quarantine-${instanceId}`],
      stays: /security-groups\/sg-0789780c21cd74394|tags\/sg-0789780c21cd74394/,
    },
    {
      name: 'a rule is taken out of our open group',
      make: (one) => {
        const open = named(one, `cordon-open-${instanceId}`);
        const [key] = one.rows.all(securityGroupRules).find(([, row]) => row.groupId === open && row.egress) ?? [''];
        one.rows.delete(securityGroupRules, key);
      },
      moved: [`cordon-open-${instanceId}`],
      stays: /sg-0ae87b747f8e3ca4b/,
    },
    {
      name: 'an interface of another machine is put into our group',
      make: (one) =>
        change(one, networkInterfaces, 'eni-0cc33dd44ee55f001', ({ groups }) => ({
          groups: [...groups, named(one, `cordon-quarantine-${instanceId}`)],
        })),
      moved: [`cordon-quarantine-${instanceId}`],
      stays: /security-groups\/sg-0789780c21cd74394|tags\/sg-0789780c21cd74394/,
    },
  ],
};
