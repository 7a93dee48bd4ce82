import { describe, expect, it } from 'vitest';
import { ec2UnshareImage } from '../../../shared/actions/aws/ec2-unshare-image.ts';
import { ec2UnshareSnapshot } from '../../../shared/actions/aws/ec2-unshare-snapshot.ts';
import { images, snapshots } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { acting } from '../../support/acting.ts';

const snapshotId = 'snap-0aa11bb22cc33d501';
const imageId = 'ami-0aa11bb22cc33d601';
const theirs = 'arn:aws:organizations::777788889999:organization/o-somebodyelse';

describe('ending what is shared', () => {
  it.each([
    [{}, ['444455556666', '777788889999', 'all']],
    [{ keep: ['444455556666'] }, ['777788889999', 'all']],
    [{ from: ['everybody'] }, ['all']],
    [{ from: ['accounts'], only: ['777788889999', 'all'] }, ['777788889999']],
  ])('of a snapshot by %j is a change for each one it is taken from', async (wish, taken) => {
    const { plan, contain, sandbox } = await acting(ec2UnshareSnapshot, { snapshotId, ...wish });
    const changes = await plan();
    expect(changes.map(({ resource }) => resource.split('/')[1])).toEqual(taken);
    await contain(changes);
    const left = sandbox.rows.get(snapshots, snapshotId)?.sharedWith ?? [];
    expect(left.some((who) => taken.includes(who))).toBe(false);
  });

  it('leaves an image with the organisation of an account that keeps it', async () => {
    const wish = { imageId, keep: ['777788889999'] };
    const { contain, sandbox } = await acting(ec2UnshareImage, wish);
    await contain();
    expect(sandbox.rows.get(images, imageId)?.sharedWith).toEqual(['777788889999', theirs]);
  });

  it('takes an image away from a foreign organisation and gives it back', async () => {
    const { plan, contain, release, sandbox } = await acting(ec2UnshareImage, { imageId });
    const changes = await plan();
    await contain(changes);
    expect(sandbox.rows.get(images, imageId)?.sharedWith).toEqual([]);
    await release(changes);
    expect(sandbox.rows.get(images, imageId)?.sharedWith).toEqual(['777788889999', 'all', theirs]);
  });
});
