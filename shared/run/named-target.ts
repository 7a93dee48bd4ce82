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
};

const cloudOf = ({ type, account }: Target): Finding['cloud'] => {
  if (type.startsWith('azure.')) return 'azure';
  return type.startsWith('aws.') || /^\d{12}$/.test(account) ? 'aws' : 'azure';
};

/** What such a wish looks like as a finding. The same person, target and reason make the same one. */
export function findingFor({ target, person, why, now }: NamedTarget): Finding {
  return {
    id: `person:${shortDigest({ person, why, type: target.type, target: comparable(target.id) })}`,
    provider: 'person',
    cloud: cloudOf(target),
    type: 'Person/NamedTarget',
    title: `${person} names ${target.name || target.id}`,
    description: why,
    severity: 'Unknown',
    severityOriginal: 'named by a person',
    status: 'new',
    account: target.account,
    region: target.region,
    createdAt: now,
    updatedAt: now,
    count: 1,
    sample: false,
    snapshot: false,
    resources: [{ ...target, role: 'affected' }],
    link: {},
  };
}
