import type * as ec2 from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { listTags, putTags, withDryRun } from './ec2.ts';
import { type ImageRow, images } from './ec2-rows.ts';
import { isSharedWith, modificationIn, sharingContext, sharingOf } from './ec2-sharing.ts';
import { awsNoun } from './noun.ts';
import { type Call, operationsOf, page } from './operation.ts';
import { AwsFault } from './protocol/fault.ts';

const Image = z.strictObject({
  id: z.string(),
  name: z.string(),
  snapshots: z.array(z.string()).default([]),
  sharedWith: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

const absent = (id: string | undefined) =>
  new AwsFault('InvalidAMIID.NotFound', `The image id '[${id ?? ''}]' does not exist`);

/** An image of the caller's own account. */
function ownImage({ view, account, region }: Call, id: string | undefined): ImageRow {
  const row = view.get(images, id ?? '');
  if (row?.account === account && row.region === region) return row;
  throw absent(id);
}

const imageArn = ({ ImageId = '*' }: { readonly ImageId?: string | undefined }, call: Call): string =>
  `arn:${call.partition}:ec2:${call.region}::image/${ImageId}`;

const describe = ({ view, account }: Call, row: ImageRow): ec2.Image => ({
  ImageId: row.imageId,
  Name: row.name,
  OwnerId: row.account,
  Public: row.sharedWith.includes('all'),
  State: 'available',
  BlockDeviceMappings: row.snapshots.map((SnapshotId) => ({ DeviceName: '/dev/xvda', Ebs: { SnapshotId } })),
  Tags: row.account === account ? listTags(view, row.imageId) : [], // tags are seen by their owner alone
});

const permission = (who: string): ec2.LaunchPermission => {
  if (who === 'all') return { Group: 'all' };
  if (!who.startsWith('arn:')) return { UserId: who };
  return who.includes(':ou/') ? { OrganizationalUnitArn: who } : { OrganizationArn: who };
};

const operations = operationsOf<typeof ec2>()({
  DescribeImages: {
    does({ ImageIds = [], Owners = [], MaxResults, NextToken }, call) {
      const { view, account, region } = call;
      const usable = view
        .all(images)
        .map(([, row]) => row)
        .filter((row) => row.region === region && isSharedWith(row, account));
      for (const id of ImageIds) if (!usable.some(({ imageId }) => imageId === id)) throw absent(id);
      const owners = Owners.map((owner) => (owner === 'self' ? account : owner));
      const rows = usable
        .filter(({ imageId }) => ImageIds.length === 0 || ImageIds.includes(imageId))
        .filter((row) => owners.length === 0 || owners.includes(row.account));
      const { items, next } = page(rows, NextToken, MaxResults);
      return { Images: items.map((row) => describe(call, row)), NextToken: next };
    },
  },
  DescribeImageAttribute: {
    on: imageArn,
    does({ ImageId, Attribute }, call) {
      const { imageId, sharedWith } = ownImage(call, ImageId);
      if (Attribute !== 'launchPermission')
        throw new AwsFault('NotImplemented', `the sandbox does not model ${Attribute}`, { status: 501 });
      return { ImageId: imageId, LaunchPermissions: sharedWith.map(permission) };
    },
  },
  ModifyImageAttribute: {
    on: imageArn,
    context: ({ LaunchPermission, ...listed }) => sharingContext(modificationIn(LaunchPermission, listed)),
    does({ ImageId, LaunchPermission, ...listed }, call) {
      const row = ownImage(call, ImageId);
      const sharedWith = sharingOf(row.sharedWith, modificationIn(LaunchPermission, listed));
      call.world.rows.put(images, row.imageId, { ...row, sharedWith });
      return {};
    },
  },
});

/** Images that an account has made, with whom they are shared. Whoever can see one can start instances of it. */
export const ec2Images = awsNoun({
  name: 'images',
  scope: 'region',
  estate: z.array(Image).default([]),
  seed(rows, list, { account, region }) {
    for (const { id: imageId, tags, ...image } of list) {
      rows.put(images, imageId, { ...image, account, region, imageId });
      putTags(rows, imageId, { account, region }, tags);
    }
  },
  operations: { ec2: withDryRun(operations) },
});
