import { TerminateInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { ec2ProtectFromTermination } from '../../../shared/actions/aws/ec2-protect-from-termination.ts';
import { ec2SnapshotVolumes } from '../../../shared/actions/aws/ec2-snapshot-volumes.ts';
import { ec2TagResource } from '../../../shared/actions/aws/ec2-tag-resource.ts';
import { members } from '../../../shared/sandbox/aws/asg-rows.ts';
import { ec2Tags, instances, snapshots, volumes } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { holding, refusal } from '../../support/attacker.ts';
import { production } from '../../support/company.ts';

const [web, checkout] = ['i-0aa11bb22cc33dd44', 'i-0bb22cc33dd44ee55'];
const [boot, data] = ['vol-0aa11bb22cc33d001', 'vol-0aa11bb22cc33d002'];
const asSpot = ({ rows }: Sandbox): void => {
  const row = rows.get(instances, web);
  if (row) rows.put(instances, web, { ...row, lifecycle: 'spot' });
};
const broken = { kind: 'error', code: 'InternalError', status: 500 } as const;

describe('taking snapshots of an instance', () => {
  const play = (prepare?: (sandbox: Sandbox) => void) =>
    acting(ec2SnapshotVolumes, { instanceId: web }, prepare ? { prepare } : {});
  /** Beside the one that the company has made itself. */
  const ofCordon = ({ rows }: Sandbox) =>
    rows.all(snapshots).filter(([, { description }]) => description?.includes('Cordon'));
  const taken = (sandbox: Sandbox) => ofCordon(sandbox).map(([, { volumeId }]) => volumeId);

  it('takes no second ones after a lost answer', async () => {
    const { plan, contain, sandbox, isContained } = await play();
    const changes = await plan();
    sandbox.faults.plant({ operation: 'ec2:CreateSnapshots', fault: { kind: 'answer-lost' }, times: 1 });
    await expect(contain(changes)).rejects.toMatchObject({ retryable: true, indeterminate: true });
    sandbox.clock.advance(30);
    expect((await contain(changes)).applied).toEqual([]);
    expect(taken(sandbox)).toEqual([boot, data]);
    expect(await isContained()).toBe(true);
  });

  it('tries again where nothing was taken', async () => {
    const { plan, contain, sandbox } = await play();
    const changes = await plan();
    sandbox.faults.plant({ operation: 'ec2:CreateSnapshots', fault: broken, times: 1 });
    await expect(contain(changes)).rejects.toMatchObject({ retryable: true });
    await contain(changes);
    expect(taken(sandbox)).toEqual([boot, data]);
  });

  it('counts a snapshot that is being copied, and not one that has failed', async () => {
    const { contain, isContained, sandbox, plan } = await play();
    await contain();
    expect(await isContained()).toBe(true);
    const [, [id, row] = []] = ofCordon(sandbox);
    if (id && row) sandbox.rows.put(snapshots, id, { ...row, failed: true });
    expect(await isContained()).toBe(false);
    sandbox.clock.advance(60);
    await contain(await plan());
    expect(taken(sandbox)).toEqual([boot, data, data]);
    expect(await isContained()).toBe(true);
  });

  it('says on every snapshot where it comes from', async () => {
    const { contain, sandbox, context } = await play();
    await contain();
    expect(ofCordon(sandbox)).toHaveLength(2);
    for (const [id] of ofCordon(sandbox))
      expect(sandbox.rows.get(ec2Tags, id)?.tags).toEqual({
        'cordon:key': context.key,
        'cordon:run': context.runId,
        'cordon:instance': web,
      });
  });

  it('stays with its snapshots when the run is released, and finds a terminated instance gone', async () => {
    const { plan, contain, release, sandbox, capture } = await play();
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(taken(sandbox)).toEqual([boot, data]);
    const row = sandbox.rows.get(instances, web);
    if (row) sandbox.rows.put(instances, web, { ...row, state: 'terminated' });
    expect(await capture()).toEqual({});
  });

  it('comes back when somebody else takes snapshots too fast', async () => {
    const { contain, sandbox } = await play();
    const first = await play();
    await first.contain();
    for (const [id, row] of first.sandbox.rows.all(snapshots)) sandbox.rows.put(snapshots, id, row);
    await expect(contain()).rejects.toMatchObject({ code: 'SnapshotCreationPerVolumeRateExceeded', retryable: true });
  });
});

describe('protecting an instance from termination', () => {
  const play = (instanceId: string, prepare?: (sandbox: Sandbox) => void) =>
    acting(ec2ProtectFromTermination, { instanceId }, prepare ? { prepare } : {});

  it('leaves alone on a Spot instance what EC2 does not let anybody set there', async () => {
    const { plan, contain, isContained, sandbox } = await play(web, asSpot);
    const changes = await plan();
    expect(changes).toEqual([{ resource: `${web}/deleteOnTermination:/dev/xvda`, from: true, to: false }]);
    await contain(changes);
    expect(await isContained()).toBe(true);
    expect(sandbox.recorder.calls.filter(({ error }) => error !== '')).toEqual([]);
  });

  it('restores each attribute to what it was, and only those it changed', async () => {
    const { plan, contain, release, sandbox, capture } = await play(web, ({ rows }) => {
      const row = rows.get(instances, web);
      if (row) rows.put(instances, web, { ...row, disableApiStop: true, shutdownBehavior: 'terminate' });
    });
    const before = await capture();
    const changes = await plan();
    expect(changes.map(({ resource }) => resource)).toEqual([
      `${web}/disableApiTermination`,
      `${web}/instanceInitiatedShutdownBehavior`,
      `${web}/deleteOnTermination:/dev/xvda`,
    ]);
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual(before);
    expect(sandbox.rows.get(instances, web)).toMatchObject({ disableApiStop: true, shutdownBehavior: 'terminate' });
  });

  it('goes on where it was cut off between two attributes', async () => {
    const { plan, contain, isContained, sandbox } = await play(checkout);
    const changes = await plan();
    sandbox.faults.plant({ operation: 'ec2:ModifyInstanceAttribute', fault: broken, times: 1, after: 2 });
    await expect(contain(changes)).rejects.toMatchObject({ retryable: true });
    expect((await contain(changes)).applied).toHaveLength(changes.length - 2);
    expect(await isContained()).toBe(true);
  });

  it('keeps the volumes of an instance that ends all the same', async () => {
    const { contain, release, sandbox, plan } = await play(web);
    const changes = await plan();
    await contain(changes);
    const attacker = new EC2Client(holding(sandbox, 'ASIASAMLADMIN0000001'));
    const terminate = () => refusal(attacker.send(new TerminateInstancesCommand({ InstanceIds: [web] })));
    expect(await terminate()).toBe('OperationNotPermitted');
    await release(changes.slice(0, 2));
    expect(await terminate()).toBeUndefined();
    expect(sandbox.rows.get(volumes, boot)).toMatchObject({ state: 'available' });
  });

  it('stays contained when the instance then leaves its group, and leaves the group alone on release', async () => {
    const protecting = await play(checkout);
    const { sandbox } = protecting;
    const changes = await protecting.plan();
    await protecting.contain(changes);
    expect(sandbox.rows.get(members, checkout)?.protectedFromScaleIn).toBe(true);
    sandbox.rows.delete(members, checkout);
    expect(await protecting.isContained()).toBe(true);
    const { moved } = await protecting.release(changes);
    expect(moved.map(({ resource }) => resource)).toEqual([`checkout/scale-in-protection:${checkout}`]);
  });
});

describe('tagging a resource', () => {
  const where = { account: production, region: 'eu-west-1' };
  const input = { resourceId: web, tags: { 'cordon:incident': 'INC-1', 'cordon:since': 'run {runId}' } };

  it('restores the values that the same keys had, and touches no others', async () => {
    const { plan, contain, release, sandbox, context } = await acting(ec2TagResource, input, {
      prepare: ({ rows }) => rows.put(ec2Tags, web, { ...where, tags: { Name: 'web-1', 'cordon:incident': 'INC-0' } }),
    });
    const changes = await plan();
    await contain(changes);
    expect(sandbox.rows.get(ec2Tags, web)?.tags).toEqual({
      Name: 'web-1',
      'cordon:incident': 'INC-1',
      'cordon:since': `run ${context.runId}`,
      'cordon:run': context.runId,
    });
    const { tags } = sandbox.rows.get(ec2Tags, web) ?? {};
    sandbox.rows.put(ec2Tags, web, { ...where, tags: { ...tags, owner: 'shop' } });
    await release(changes);
    expect(sandbox.rows.get(ec2Tags, web)?.tags).toEqual({
      Name: 'web-1',
      'cordon:incident': 'INC-0',
      owner: 'shop',
    });
  });

  it('fails where the resource is gone or has no room', async () => {
    const gone = await acting(ec2TagResource, { ...input, resourceId: 'i-0123456789abcdef0' });
    await expect(gone.contain()).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound', retryable: false });
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, '']));
    const prepare = ({ rows }: Sandbox) => rows.put(ec2Tags, web, { ...where, tags: many });
    const full = await acting(ec2TagResource, input, { prepare });
    await expect(full.contain()).rejects.toMatchObject({ code: 'TagLimitExceeded' });
  });

  it('takes no keys but its own', () => {
    for (const key of ['Name', 'aws:cordon', 'Cordon:run', 'cordon:'])
      expect(ec2TagResource.input.safeParse({ resourceId: web, tags: { [key]: 'x' } }).success).toBe(false);
  });
});
