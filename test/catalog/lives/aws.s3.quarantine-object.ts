import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buckets } from '../../../shared/sandbox/aws/s3-rows.ts';
import { putObject } from '../../../shared/sandbox/aws/s3-versions.ts';
import { holding, refusal } from '../../support/attacker.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production, security } from '../../support/company.ts';

const bucket = 'northwind-uploads';
const key = 'incoming/Invoice 4711.docm';

export const life: ActionLife = {
  input: {
    bucket,
    key,
    eTag: '98d1280e8f886d36b4106d524c0214c3',
    quarantineBucket: 'northwind-quarantine',
    quarantineAccount: security,
    quarantineRegion: 'eu-west-1',
  },
  where: { account: production, region: 'eu-west-1' },
  // where the quarantine bucket is
  also: [security],
  attack: async (sandbox) => {
    const victim = new S3Client(holding(sandbox, 'AKIACIDEPLOY00000001'));
    return (await refusal(victim.send(new GetObjectCommand({ Bucket: bucket, Key: key })))) === undefined;
  },
  edit: (sandbox) => {
    const row = sandbox.rows.get(buckets, bucket);
    const modifiedAt = sandbox.clock.now();
    if (row) putObject(sandbox, row, { bucket, key, body: 'a clean invoice', acl: 'private', modifiedAt });
  },
  unused: {
    's3:GetObjectTagging': 'asked only of an object without versions that was written since the scan',
  },
};
