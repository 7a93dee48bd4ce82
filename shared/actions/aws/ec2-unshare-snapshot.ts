import { DescribeSnapshotAttributeCommand, EC2Client, ModifySnapshotAttributeCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { SnapshotId } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { everybody, Shared, sharedState, sharedWhom, sharingInput, withoutStrangers } from './sharing.ts';

const snapshot = 'arn:{partition}:ec2:{region}::snapshot/{snapshotId}';

/** Ends the sharing of a snapshot with everybody and with other accounts (docs.aws.amazon.com/AWSEC2, ModifySnapshotAttribute). */
export const ec2UnshareSnapshot = awsAction({
  id: 'aws.ec2.unshare-snapshot',
  title: 'Make a shared snapshot private again',
  target: 'aws.ebs.snapshot',
  d3fend: 'D3-NRAM',
  input: z.strictObject({
    snapshotId: SnapshotId.describe('The snapshot, as snap-0123456789abcdef0.'),
    ...sharingInput,
  }),
  value: Shared,
  permissions: {
    read: [{ allow: 'ec2:DescribeSnapshotAttribute', on: snapshot }],
    write: [{ allow: 'ec2:ModifySnapshotAttribute', on: snapshot }],
  },
  settles: { seconds: 5 },
  cautions: [
    'Copies, and volumes made of it, that others have by now are out of reach: change the secrets that are on it.',
    'An account that used it rightly makes no more volumes of it.',
  ],
  examples: [
    { snapshotId: 'snap-0123456789abcdef0' },
    { snapshotId: 'snap-0123456789abcdef0', from: ['accounts'], keep: ['444455556666'] },
  ],
}).does({
  async capture(aws, { snapshotId }, { signal: abortSignal }) {
    const command = new DescribeSnapshotAttributeCommand({
      SnapshotId: snapshotId,
      Attribute: 'createVolumePermission',
    });
    const found = await unlessAbsent(['InvalidSnapshot.NotFound'], () =>
      aws.client(EC2Client).send(command, { abortSignal }),
    );
    const listed = found?.CreateVolumePermissions ?? [];
    return found
      ? sharedState(
          snapshotId,
          listed.flatMap(({ Group, UserId }) => Group ?? UserId ?? []),
        )
      : {};
  },
  plan: (input, seen) => withoutStrangers(input, seen),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const [SnapshotId] = resource.split('/');
    const who = sharedWhom(resource);
    const one = who === everybody ? { Group: 'all' as const } : { UserId: who };
    const CreateVolumePermission = to === null ? { Remove: [one] } : { Add: [one] };
    const command = new ModifySnapshotAttributeCommand({
      SnapshotId,
      Attribute: 'createVolumePermission',
      CreateVolumePermission,
    });
    await aws.client(EC2Client).send(command, { abortSignal });
  },
});
