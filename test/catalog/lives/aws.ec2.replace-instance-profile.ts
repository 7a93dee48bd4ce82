import { instances } from '../../../shared/sandbox/aws/ec2-rows.ts';
import { metadataCredentials } from '../../../shared/sandbox/aws/instance-metadata.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const instanceId = 'i-0aa11bb22cc33dd44';

export const life: ActionLife = {
  input: { instanceId },
  where: { account: production, region: 'eu-west-1' },
  /** Whoever is on the host asks it for credentials, and reads a secret by them. */
  attack(sandbox) {
    const accessKeyId = metadataCredentials(sandbox, instanceId);
    const resource = `arn:aws:secretsmanager:eu-west-1:${production}:secret:storefront`;
    return accessKeyId !== undefined && sandbox.can({ accessKeyId, action: 'secretsmanager:GetSecretValue', resource });
  },
  /** Somebody gives the host a role again. */
  edit({ rows }) {
    const row = rows.get(instances, instanceId);
    const arn = `arn:aws:iam::${production}:instance-profile/batch-worker`;
    if (row) rows.put(instances, instanceId, { ...row, instanceProfile: { arn, id: 'AIPABATCHWORKER0000001' } });
  },
  unused: {
    'ec2:ReplaceIamInstanceProfileAssociation': 'only where a minimal profile takes the place of the other',
    'ec2:AssociateIamInstanceProfile': 'only a release gives an instance a profile that has none',
    'iam:PassRole': 'only where a profile is given',
  },
};
