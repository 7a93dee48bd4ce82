import {
  AssociateIamInstanceProfileCommand,
  CreateNetworkAclEntryCommand,
  CreateVolumeCommand,
  DeleteNetworkAclEntryCommand,
  DescribeImagesCommand,
  DescribeNetworkAclsCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { snapshots } from '../../shared/sandbox/aws/ec2-rows.ts';
import { reach } from '../../shared/sandbox/aws/network.ts';
import { holding, refusal } from '../support/attacker.ts';
import { northwindSandbox } from '../support/company.ts';
import { outsider } from '../support/outsider.ts';

const SnapshotId = 'snap-0aa11bb22cc33d501';
const NetworkAclId = 'acl-0aa11bb22cc33dd00';
const InstanceId = 'i-0aa11bb22cc33dd44';

function play() {
  const sandbox = northwindSandbox();
  const client = new EC2Client(holding(sandbox, 'AKIABREAKGLASS000001'));
  return { sandbox, client, outside: new EC2Client(outsider(sandbox)) };
}

describe('network ACLs', () => {
  const rule = { NetworkAclId, RuleNumber: 10, Egress: true };
  const deny = { ...rule, RuleAction: 'deny', Protocol: '-1', CidrBlock: '203.0.113.7/32' } as const;

  it('judge by number, without state: an answer that does not pass ends a connection', async () => {
    const { client, sandbox } = play();
    const tries = () => reach(sandbox, { from: '203.0.113.7', to: '10.20.2.44', port: 22 });
    expect(tries()).toBe('connected');
    await client.send(new CreateNetworkAclEntryCommand(deny));
    expect(tries()).toBe('timeout');
    expect(reach(sandbox, { from: '203.0.113.8', to: '10.20.2.44', port: 22 })).toBe('connected');
    await client.send(new DeleteNetworkAclEntryCommand(rule));
    expect(tries()).toBe('connected');
  });

  it('take a number once, and show the rules that deny the rest', async () => {
    const { client } = play();
    await client.send(new CreateNetworkAclEntryCommand(deny));
    expect(await refusal(client.send(new CreateNetworkAclEntryCommand(deny)))).toBe('NetworkAclEntryAlreadyExists');
    const missing = new DeleteNetworkAclEntryCommand({ ...rule, RuleNumber: 11 });
    expect(await refusal(client.send(missing))).toBe('InvalidNetworkAclEntry.NotFound');
    const Filters = [{ Name: 'association.subnet-id', Values: ['subnet-0aa11bb22cc330002'] }];
    const [acl] = (await client.send(new DescribeNetworkAclsCommand({ Filters }))).NetworkAcls ?? [];
    const out = acl?.Entries?.filter(({ Egress }) => Egress).map(({ RuleNumber }) => RuleNumber);
    expect([acl?.NetworkAclId, out]).toEqual([NetworkAclId, [10, 100, 101, 32_767, 32_768]]);
  });
});

describe('what is shared', () => {
  it('can be used by another account until it is not', async () => {
    const { client, outside } = play();
    const steal = () => refusal(outside.send(new CreateVolumeCommand({ SnapshotId, AvailabilityZone: 'eu-west-1a' })));
    expect(await steal()).toBeUndefined();
    const CreateVolumePermission = { Remove: [{ Group: 'all' as const }] };
    await client.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission }));
    expect(await steal()).toBe('InvalidSnapshot.NotFound');
    const found = await outside.send(new DescribeImagesCommand({ ImageIds: ['ami-0aa11bb22cc33d601'] }));
    expect(found.Images?.map(({ Public }) => Public)).toEqual([true]);
  });

  it('changes by the older form of the request too, which awscli sends', async () => {
    const { client, sandbox } = play();
    const listed = { OperationType: 'remove' as const, GroupNames: ['all'], UserIds: ['444455556666'] };
    await client.send(new ModifySnapshotAttributeCommand({ SnapshotId, ...listed }));
    expect(sandbox.rows.get(snapshots, SnapshotId)?.sharedWith).toEqual(['777788889999']);
  });

  it('is not for everybody where it is encrypted', async () => {
    const { client, sandbox } = play();
    const row = sandbox.rows.get(snapshots, SnapshotId);
    if (row) sandbox.rows.put(snapshots, SnapshotId, { ...row, encrypted: true, sharedWith: [] });
    const CreateVolumePermission = { Add: [{ Group: 'all' as const }] };
    const share = new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission });
    expect(await refusal(client.send(share))).toBe('OperationNotPermitted');
  });
});

describe('instance profiles', () => {
  it('are one to an instance, and must be there', async () => {
    const { client } = play();
    const give = (Name: string) =>
      refusal(client.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name } })));
    expect(await give('batch-worker')).toBe('IncorrectState');
    expect(await give('no-such-profile')).toBe('InvalidParameterValue');
    const none = new DisassociateIamInstanceProfileCommand({ AssociationId: 'iip-assoc-00000000000000000' });
    expect(await refusal(client.send(none))).toBe('InvalidAssociationID.NotFound');
  });
});
