import { expect, it } from 'vitest';
import { ec2ReplaceInstanceProfile } from '../../../shared/actions/aws/ec2-replace-instance-profile.ts';
import { instances } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { instanceProfiles } from '../../../shared/sandbox/aws/iam-instance-profiles.ts';
import { metadataCredentials } from '../../../shared/sandbox/aws/instance-metadata.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0aa11bb22cc33dd44';
const profileName = 'quarantined-instance';
const arn = `arn:aws:iam::${production}:instance-profile/cordon/${profileName}`;

const withMinimalProfile = ({ rows }: Sandbox): void => {
  const profile = { account: production, name: profileName, profileId: 'AIPAQUARANTINE0000001', arn };
  rows.put(instanceProfiles, arn, { ...profile, roleName: profileName });
};
const carried = ({ rows }: Sandbox): string | undefined => rows.get(instances, instanceId)?.instanceProfile?.arn;

it('puts a minimal profile in the place of the other, wherever its path leads, and gives the other one back', async () => {
  const { plan, contain, release, isContained, sandbox } = await acting(
    ec2ReplaceInstanceProfile,
    { instanceId, profileName },
    { prepare: withMinimalProfile },
  );
  const before = carried(sandbox);
  const changes = await plan();
  expect(changes).toEqual([{ resource: instanceId, from: 'web-server', to: profileName }]);
  await contain(changes);
  expect(carried(sandbox)).toBe(arn);
  expect(await isContained()).toBe(true);
  await release(changes);
  expect(carried(sandbox)).toBe(before);
});

it('gives no profile to an instance that has none', async () => {
  const { plan } = await acting(
    ec2ReplaceInstanceProfile,
    { instanceId: 'i-0dd44ee55ff667788', profileName },
    { prepare: withMinimalProfile },
  );
  expect(await plan()).toEqual([]);
});

it('leaves credentials alive that were issued before', async () => {
  const { contain, sandbox } = await acting(ec2ReplaceInstanceProfile, { instanceId });
  const resource = 'arn:aws:s3:::northwind-uploads';
  const wish = { accessKeyId: metadataCredentials(sandbox, instanceId) ?? '', action: 's3:ListBucket', resource };
  await contain();
  expect(metadataCredentials(sandbox, instanceId)).toBeUndefined();
  expect(sandbox.can(wish)).toBe(true);
});
