// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '1464369f97300d3cca0098b90f2217b15b795ddb57415cafb12f80274ab1273a',
    d3fend: 'D3-NI',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.ec2.isolate-instance': {
    hash: 'd889b074e7275288702dd35481f563aa1fd64c2d1ed0819e3ef18c6201b936ac',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'aws.ec2.instance' },
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '0f124f5c2829781c9b319f6ee4e0da2cc9cf8657f1279d5d11f06b38c883fc09',
    d3fend: 'D3-SCP',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: 'dc66178528f0c64c7e7a84f63a582272939b87f9a791a44b8a14f4313dbbbbcb',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'aws.ec2.security-group' },
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: '5ad94519ca11e53b47e55e0ebf6b54c4cb75c004f2cacdb2f3b8691e6927ca94',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'aws.ec2.instance' },
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: '081ddfac0dbf37d072fcd9da02c91af8eae077f1884fcf625808e2bf24252289',
    d3fend: 'D3-AI',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.iam.disable-access-key': {
    hash: '0282d67b3408ae95843356d8423f796e17aff8a1362faaead10ad9679b278adb',
    d3fend: 'D3-CR',
    portable: { verb: 'revoke-identity', target: 'aws.iam.access-key' },
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.quarantine-user': {
    hash: '1b2de25282624d1b3758d7714876f73839de134eee48b0a01ebcc640ad984fe9',
    d3fend: 'D3-AL',
    portable: { verb: 'revoke-identity', target: 'aws.iam.user' },
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: '78275938dde50a73bd3f3e5b2b7c62c226e0499ba6c0e8b16807f50d9d5e690a',
    d3fend: 'D3-ST',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: '11348451fa23f2891269a4c97a53dfcf472098b4b5813c9f87af98e227459d18',
    d3fend: 'D3-ST',
    portable: {
      verb: 'revoke-identity',
      target: 'aws.iam.role-session',
      where: { kind: [{ 'anything-but': ['sso'] }] },
    },
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.s3.block-public-access-bucket': {
    hash: '8d12ce0bfdc4460d99be6637b130b79627fa26cfc93d0310b681b1aea44b7e13',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'aws.s3.bucket' },
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.s3.quarantine-object': {
    hash: 'c2d61b66a56b3b44a2f92a1f75a05ba6b66eb6db0fd0c45a41c8ee531b3e7622',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'aws.s3.object' },
    load: () => import('./s3-quarantine-object.ts').then((file) => file.s3QuarantineObject),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '846bbf9a89853b080dfbc6e27871acbcd2ffb78550111ceee78798ea8de72e10',
    d3fend: 'D3-ST',
    portable: { verb: 'revoke-identity', target: 'aws.iam.role-session', where: { kind: ['sso'] } },
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
};
