import type { Settings } from '../config/settings.ts';
import type { Finding } from '../model/finding.ts';
import { comparable } from '../model/identifiers.ts';
import { shortDigest } from '../model/json.ts';
import type { Target } from '../model/target.ts';

/** A target that a person wants contained without a finding, and why. */
export type NamedTarget = {
  readonly target: Target;
  readonly person: string;
  readonly why: string;
  readonly now: string;
  readonly partition: Settings['aws']['partition'];
};

/** Where the endpoints of global services are asked, by partition (docs.aws.amazon.com/general, "AWS service endpoints"). */
const globalRegion = { aws: 'us-east-1', 'aws-us-gov': 'us-gov-west-1', 'aws-cn': 'cn-north-1' } as const;

const cloudOf = ({ type, account }: Target): Finding['cloud'] => {
  if (type.startsWith('azure.')) return 'azure';
  return type.startsWith('aws.') || /^\d{12}$/.test(account) ? 'aws' : 'azure';
};

/** What such a wish looks like as a finding. The same person, target and reason make the same one. */
export function findingFor({ target, person, why, now, partition }: NamedTarget): Finding {
  const cloud = cloudOf(target);
  return {
    id: `person:${shortDigest({ person, why, type: target.type, target: comparable(target.id) })}`,
    provider: 'person',
    cloud,
    type: 'Person/NamedTarget',
    title: `${person} names ${target.name || target.id}`,
    description: why,
    severity: 'Unknown',
    severityOriginal: 'named by a person',
    status: 'new',
    account: target.account,
    region: target.region || (cloud === 'aws' ? globalRegion[partition] : ''),
    createdAt: now,
    updatedAt: now,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [{ ...target, role: 'affected' }],
    link: {},
  };
}
