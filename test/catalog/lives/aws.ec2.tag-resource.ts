import { ec2Tags } from '../../../shared/sandbox/aws/ec2-rows.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { production } from '../../support/company.ts';

const resourceId = 'i-0aa11bb22cc33dd44';
const where = { account: production, region: 'eu-west-1' };

export const life: ActionLife = {
  input: { resourceId, tags: { 'cordon:incident': 'INC-4711', 'cordon:since': '{startedAt}' } },
  where,
  attack: { none: 'a tag stops nobody: it tells people and other tools what is going on' },
  edit: ({ rows }) => {
    const { tags } = rows.get(ec2Tags, resourceId) ?? {};
    rows.put(ec2Tags, resourceId, { ...where, tags: { ...tags, 'cordon:incident': 'INC-9999' } });
  },
};
