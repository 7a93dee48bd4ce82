// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '0f9e0cf4ce108b12ac3334783ddf32ef27e670d34bb3f5332f2b27b55a1f8614',
    d3fend: 'D3-NI',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.cloudtrail.restart-logging': {
    hash: 'c6550a9ceeb0e263d96775fc5dee4c5ad842b8c5b48f8935733e9ed1e8b50a4f',
    d3fend: 'D3-RC',
    load: () => import('./cloudtrail-restart-logging.ts').then((file) => file.cloudtrailRestartLogging),
  },
  'aws.config.start-recorder': {
    hash: 'bc57f0fa1f32b18f36c09ad69b3698b20f3958c5d0e1f3be4927644b466d2918',
    d3fend: 'D3-RC',
    load: () => import('./config-start-recorder.ts').then((file) => file.configStartRecorder),
  },
  'aws.ec2.isolate-instance': {
    hash: '1e13d793df524856286b1e1c468b3175073fa82c4b2018aea76ff0ef72cd86b7',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'aws.ec2.instance' },
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '064349ef34f241c14b68abd8af8958de68f39eea29a407b6be3488091e08bee0',
    d3fend: 'D3-SCP',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.replace-instance-profile': {
    hash: '877e401e2b758fd838fa2ad90e4c7c083d154569a34bbf4d58b8f41782c4a246',
    d3fend: 'D3-CR',
    load: () => import('./ec2-replace-instance-profile.ts').then((file) => file.ec2ReplaceInstanceProfile),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '4aec9015e359b490594817659422115427af5566fe1ac83ced0f24d98901467a',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'aws.ec2.security-group' },
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: 'bec6e2f796d5ed76e79855bf8469e94b711d468580b97806bcf2c7da809b2990',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'aws.ec2.instance' },
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: '30d7c207cb565d28ff56dd853279852bf7f2e900a270cf6ce4f6f6e817e27d0a',
    d3fend: 'D3-AI',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.ec2.unshare-image': {
    hash: 'a1fa5f4cd36a7b6dd5b5a252df426f88c2e56a4d11febac4ac319f5a87bde3c2',
    d3fend: 'D3-NRAM',
    load: () => import('./ec2-unshare-image.ts').then((file) => file.ec2UnshareImage),
  },
  'aws.ec2.unshare-snapshot': {
    hash: '663fb02356ccfa048f0ec7fdfa35a66454dc790677f69c465d633d5e1ff99c7e',
    d3fend: 'D3-NRAM',
    load: () => import('./ec2-unshare-snapshot.ts').then((file) => file.ec2UnshareSnapshot),
  },
  'aws.eks.isolate-pod': {
    hash: '2b2636859a70c9447ee44295a60c677b2cde273b2d2739f7fd7e27277f4bb5b9',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-workload', target: 'aws.eks.workload' },
    load: () => import('./eks-isolate-pod.ts').then((file) => file.eksIsolatePod),
  },
  'aws.guardduty.enable-detector': {
    hash: '2c0ec7630a3d64cc099b82bc044bf49fe6e07132204b476cfbea0678ce1807f7',
    d3fend: 'D3-RC',
    load: () => import('./guardduty-enable-detector.ts').then((file) => file.guarddutyEnableDetector),
  },
  'aws.iam.close-role-trust': {
    hash: 'a37a39b512f2230a969cd5faa0517604b61dfb3bc90f7bbdfe973103dab3b59d',
    d3fend: 'D3-UAP',
    load: () => import('./iam-close-role-trust.ts').then((file) => file.iamCloseRoleTrust),
  },
  'aws.iam.detach-role-policy': {
    hash: '2c81017b105080dc5f7df4369fac24fa24150425fda74c9a634a802dcdfda15f',
    d3fend: 'D3-UAP',
    load: () => import('./iam-detach-role-policy.ts').then((file) => file.iamDetachRolePolicy),
  },
  'aws.iam.detach-user-policy': {
    hash: 'd93622fb0dace36f26b615d58139f2084646d6024d2efdb6cb0e0cbd57df1617',
    d3fend: 'D3-UAP',
    load: () => import('./iam-detach-user-policy.ts').then((file) => file.iamDetachUserPolicy),
  },
  'aws.iam.disable-access-key': {
    hash: '5d754df97e38b6847e2133702b658f571578bb9518858e6e5078e4ecfc437b93',
    d3fend: 'D3-CR',
    portable: { verb: 'revoke-identity', target: 'aws.iam.access-key' },
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.disable-console-login': {
    hash: 'ca81010fdd7d6ecf002e49f5a21301bca0bdb7f25675ca0b6d0de89972576126',
    d3fend: 'D3-CR',
    load: () => import('./iam-disable-console-login.ts').then((file) => file.iamDisableConsoleLogin),
  },
  'aws.iam.quarantine-user': {
    hash: '8e0d401857abf82875967c844788cd5e7f467cec2acbe809c3b4b2aea840973c',
    d3fend: 'D3-AL',
    portable: { verb: 'revoke-identity', target: 'aws.iam.user' },
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: '047217f246ae58c1115f0b066ca4454ad4fb7fad0c9b3f8a5831f2b17537a6c5',
    d3fend: 'D3-ST',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: 'c9e046c74697b22fdcdd2b0a4dba66421b3bd6b88e5403bde939aa20e44358d0',
    d3fend: 'D3-ST',
    portable: {
      verb: 'revoke-identity',
      target: 'aws.iam.role-session',
      where: { kind: [{ 'anything-but': ['sso'] }] },
    },
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.lambda.lock-function-url': {
    hash: 'c50e5e6d395a386f63d1456bf5d883799a95be7a91fa26ebfe189520ba7dc4d5',
    d3fend: 'D3-NRAM',
    load: () => import('./lambda-lock-function-url.ts').then((file) => file.lambdaLockFunctionUrl),
  },
  'aws.lambda.remove-public-permission': {
    hash: '2b826ef3ab0f014ebe1da953a86983d421bf4ab566bc809dbe473fbdd7a6d216',
    d3fend: 'D3-NRAM',
    load: () => import('./lambda-remove-public-permission.ts').then((file) => file.lambdaRemovePublicPermission),
  },
  'aws.lambda.throttle-to-zero': {
    hash: 'b0078a51f8d16d862d7063a1387c9a61acd98d17bc58f64a9ec93a0f50e43a99',
    d3fend: 'D3-PS',
    portable: { verb: 'restrict-service', target: 'aws.lambda.function' },
    load: () => import('./lambda-throttle-to-zero.ts').then((file) => file.lambdaThrottleToZero),
  },
  'aws.rds.disable-public-access': {
    hash: '0831b0b4ae7f263e263c0b3ea6d4a89daf55735f1f42451607e6ec9f66deed8a',
    d3fend: 'D3-NI',
    portable: { verb: 'restrict-database', target: 'aws.rds.instance' },
    load: () => import('./rds-disable-public-access.ts').then((file) => file.rdsDisablePublicAccess),
  },
  'aws.rds.unshare-snapshot': {
    hash: '564ac4d90fda403a0207e7a49d3d4467444f37db1aa0ce56cfb7d0fe8cca389f',
    d3fend: 'D3-NRAM',
    load: () => import('./rds-unshare-snapshot.ts').then((file) => file.rdsUnshareSnapshot),
  },
  'aws.s3.block-public-access-bucket': {
    hash: 'dbdccfd5745726e5f923ba7a13ad8fe5d196b67318e418f924f17c1166da4aec',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'aws.s3.bucket' },
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.s3.quarantine-object': {
    hash: 'cae94e2d26e02bc3a2d11ea71b45c977b8a2d4bbc25ecab194b8c4d2c7e68a4a',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'aws.s3.object' },
    load: () => import('./s3-quarantine-object.ts').then((file) => file.s3QuarantineObject),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '9afc233767fe4a9ff6a9d11e1cbd03ecd3362340f1c26b771be6ad2c88f362b0',
    d3fend: 'D3-ST',
    portable: { verb: 'revoke-identity', target: 'aws.iam.role-session', where: { kind: ['sso'] } },
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
  'aws.vpc.deny-address': {
    hash: '852a917f6295bfd3584730a83af030c1352e05740c678f9f1f34a09a8a73fe07',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'aws.ec2.instance' },
    load: () => import('./vpc-deny-address.ts').then((file) => file.vpcDenyAddress),
  },
};
