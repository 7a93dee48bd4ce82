import type { Grant } from './grants.ts';

type Sides = { readonly read: readonly Grant[]; readonly write: readonly Grant[] };

const permissions: Grant = { allow: 'Microsoft.Authorization/permissions/read', on: '/subscriptions/{subscription}' };

/** The rules of functions/aws/deploy/forwarder.yml. */
const forwarders = 'arn:{partition}:events:{region}:{account}:rule/cordon-forward-*';

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
      { allow: 'events:DescribeRule', on: forwarders },
      { allow: 'events:ListTargetsByRule', on: forwarders },
    ],
    write: [],
  },
  azure: {
    read: [
      permissions,
      { allow: 'Microsoft.Security/pricings/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.Security/automations/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.EventGrid/systemTopics/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.EventGrid/systemTopics/eventSubscriptions/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.Insights/metricAlerts/read', on: '/subscriptions/{subscription}' },
      { allow: 'Microsoft.Insights/activityLogAlerts/read', on: '/subscriptions/{subscription}' },
    ],
    write: [permissions],
  },
};
