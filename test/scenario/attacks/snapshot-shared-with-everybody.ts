import { CreateVolumeCommand, EC2Client, ModifySnapshotAttributeCommand } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import { snapshots } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { outsider } from '../../support/outsider.ts';
import { readEvent } from '../../support/events.ts';

const SnapshotId = 'snap-0aa11bb22cc33d501';

/** A stolen session makes a snapshot public, and the attacker makes a volume of it in an account of his own. */
export const attack: Attack = {
  title: 'A snapshot is shared with everybody, and copied into an account of the attacker’s',
  known: 'Stratus Red Team aws.exfiltration.ec2-share-ebs-snapshot',
  answer: 'The snapshot is private again at once; what other accounts have it stays a question',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const row = sandbox.rows.get(snapshots, SnapshotId);
    if (row) sandbox.rows.put(snapshots, SnapshotId, { ...row, sharedWith: [] });
    const inside = new EC2Client(holding(sandbox, 'ASIASSOPOWERUSER0001'));
    const CreateVolumePermission = { Add: [{ Group: 'all' as const }] };
    await inside.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission }));
    const outside = new EC2Client(outsider(sandbox));
    await works('makes a volume of it in another account', () =>
      outside.send(new CreateVolumeCommand({ SnapshotId, AvailabilityZone: 'eu-west-1a' })),
    );
    const [run] = await arrives(readEvent('cloudtrail/shared-snapshot'));
    expect(run?.result?.outcome).toBe('contained');
    await fails('makes a volume of it in another account');
  },
};
