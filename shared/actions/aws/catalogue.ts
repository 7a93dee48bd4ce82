// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on AWS by id. */
export const awsActions: Catalogue = {
  'aws.asg.detach-instance': {
    hash: '11a31e2528a16c525da64a52044e0198cf6230eb35d1ed573820b96c0634ae8c',
    d3fend: 'D3-NI',
    load: () => import('./asg-detach-instance.ts').then((file) => file.asgDetachInstance),
  },
  'aws.cloudtrail.restart-logging': {
    hash: '3222f452284075864cd2271ecccdcbb8f507885212852f1ba7f0d8b23359dc9d',
    d3fend: 'D3-RC',
    load: () => import('./cloudtrail-restart-logging.ts').then((file) => file.cloudtrailRestartLogging),
  },
  'aws.config.start-recorder': {
    hash: '2fdf64802d64be4a9d12196524ac5474343fba3c7aab694ad08ecdce2b5588e5',
    d3fend: 'D3-RC',
    load: () => import('./config-start-recorder.ts').then((file) => file.configStartRecorder),
  },
  'aws.ec2.isolate-instance': {
    hash: 'c5e871a602c51e5d70ef0ccb6a395f33633fc723fcc1b6fefcb62e21e25991c5',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'aws.ec2.instance' },
    load: () => import('./ec2-isolate-instance.ts').then((file) => file.ec2IsolateInstance),
  },
  'aws.ec2.protect-from-termination': {
    hash: '9a745582d7139fb400d4a5566c844a5efd163f1822e4ada7e53787a56dcda85d',
    d3fend: 'D3-SCP',
    load: () => import('./ec2-protect-from-termination.ts').then((file) => file.ec2ProtectFromTermination),
  },
  'aws.ec2.replace-instance-profile': {
    hash: 'a29197412a70d2bf611c6f58e5b724232a12de11ed3bb481655848f279536750',
    d3fend: 'D3-CR',
    load: () => import('./ec2-replace-instance-profile.ts').then((file) => file.ec2ReplaceInstanceProfile),
  },
  'aws.ec2.revoke-sg-rule': {
    hash: '6a5c2d61705e23426c3d9e3a06d9c602073e93f3fd2d5c423b7338ead4445325',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'aws.ec2.security-group' },
    load: () => import('./ec2-revoke-sg-rule.ts').then((file) => file.ec2RevokeSgRule),
  },
  'aws.ec2.snapshot-volumes': {
    hash: 'a436f113840d0c85b4eaa7920037f01d058b44ab447462da6154757c6273e440',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'aws.ec2.instance' },
    load: () => import('./ec2-snapshot-volumes.ts').then((file) => file.ec2SnapshotVolumes),
  },
  'aws.ec2.tag-resource': {
    hash: '33fb3162b4b5d44bbb6135de0ca0d48f770af21fd892302b3f69e2367eb42622',
    d3fend: 'D3-AI',
    load: () => import('./ec2-tag-resource.ts').then((file) => file.ec2TagResource),
  },
  'aws.ec2.unshare-image': {
    hash: '0e2c150b8cc63d2203c505cce88b451379165e3e737bb01aa343d9822dbf04fd',
    d3fend: 'D3-NRAM',
    load: () => import('./ec2-unshare-image.ts').then((file) => file.ec2UnshareImage),
  },
  'aws.ec2.unshare-snapshot': {
    hash: '4a105b1e7014fb6be70762a39414fb5a96eff39e1cce6376b937a603eb8fe686',
    d3fend: 'D3-NRAM',
    load: () => import('./ec2-unshare-snapshot.ts').then((file) => file.ec2UnshareSnapshot),
  },
  'aws.eks.isolate-pod': {
    hash: 'b6681d0e38189fe6b5c0dd4620456612e8a7f343b75a7ea03e06620be799411c',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-workload', target: 'aws.eks.workload' },
    load: () => import('./eks-isolate-pod.ts').then((file) => file.eksIsolatePod),
  },
  'aws.guardduty.enable-detector': {
    hash: 'c1db89210fa9745dda80b0061d56d0d1e01cec7b6385ccb4a24cac24a4ce40da',
    d3fend: 'D3-RC',
    load: () => import('./guardduty-enable-detector.ts').then((file) => file.guarddutyEnableDetector),
  },
  'aws.iam.close-role-trust': {
    hash: '9e8c0357b2dbd4f18e6571311277d8397352d1f6252cc367137d0961c4095711',
    d3fend: 'D3-UAP',
    load: () => import('./iam-close-role-trust.ts').then((file) => file.iamCloseRoleTrust),
  },
  'aws.iam.detach-role-policy': {
    hash: 'e049ca7118a0aa2bd9ab80dc95d7efd4d1ec5a926bceecdbd07d7faef0c337cf',
    d3fend: 'D3-UAP',
    load: () => import('./iam-detach-role-policy.ts').then((file) => file.iamDetachRolePolicy),
  },
  'aws.iam.detach-user-policy': {
    hash: '0aa11771381b6a3f83fed111c6179aef1bdc41fa621ca29d9e5ba3e9f5886d0c',
    d3fend: 'D3-UAP',
    load: () => import('./iam-detach-user-policy.ts').then((file) => file.iamDetachUserPolicy),
  },
  'aws.iam.disable-access-key': {
    hash: 'a3de67a668700722de2b7faf8b902e3eef36da95925da399f0cf639b0d6d3fbb',
    d3fend: 'D3-CR',
    portable: { verb: 'revoke-identity', target: 'aws.iam.access-key' },
    load: () => import('./iam-disable-access-key.ts').then((file) => file.iamDisableAccessKey),
  },
  'aws.iam.disable-console-login': {
    hash: 'c95cf0b39b4459b711cd99c934ebe2cfbdc56d7d1e0f0689ce6677073530c9c7',
    d3fend: 'D3-CR',
    load: () => import('./iam-disable-console-login.ts').then((file) => file.iamDisableConsoleLogin),
  },
  'aws.iam.quarantine-user': {
    hash: 'dd70eacd5a26ad14fb6bf7e861f58bb03174c9cca3f7c66f7522cfac2e0a2141',
    d3fend: 'D3-AL',
    portable: { verb: 'revoke-identity', target: 'aws.iam.user' },
    load: () => import('./iam-quarantine-user.ts').then((file) => file.iamQuarantineUser),
  },
  'aws.iam.revoke-role-sessions': {
    hash: '8f9ed64c44ed00335e7bb12a4c84a8994024062e724d45ead26dc108bf7ab1a8',
    d3fend: 'D3-ST',
    load: () => import('./iam-revoke-role-sessions.ts').then((file) => file.iamRevokeRoleSessions),
  },
  'aws.iam.revoke-single-role-session': {
    hash: '1308e5d0a59d9e8ba558a5930a19cc481d0679aa87027c3a20deda2f6f5bbcfb',
    d3fend: 'D3-ST',
    portable: {
      verb: 'revoke-identity',
      target: 'aws.iam.role-session',
      where: { kind: [{ 'anything-but': ['sso'] }] },
    },
    load: () => import('./iam-revoke-single-role-session.ts').then((file) => file.iamRevokeSingleRoleSession),
  },
  'aws.lambda.lock-function-url': {
    hash: '42f1a6dda6861fa17468f1e547f1aae6e55401d362ff5b981394c0cbb40cbf12',
    d3fend: 'D3-NRAM',
    load: () => import('./lambda-lock-function-url.ts').then((file) => file.lambdaLockFunctionUrl),
  },
  'aws.lambda.remove-public-permission': {
    hash: 'b5640ed0a3b0a0f6e29dc80af134f5dcb9ad7142e92ac55919a41eceb8548ea0',
    d3fend: 'D3-NRAM',
    load: () => import('./lambda-remove-public-permission.ts').then((file) => file.lambdaRemovePublicPermission),
  },
  'aws.lambda.throttle-to-zero': {
    hash: '0d89e7e3606bcbda67019bd3acd2b7f6ed85ff0fc65daaf8d43d57ec904a015f',
    d3fend: 'D3-PS',
    portable: { verb: 'restrict-service', target: 'aws.lambda.function' },
    load: () => import('./lambda-throttle-to-zero.ts').then((file) => file.lambdaThrottleToZero),
  },
  'aws.rds.disable-public-access': {
    hash: 'cc832327cdd8da8327cd78e7248f8e7e7672eebbc914b250628d09f77fa88977',
    d3fend: 'D3-NI',
    portable: { verb: 'restrict-database', target: 'aws.rds.instance' },
    load: () => import('./rds-disable-public-access.ts').then((file) => file.rdsDisablePublicAccess),
  },
  'aws.rds.unshare-snapshot': {
    hash: 'fe7d3ac8cbb345955f90098dc72ef6880ace1b21574c919e364dcb22e5fa0fce',
    d3fend: 'D3-NRAM',
    load: () => import('./rds-unshare-snapshot.ts').then((file) => file.rdsUnshareSnapshot),
  },
  'aws.s3.block-public-access-bucket': {
    hash: 'fc600bb349b35aa34a8296f9956b5552572c0d90077b33370e9798daf21db768',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'aws.s3.bucket' },
    load: () => import('./s3-block-public-access-bucket.ts').then((file) => file.s3BlockPublicAccessBucket),
  },
  'aws.s3.quarantine-object': {
    hash: '6c46119f5a0f4f84e676af30989124c77b777f28acf1a2906986e87bfec59934',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'aws.s3.object' },
    load: () => import('./s3-quarantine-object.ts').then((file) => file.s3QuarantineObject),
  },
  'aws.sso.deny-user-in-permission-sets': {
    hash: '44831cffec9a649e2af866d9a0d83f49174cc0141488c8815bce7c98de880b72',
    d3fend: 'D3-ST',
    portable: { verb: 'revoke-identity', target: 'aws.iam.role-session', where: { kind: ['sso'] } },
    load: () => import('./sso-deny-user-in-permission-sets.ts').then((file) => file.ssoDenyUserInPermissionSets),
  },
  'aws.vpc.deny-address': {
    hash: 'd547331766b43c64ec3ec2dc42d720565005008646d8cae54e6c3408a3481f6e',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'aws.ec2.instance' },
    load: () => import('./vpc-deny-address.ts').then((file) => file.vpcDenyAddress),
  },
};
