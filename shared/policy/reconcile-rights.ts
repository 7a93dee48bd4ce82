import type { Grant } from './grants.ts';

/** What the reader needs to compare the providers' active findings with those that arrived. No run needs it. */
export const reconcileRights: { readonly aws: readonly Grant[]; readonly azure: readonly Grant[] } = {
  aws: [
    // AWS bounds none of them to a detector
    ...['ListDetectors', 'ListFindings', 'GetFindings'].map((name) => ({ allow: `guardduty:${name}`, on: '*' })),
    { allow: 'securityhub:GetFindings', on: 'arn:{partition}:securityhub:{region}:{account}:hub/default' },
  ],
  azure: [{ allow: 'Microsoft.Security/alerts/read', on: '/subscriptions/{subscription}' }],
};
