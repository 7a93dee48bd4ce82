import { DescribeImagesCommand, EC2Client, ModifyImageAttributeCommand } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import { images } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { outsider } from '../../support/outsider.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const ImageId = 'ami-0aa11bb22cc33d601';

/** A stolen session makes an image public; whoever can see an image can start instances of it. */
export const attack: Attack = {
  title: 'An image is shared with everybody, with the secrets that are in it',
  known: 'Stratus Red Team aws.exfiltration.ec2-share-ami',
  answer: 'The image is private again at once',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const row = sandbox.rows.get(images, ImageId);
    if (row) sandbox.rows.put(images, ImageId, { ...row, sharedWith: [] });
    const inside = new EC2Client(holding(sandbox, 'ASIASSOPOWERUSER0001'));
    const LaunchPermission = { Add: [{ Group: 'all' as const }] };
    await inside.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission }));
    const outside = new EC2Client(outsider(sandbox));
    await works('finds it from another account', () =>
      outside.send(new DescribeImagesCommand({ ImageIds: [ImageId] })),
    );
    const event = withMembers(readEvent('cloudtrail/shared-snapshot'), {
      'detail.eventName': 'ModifyImageAttribute',
      'detail.requestParameters': {
        imageId: ImageId,
        launchPermission: { add: { items: [{ group: 'all' }] } },
        attributeType: 'launchPermission',
      },
    });
    const [run] = await arrives(event);
    expect(run?.result?.outcome).toBe('contained');
    await fails('finds it from another account');
  },
};
