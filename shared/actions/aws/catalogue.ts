// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '37e7bc9d3d3bebd40854ebde108cbbbb7149fc36980a994c2bfb642ebcc6a0b8',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.ec2.isolate-instance': {
    hash: 'ec1a455e21cf74f72afab4c5d0314b8ad4faff48a30e735a47bb5afc8c0aba02',
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '72adebcf7763281b1e99a96bdfd63129ca27d3950230dac13aa955b1e6581837',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '8b42e66496531207c61c6cea7435b22634dec234b8ab74a6fc583da30c394386',
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: '2bca58cc4f63c9a249a60cd1dd7595eaa47c7c9996ea7e8160391fc6b4cafc3d',
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: 'e667482bd4671f9b4630a1adafc48bc19580fce6ca861808f24b1c7716a4ca7e',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.iam.disable-access-key': {
    hash: 'a457add89c04c0141ce48d39b376287b272749cf85c9d8f8c6c3f9678c43d4ce',
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.quarantine-user': {
    hash: '854e0e47c4b945f18f39b07b12cc0bf179b7b244c3a806ca7cc174d65d227017',
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: 'b4062254c49d9abc3a791f397731aa536834cb794d0e0a6c74711ce0353729fe',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: '20b650769ba77170ffae361f4eff7014acd55eae8e4d281cca3e06af3536cb63',
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.s3.block-public-access-bucket': {
    hash: '37a0287a91ad17c36a8382c4be1bfa084e1568eea6dbbf755c76ba01998e4ecd',
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '099cb73e999dcaa26dc43022b1585353e09bf6550d75c7fc00907768fee249e5',
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
};
