import type { World } from '../world.ts';
import { instances } from './ec2-rows.ts';
import { profileNamed } from './iam-instance-profiles.ts';
import { roles } from './iam-rows.ts';
import { issueSession } from './sts-session.ts';

/**
 * What the metadata service hands to whoever is on an instance: the id of a key of a session of its role, which is named like
 * the instance (docs.aws.amazon.com/AWSEC2, "Retrieve security credentials"). Undefined without a profile. A real instance
 * may go on with what it has in its cache for some minutes.
 */
export function metadataCredentials(world: World, instanceId: string): string | undefined {
  const { rows } = world;
  const { account, state, instanceProfile } = rows.get(instances, instanceId) ?? {};
  if (account === undefined || state !== 'running' || !instanceProfile) return undefined;
  const profile = profileNamed(rows, account, { arn: instanceProfile.arn });
  const role = profile && rows.get(roles, `${account}/${profile.roleName}`);
  if (!role) return undefined;
  const [, partition = 'aws'] = instanceProfile.arn.split(':');
  const { Credentials } = issueSession({ world, partition }, { role, name: instanceId, seconds: 21_600 });
  return Credentials.AccessKeyId;
}
