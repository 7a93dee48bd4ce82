import { describe, expect, it } from 'vitest';
import { Instance, SecurityGroup } from '../../../shared/model/target.ts';
import { instances, type InterfaceRow, networkInterfaces } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, production } from '../../support/company.ts';

const place = { name: '', account: production, region: 'eu-west-1', role: 'affected' } as const;
const instance = (instanceId: string) =>
  Instance.parse({ type: 'aws.ec2.instance', id: instanceId, ...place, instanceId, interfaces: [] });

const change = ({ rows }: Sandbox, id: string, changed: Partial<InterfaceRow>): void => {
  const row = rows.get(networkInterfaces, id);
  if (row) rows.put(networkInterfaces, id, { ...row, ...changed });
};

async function play() {
  const { sandbox, clouds } = company();
  const { signal } = new AbortController();
  const where = { cloud: 'aws', account: production, region: 'eu-west-1' } as const;
  const session = await clouds.session({ ...where, rights: 'reader', runId: 'run', signal });
  return { sandbox, inspect: (instanceId: string) => clouds.inspect(session, instance(instanceId)), clouds, session };
}

describe('what is read of an instance', () => {
  it('tells its tags, network, role and Auto Scaling group', async () => {
    const { inspect } = await play();
    expect(await inspect('i-0bb22cc33dd44ee55')).toEqual({
      tags: { Name: 'checkout-7', environment: 'production', 'aws:autoscaling:groupName': 'checkout' },
      state: 'running',
      vpcId: 'vpc-0bb22cc33dd44ee00',
      sourceDestCheck: true,
      interfaceTypes: ['interface'],
      filters: ['i-0bb22cc33dd44ee55'],
      autoScalingGroup: 'checkout',
      fleet: { id: `${production}/eu-west-1/checkout`, size: 2 },
      instanceProfileArn: 'arn:aws:iam::111122223333:instance-profile/batch-worker',
    });
  });

  it('tells a router by the check of any of its interfaces', async () => {
    const { inspect, sandbox } = await play();
    expect(await inspect('i-0dd44ee55ff667788')).toMatchObject({ sourceDestCheck: false });
    expect(await inspect('i-0aa11bb22cc33dd44')).toMatchObject({ sourceDestCheck: true });
    change(sandbox, 'eni-0aa11bb22cc33d002', { sourceDestCheck: false });
    expect(await inspect('i-0aa11bb22cc33dd44')).toMatchObject({ sourceDestCheck: false });
  });

  it('names the service that manages one of its interfaces', async () => {
    const { inspect, sandbox } = await play();
    expect(await inspect('i-0aa11bb22cc33dd44')).not.toHaveProperty('managedBy');
    change(sandbox, 'eni-0aa11bb22cc33d002', { requesterManaged: true, requesterId: 'amazon-ecs' });
    expect(await inspect('i-0aa11bb22cc33dd44')).toMatchObject({ managedBy: 'amazon-ecs' });
  });

  it('is nothing where it is terminated or was never there', async () => {
    const { inspect, sandbox } = await play();
    const row = sandbox.rows.get(instances, 'i-0aa11bb22cc33dd44');
    if (row) sandbox.rows.put(instances, row.instanceId, { ...row, state: 'terminated' });
    expect(await inspect('i-0aa11bb22cc33dd44')).toBeUndefined();
    expect(await inspect('i-0123456789abcdef0')).toBeUndefined();
    expect(await inspect('web-1')).toBeUndefined();
  });
});

describe('what is read of a security group', () => {
  it('tells its name and VPC, and is nothing where it is gone', async () => {
    const { clouds, session } = await play();
    const group = (groupId: string) =>
      clouds.inspect(session, SecurityGroup.parse({ type: 'aws.ec2.security-group', id: groupId, ...place, groupId }));
    expect(await group('sg-0aa11bb22cc330013')).toEqual({
      groupName: 'web-management',
      vpcId: 'vpc-0aa11bb22cc33dd00',
      tags: {},
      interfaceTypes: ['interface'],
    });
    expect(await group('sg-0123456789abcdef0')).toBeUndefined();
  });
});
