// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '38f0bcfcff26ba6fbad334d7080f6c8bc9a7c67fd7cd425eb3b8733a6d64a205',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.ec2.isolate-instance': {
    hash: 'fd9dbec0b3b3e7e5ffae29b06ad10aabfdfd77876d4e9921999a14b3c9e24376',
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '8d5b37634cf9a57c1e31ebbaff92b66e9c46db5523e11a86925f8943b3d1b283',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '8b34be22a630c37c23120ab7fce6ace73dbb6614c6342310ee0d582eaa4326b6',
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: 'a59845d5b70139de2daf14fc3eac481318c118c513ae192391dfa0e9f662c53f',
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: '4c77c02bda63e73eda475d191ee41ffb2a4343313bab011a30edb53b18d480fb',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.iam.disable-access-key': {
    hash: '2a343f8b2b1fd640d270c817f39d996baead0637ff2c26be819ad9a5a44629a9',
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.quarantine-user': {
    hash: 'a4186877b0c7fb0b64b4ea2a17968e45d4eec93d618a19663081890dbc9a4a38',
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: '179c2b7478a8359f2607e552d98e28fd5f916b0363e080b16d615fc08666da0c',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: '9e41ab9fa470f631a5bdf93aac7f5239905c266cd9fbe3bff938956b5b28ca36',
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.s3.block-public-access-bucket': {
    hash: '454f7a34cc535927d2474792d53b6f56644489ab8a7eb766b73a10b10efc934e',
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '953b8a7c76dac45067ad4a74267bfdb7540f9c3031317e4327df0a6c776c2242',
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
};
