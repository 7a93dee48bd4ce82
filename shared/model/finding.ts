import * as z from 'zod';
import { Actor } from './actor.ts';
import { Target } from './target.ts';

/** The release whose Detection Finding class (2004) a `Finding` maps to (schema.ocsf.io/1.8.0). */
export const ocsfVersion = '1.8.0';

/** OCSF `severity` captions, weakest first; the position is OCSF's `severity_id`. */
export const severities = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal'] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

/** Where a field of `Finding` stands in an OCSF Detection Finding. */
export const ocsfMapping = {
  id: 'finding_info.uid',
  provider: 'metadata.product.name',
  type: 'finding_info.types[0]',
  title: 'finding_info.title',
  description: 'finding_info.desc',
  severity: 'severity',
  severityOriginal: 'raw_data (OCSF keeps no vendor severity)',
  status: 'status',
  account: 'cloud.account.uid',
  region: 'cloud.region',
  createdAt: 'finding_info.created_time_dt',
  updatedAt: 'finding_info.modified_time_dt',
  lastSeenAt: 'finding_info.last_seen_time_dt',
  actor: 'evidences[].actor',
  call: 'evidences[].api',
  signals: 'finding_info.related_events[]',
  resources: 'resources[]',
} as const;

/**
 * Who reports findings, and what is read again before anything is changed on their word: the `finding` at its provider,
 * the `state` of the resource it is about, or nothing, where only the `channel` can vouch for it. A `person` names a
 * target by hand, and no provider knows of it.
 */
export const confirmRules = {
  guardduty: 'finding',
  'guardduty-s3': 'state',
  'security-hub': 'finding',
  'security-hub-action': 'channel',
  cloudtrail: 'state',
  config: 'state',
  inspector: 'state',
  macie: 'state',
  'access-analyzer': 'state',
  health: 'state',
  'cost-anomaly': 'channel',
  defender: 'finding',
  'defender-storage': 'state',
  'defender-assessment': 'finding',
  'defender-xdr': 'finding',
  sentinel: 'finding',
  entra: 'finding',
  'activity-log': 'state',
  'azure-policy': 'state',
  'cost-management': 'channel',
  person: 'channel',
} as const satisfies Record<string, 'finding' | 'state' | 'channel'>;
export type Provider = keyof typeof confirmRules;
export const providers = Object.keys(confirmRules) as [Provider, ...Provider[]]; // the keys of a literal, never empty

/** A call to a cloud's control plane that is itself the news: CloudTrail, the Activity Log, a sign-in. */
export const Call = z.object({
  /** As the cloud logs it: `CreateAccessKey`, `Microsoft.Network/networkSecurityGroups/securityRules/write`. */
  operation: z.string(),
  /** Who answered it: `iam.amazonaws.com`, `Microsoft.Network`. */
  service: z.string(),
  /** False where the cloud refused it or it failed, as a sign-in with a wrong password. */
  succeeded: z.boolean(),
  errorCode: z.string().optional(),
  /** The service that made it for somebody, as `cloudformation.amazonaws.com`; absent where a principal made it directly. */
  invokedBy: z.string().optional(),
  /** Whether the one who called had proven a second factor, where the record says. */
  mfa: z.boolean().optional(),
  /** Whether the IAM user whom it changed is the one who called; absent where it changed no user. */
  onOneself: z.boolean().optional(),
  /** Attackers choose it. */
  userAgent: z.string().optional(),
});
export type Call = z.infer<typeof Call>;

/** One of the observations that an attack sequence is made of. */
export const Signal = z.object({
  id: z.string(),
  /** As the provider calls it: `FINDING`, `CLOUD_TRAIL`, `S3_DATA_EVENTS`. */
  kind: z.string(),
  name: z.string(),
  severity: z.number().optional(),
  count: z.int().nonnegative().optional(),
  lastSeenAt: z.string().optional(),
});

/** A security result in the normal form that triggers and templates see. */
export const Finding = z.object({
  /** The provider's own id, as its cloud compares it: the same over every delivery and update. */
  id: z.string().min(1),
  provider: z.enum(providers),
  cloud: z.enum(['aws', 'azure']),
  type: z.string().min(1),
  title: z.string(),
  description: z.string(),
  severity: Severity,
  /** As the provider wrote it: GuardDuty 8.7, Defender "High". */
  severityOriginal: z.union([z.string(), z.number()]),
  status: z.enum(['new', 'updated', 'archived', 'resolved', 'dismissed']),
  /** AWS account id or Azure subscription id that owns the affected resource. */
  account: z.string().min(1),
  region: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  updatedAt: z.string(),
  lastSeenAt: z.string().optional(),
  /** How often the provider has seen it so far. */
  count: z.int().nonnegative(),
  /** Made by the vendor to try things out; may be planned, never acted on. */
  sample: z.boolean(),
  /** A periodic copy of the present state, not news. */
  snapshot: z.boolean(),
  actor: Actor.optional(),
  call: Call.optional(),
  signals: z.array(Signal).optional(),
  resources: z.array(Target),
  /** What the provider needs to read the finding again. */
  link: z.record(z.string(), z.string()),
});
export type Finding = z.infer<typeof Finding>;
