import {
  DescribeImageAttributeCommand,
  EC2Client,
  type LaunchPermission,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { ImageId } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import { everybody, Shared, sharedState, sharedWhom, sharingInput, withoutStrangers } from './sharing.ts';

const image = 'arn:{partition}:ec2:{region}::image/{imageId}';

/** A permission as EC2 spells it: for everybody, an account, an organisation or a unit of one. */
function permissionFor(who: string): LaunchPermission {
  if (who === everybody) return { Group: 'all' };
  if (!who.startsWith('arn:')) return { UserId: who };
  return who.includes(':ou/') ? { OrganizationalUnitArn: who } : { OrganizationArn: who };
}

/** Ends the sharing of an image with everybody and with others (docs.aws.amazon.com/AWSEC2, ModifyImageAttribute). */
export const ec2UnshareImage = awsAction({
  id: 'aws.ec2.unshare-image',
  title: 'Make a shared image private again',
  target: 'aws.ec2.image',
  d3fend: 'D3-NRAM',
  input: z.strictObject({ imageId: ImageId.describe('The image, as ami-0123456789abcdef0.'), ...sharingInput }),
  value: Shared,
  permissions: {
    read: [{ allow: 'ec2:DescribeImageAttribute', on: image }],
    write: [{ allow: 'ec2:ModifyImageAttribute', on: image }],
  },
  settles: { seconds: 5 },
  cautions: [
    'Instances and copies that others have made of it by now are out of reach: change the secrets that are in it.',
    'Its snapshots are shared apart from it: look at each of them.',
    'An account that used it rightly starts no more instances of it.',
  ],
  examples: [{ imageId: 'ami-0123456789abcdef0' }, { imageId: 'ami-0123456789abcdef0', from: ['everybody'] }],
}).does({
  async capture(aws, { imageId }, { signal: abortSignal }) {
    const command = new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' });
    const found = await unlessAbsent(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'], () =>
      aws.client(EC2Client).send(command, { abortSignal }),
    );
    const listed = (found?.LaunchPermissions ?? []).flatMap(
      ({ Group, UserId, OrganizationArn, OrganizationalUnitArn }) =>
        Group ?? UserId ?? OrganizationArn ?? OrganizationalUnitArn ?? [],
    );
    return found ? sharedState(imageId, listed) : {};
  },
  plan: (input, seen) => withoutStrangers(input, seen),
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const [ImageId] = resource.split('/');
    const one = [permissionFor(sharedWhom(resource))];
    const LaunchPermission = to === null ? { Remove: one } : { Add: one };
    const command = new ModifyImageAttributeCommand({ ImageId, Attribute: 'launchPermission', LaunchPermission });
    await aws.client(EC2Client).send(command, { abortSignal });
  },
});
