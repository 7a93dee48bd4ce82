import type { Grant } from './grants.ts';

type Sides = { readonly read: readonly Grant[]; readonly write: readonly Grant[] };

const permissions: Grant = { allow: 'Microsoft.Authorization/permissions/read', on: '/subscriptions/{subscription}' };

/**
 * What reader and writer need for `cordon doctor` alone: to find something to try the other rights on, to read what they
 * may do, and to see whether the sources of events are switched on. Without one of them the doctor says what it could
 * not see; no run needs them.
 */
export const checkRights: { readonly aws: Sides; readonly azure: Sides } = {
  aws: {
    read: [
      { allow: 'guardduty:ListDetectors', on: '*' },
      { allow: 'guardduty:GetDetector', on: 'arn:{partition}:guardduty:{region}:{account}:detector/*' },
      { allow: 'securityhub:DescribeHub', on: 'arn:{partition}:securityhub:{region}:{account}:hub/default' },
      { allow: 's3:ListAllMyBuckets', on: '*' },
    ],
    write: [],
  },
  azure: {
    read: [
      permissions,
      { allow: 'Microsoft.Security/pricings/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.Security/automations/read', on: '/subscriptions/{subscription}' },
    ],
    write: [permissions],
  },
};
