// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '60abf1dc172011370f48a9439206a909eb4debd9d9d141a5debc03b6f64222f9',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.ec2.isolate-instance': {
    hash: 'b3098032c48e9e577ba09d26cc23bc8f4834484e8084b509d0c524f3355c0ccf',
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: 'b53c79cea833500b0964ea01fe9577a32e0e4d9d343bcb94c17952d3769936e8',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '8a2ae1c558e3cb2cdec4f0e3bd4cfdda7338ac8672ef6f02c59716b506cababd',
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: '6e5933dafb626f087ee4c5652646159b3e9c32e718a53a47fd92824f52d58fda',
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: 'df9352b4b6fd197011b12f511c24611de7ef692e103fb2c94e29a4bfb44b7b61',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.iam.disable-access-key': {
    hash: 'c5ec604ce092bd8f92a750beb95b04e1839a5e3ea4dc9eef0df7a6249133e4fc',
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.quarantine-user': {
    hash: 'bb4d99a9dba2f73a6f529c2b65a99839f8d582381783b2aca8fb718eefa4444f',
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: 'cb2f915448f9af2a7b4aeb03afe1f33c2c880ca083b47822d056999f9970fcc9',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: 'a682451c21e5afb98d3881037a478e5956628cbdb1ee86b051135849e8b4341a',
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.s3.block-public-access-bucket': {
    hash: '8f5b07c07136f93a30a5cbde6add04580b06acdfcdfb263ed62853a879a85c00',
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '5bcc3b77492e3f58beccc9f4839049e4f794df8ad8226d94bbe65f6882763005',
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
};
