import {
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { instances, snapshots } from '../../shared/sandbox/aws/ec2-rows.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';
import { northwind, production } from '../support/company.ts';

const id = 'i-0aa11bb22cc33dd44';
const [boot, data] = ['vol-0aa11bb22cc33d001', 'vol-0aa11bb22cc33d002'];
const missing = '0123456789abcdef0';

function play(quota?: number) {
  const estate = northwind();
  const region: Record<string, unknown> = estate.aws.accounts[production]?.regions['eu-west-1'] ?? {};
  if (quota !== undefined) region['snapshotQuota'] = quota;
  const sandbox = createSandbox(estate);
  const client = new EC2Client(holding(sandbox, 'AKIABREAKGLASS000001'));
  return { sandbox, client };
}

describe('volumes', () => {
  it('are found by the instance they are attached to, with device and what becomes of them', async () => {
    const { client } = play();
    const Filters = [{ Name: 'attachment.instance-id', Values: [id] }];
    const { Volumes } = await client.send(new DescribeVolumesCommand({ Filters }));
    expect(Volumes).toMatchObject([
      { VolumeId: boot, Attachments: [{ Device: '/dev/xvda', DeleteOnTermination: true }] },
      { VolumeId: data, Size: 100, Attachments: [{ Device: '/dev/sdf', DeleteOnTermination: false }] },
    ]);
    const none = new DescribeVolumesCommand({ VolumeIds: [`vol-${missing}`] });
    expect(await refusal(client.send(none))).toBe('InvalidVolume.NotFound');
  });
});

describe('snapshots', () => {
  const all = (more: object = {}) =>
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: id, ...more },
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'cordon:key', Value: 'k' }] }],
    });

  it('are taken of all volumes at once, pending until they are copied, and found by tag', async () => {
    const { client, sandbox } = play();
    const taken = await client.send(all());
    expect(taken.Snapshots?.map(({ VolumeId, State }) => [VolumeId, State])).toEqual([
      [boot, 'pending'],
      [data, 'pending'],
    ]);
    const find = (Value: string) =>
      client.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:cordon:key', Values: [Value] }] }));
    sandbox.clock.advance(100);
    expect((await find('k')).Snapshots?.map(({ State }) => State)).toEqual(['completed', 'pending']);
    sandbox.clock.advance(100);
    const Filters = [
      { Name: 'status', Values: ['completed'] },
      { Name: 'tag-key', Values: ['cordon:key'] },
    ];
    expect((await client.send(new DescribeSnapshotsCommand({ Filters }))).Snapshots).toHaveLength(2);
    expect((await find('other')).Snapshots).toEqual([]);
  });

  it('may leave volumes out, but not all of them', async () => {
    const { client } = play();
    const some = await client.send(all({ ExcludeBootVolume: true }));
    expect(some.Snapshots?.map(({ VolumeId }) => VolumeId)).toEqual([data]);
    const none = client.send(all({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [data] }));
    expect(await refusal(none)).toBe('InvalidParameterCombination');
    expect(await refusal(client.send(all({ ExcludeDataVolumeIds: [boot] })))).toBe('InvalidParameterValue');
  });

  it('are limited in rate, in number at once and in number at all', async () => {
    const { client, sandbox } = play();
    const one = () => refusal(client.send(new CreateSnapshotCommand({ VolumeId: data })));
    expect(await one()).toBeUndefined();
    expect(await one()).toBe('SnapshotCreationPerVolumeRateExceeded');
    for (let taken = 1; taken < 5; taken += 1) {
      sandbox.clock.advance(15);
      expect(await one()).toBeUndefined();
    }
    sandbox.clock.advance(15);
    expect(await one()).toBe('ConcurrentSnapshotLimitExceeded');
    const full = play(1);
    expect(await refusal(full.client.send(all()))).toBe('SnapshotLimitExceeded');
    expect(full.sandbox.rows.all(snapshots)).toEqual(play().sandbox.rows.all(snapshots));
  });

  it('are listed page by page, and missed by name', async () => {
    const { client, sandbox } = play();
    for (let taken = 0; taken < 3; taken += 1) {
      await client.send(all());
      sandbox.clock.advance(200);
    }
    const Filters = [{ Name: 'tag-key', Values: ['cordon:key'] }];
    const list = (NextToken?: string) =>
      client.send(new DescribeSnapshotsCommand({ Filters, MaxResults: 5, ...(NextToken && { NextToken }) }));
    const first = await list();
    const second = await list(first.NextToken);
    expect([first.Snapshots?.length, second.Snapshots?.length, second.NextToken]).toEqual([5, 1, undefined]);
    const none = new DescribeSnapshotsCommand({ SnapshotIds: [`snap-${missing}`] });
    expect(await refusal(client.send(none))).toBe('InvalidSnapshot.NotFound');
  });
});

describe('instance attributes', () => {
  const modify = (input: Omit<ModifyInstanceAttributeCommandInput, 'InstanceId'>, InstanceId = id) =>
    new ModifyInstanceAttributeCommand({ InstanceId, ...input });
  const on = { Value: true };

  it('are read and changed one at a time', async () => {
    const { client } = play();
    const read = (Attribute: 'disableApiStop' | 'instanceInitiatedShutdownBehavior' | 'blockDeviceMapping') =>
      client.send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute }));
    await client.send(modify({ DisableApiStop: on }));
    await client.send(modify({ InstanceInitiatedShutdownBehavior: { Value: 'terminate' } }));
    const Ebs = { DeleteOnTermination: false };
    await client.send(modify({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] }));
    expect((await read('disableApiStop')).DisableApiStop).toEqual(on);
    expect((await read('instanceInitiatedShutdownBehavior')).InstanceInitiatedShutdownBehavior?.Value).toBe(
      'terminate',
    );
    expect((await read('blockDeviceMapping')).BlockDeviceMappings).toMatchObject([
      { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } },
      { DeviceName: '/dev/sdf' },
    ]);
  });

  it('are refused together, on a device that is not there, and on a Spot instance', async () => {
    const { client, sandbox } = play();
    const send = (...of: Parameters<typeof modify>) => refusal(client.send(modify(...of)));
    expect(await send({ DisableApiStop: on, DisableApiTermination: on })).toBe('InvalidParameterCombination');
    expect(await send({})).toBe('InvalidParameterCombination');
    expect(await send({ BlockDeviceMappings: [{ DeviceName: '/dev/none' }] })).toBe('InvalidInstanceAttributeValue');
    expect(await send({ DisableApiStop: on }, `i-${missing}`)).toBe('InvalidInstanceID.NotFound');
    const row = sandbox.rows.get(instances, id);
    if (row) sandbox.rows.put(instances, id, { ...row, lifecycle: 'spot' });
    expect(await send({ DisableApiTermination: on })).toBe('UnsupportedOperation');
  });

  it('keep an instance from being stopped and terminated', async () => {
    const { client } = play();
    const stop = () => refusal(client.send(new StopInstancesCommand({ InstanceIds: [id] })));
    const terminate = () => refusal(client.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
    await client.send(modify({ DisableApiTermination: on }));
    expect([await terminate(), await stop()]).toEqual(['OperationNotPermitted', undefined]);
    await client.send(modify({ DisableApiStop: on }));
    await client.send(modify({ DisableApiTermination: { Value: false } }));
    expect([await terminate(), await stop()]).toEqual(['OperationNotPermitted', 'OperationNotPermitted']);
    await client.send(modify({ DisableApiStop: { Value: false } }));
    expect(await terminate()).toBeUndefined();
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('terminated');
    const { Volumes } = await client.send(new DescribeVolumesCommand({ VolumeIds: [data] }));
    expect(Volumes).toMatchObject([{ State: 'available', Attachments: [] }]);
    expect(await refusal(client.send(new DescribeVolumesCommand({ VolumeIds: [boot] })))).toBe(
      'InvalidVolume.NotFound',
    );
  });
});

describe('tags', () => {
  const tagsOf = async (client: EC2Client, of: string) => {
    const Filters = [{ Name: 'resource-id', Values: [of] }];
    const { Tags = [] } = await client.send(new DescribeTagsCommand({ Filters }));
    return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  };

  it('are set over those that are there, and removed by key or by key and value', async () => {
    const { client } = play();
    const Resources = [id];
    const before = await tagsOf(client, id);
    await client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }));
    await client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '2' }] }));
    expect(await tagsOf(client, id)).toEqual({ ...before, a: '2', b: '' });
    await client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }));
    expect(await tagsOf(client, id)).toEqual({ ...before, a: '2' });
  });

  it('are limited to fifty, of which AWS’s own are none', async () => {
    const { client } = play();
    const Resources = ['i-0bb22cc33dd44ee55'];
    const Tags = Array.from({ length: 48 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
    await client.send(new CreateTagsCommand({ Resources, Tags }));
    const more = (Key: string) => refusal(client.send(new CreateTagsCommand({ Resources, Tags: [{ Key }] })));
    expect(await more('one-too-many')).toBe('TagLimitExceeded');
    expect(await more('k0')).toBeUndefined();
  });

  it('are refused under AWS’s prefix, and on what is not there', async () => {
    const { client } = play();
    const create = (Resources: string[], Key: string) =>
      refusal(client.send(new CreateTagsCommand({ Resources, Tags: [{ Key }] })));
    expect(await create([id], 'aws:mine')).toBe('InvalidParameterValue');
    expect(await create([`i-${missing}`], 'a')).toBe('InvalidInstanceID.NotFound');
    expect(await create(['nothing-0'], 'a')).toBe('InvalidID');
  });

  it('are listed page by page', async () => {
    const { client } = play();
    const list = (NextToken?: string) =>
      client.send(new DescribeTagsCommand({ MaxResults: 5, ...(NextToken && { NextToken }) }));
    const first = await list();
    const second = await list(first.NextToken);
    expect(first.Tags).toHaveLength(5);
    expect(second.Tags?.[0]).not.toEqual(first.Tags?.[0]);
    expect(await refusal(client.send(new DescribeTagsCommand({ MaxResults: 1 })))).toBe('InvalidParameterValue');
  });
});
