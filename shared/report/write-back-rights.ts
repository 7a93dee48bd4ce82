import type { Settings } from '../config/settings.ts';
import type { Finding } from '../model/finding.ts';
import type { FindingProgress } from '../model/finding-progress.ts';
import { type Grant, renderGrant } from '../policy/grants.ts';
import type { Allowed } from '../ports/clouds.ts';

const hub = 'arn:{partition}:securityhub:{region}:{account}:hub/default';

/** In the account and region of the finding, where Security Hub keeps its copy. */
const hubGrants: readonly Grant[] = [
  { allow: 'securityhub:GetFindings', on: hub },
  { allow: 'securityhub:BatchUpdateFindings', on: hub },
];
/** In the account and region of the detector, which may be an administrator's; AWS bounds neither to one detector. */
const detectorGrants: readonly Grant[] = [
  { allow: 'guardduty:GetFindings', on: '*' },
  { allow: 'guardduty:ArchiveFindings', on: '*' },
];

/**
 * What the writer needs beside the actions, to tell a finding's own system. A policy cannot bound BatchUpdateFindings to
 * some of the states; a Deny on `securityhub:ASFFSyntaxPath/Workflow.Status` SUPPRESSED costs nothing. A custom role of
 * Azure may refuse the name `inProgress/action`; `Microsoft.Security/locations/alerts/*` contains it.
 */
export const writeBackGrants: { readonly aws: readonly Grant[]; readonly azure: readonly Grant[] } = {
  aws: [...hubGrants, ...detectorGrants],
  azure: ['read', 'inProgress/action', 'resolve/action'].map((operation) => ({
    allow: `Microsoft.Security/locations/alerts/${operation}`,
    on: '/subscriptions/{subscription}',
  })),
};

/** The same as far as the settings want it: archiving and resolving only where they are asked for. */
export function writeBackRights({ enabled, resolve, archive }: Settings['writeBack']): typeof writeBackGrants {
  if (!enabled) return { aws: [], azure: [] };
  return {
    aws: [...hubGrants, ...(archive ? detectorGrants : [])],
    azure: writeBackGrants.azure.filter(({ allow }) => resolve || !allow.endsWith('/resolve/action')),
  };
}

/** The bounds of the one session that tells of this finding. */
export function writeBackBound(finding: Finding, { archive }: FindingProgress, partition: string): readonly Allowed[] {
  const { account, region, cloud } = finding;
  if (cloud === 'azure') return writeBackGrants.azure.map((grant) => renderGrant(grant, { subscription: account }));
  return [
    ...hubGrants.map((grant) => renderGrant(grant, { partition, account, region })),
    // only GuardDuty's own findings are archived there
    ...(archive && finding.provider === 'guardduty' ? detectorGrants.map((grant) => renderGrant(grant, {})) : []),
  ];
}
