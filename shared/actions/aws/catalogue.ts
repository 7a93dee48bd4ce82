// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '1464369f97300d3cca0098b90f2217b15b795ddb57415cafb12f80274ab1273a',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.ec2.isolate-instance': {
    hash: '7e7768f23c451bff607716cca916d037cf2ba41c6c6fb15580430156af3e811a',
    portable: { verb: 'isolate-compute', target: 'aws.ec2.instance' },
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '0f124f5c2829781c9b319f6ee4e0da2cc9cf8657f1279d5d11f06b38c883fc09',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '62cef08ffc1a76abddeff3637396aeb2c8e7f401aa7965a0b739cece20f11f7d',
    portable: { verb: 'close-port', target: 'aws.ec2.security-group' },
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: '382bd46c03c094b288f1a73541ae3ddaa6a1890cba1c685c8501f687ced1cada',
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: '6eae8bb5e11b8b6af6c9072f82e2f67dd44aae4ad3799e98e7bd4c8693b23e94',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.iam.disable-access-key': {
    hash: '0282d67b3408ae95843356d8423f796e17aff8a1362faaead10ad9679b278adb',
    portable: { verb: 'revoke-identity', target: 'aws.iam.access-key' },
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.quarantine-user': {
    hash: 'edf3e8d71fc0383bf43eb9a66fda348b648cbc92b750b432d7d35e1c06bfad50',
    portable: { verb: 'revoke-identity', target: 'aws.iam.user' },
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: '78275938dde50a73bd3f3e5b2b7c62c226e0499ba6c0e8b16807f50d9d5e690a',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: '11348451fa23f2891269a4c97a53dfcf472098b4b5813c9f87af98e227459d18',
    portable: {
      verb: 'revoke-identity',
      target: 'aws.iam.role-session',
      where: { kind: [{ 'anything-but': ['sso'] }] },
    },
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.s3.block-public-access-bucket': {
    hash: '0add8149e08bcd282c2af2c70edf36817ccf5ffe2b14f52176b1f16db1c2e3ba',
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '846bbf9a89853b080dfbc6e27871acbcd2ffb78550111ceee78798ea8de72e10',
    portable: { verb: 'revoke-identity', target: 'aws.iam.role-session', where: { kind: ['sso'] } },
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
};
