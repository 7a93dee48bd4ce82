import * as z from 'zod';
import { ocsfVersion, severities } from './finding.ts';

const technique = z.strictObject({ uid: z.string(), name: z.string(), src_url: z.url() });
const tactic = z.strictObject({ name: z.string() });
const count = z.int().nonnegative();

const base = {
  activity_id: z.union([z.int().min(1).max(5), z.literal(99)]),
  activity_name: z.string(),
  category_uid: z.literal(7),
  category_name: z.literal('Remediation'),
  class_name: z.string(),
  type_uid: z.int(),
  severity_id: z.int().min(0).max(6),
  severity: z.enum(severities),
  /** Milliseconds since 1970. */
  time: count,
  timezone_offset: z.literal(0),
  status_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(6), z.literal(99)]),
  status: z.string(),
  status_detail: z.string(),
  message: z.string(),
  command_uid: z.string(),
  /** Absent where no action was reached. */
  countermeasures: z
    .array(z.strictObject({ version: z.string(), d3f_tactic: tactic, d3f_technique: technique }))
    .min(1)
    .optional(),
  metadata: z.strictObject({
    version: z.literal(ocsfVersion),
    uid: z.string(),
    correlation_uid: z.string(),
    product: z.strictObject({ name: z.literal('Cordon'), vendor_name: z.literal('Cordon'), uid: z.string() }),
    labels: z.array(z.string()),
    profiles: z.tuple([z.literal('cloud')]),
  }),
  cloud: z.strictObject({
    provider: z.enum(['AWS', 'Azure']),
    account: z.strictObject({ uid: z.string() }),
    region: z.string().optional(),
  }),
  remediation: z.strictObject({ desc: z.string() }),
  observables: z.array(z.strictObject({ name: z.string(), type_id: z.literal(10), value: z.string() })),
  /** What OCSF has no attribute for. */
  unmapped: z.strictObject({
    run: z.string(),
    playbook: z.string(),
    playbookHash: z.string(),
    action: z.string(),
    outcome: z.string(),
    reason: z.string(),
    planDigest: z.string().optional(),
    finding: z.strictObject({ provider: z.string(), id: z.string(), type: z.string() }),
    releases: z.string().optional(),
  }),
};

/**
 * Remediation events of OCSF 1.8: Remediation Activity (7001), File Remediation Activity (7002) for objects, Network
 * Remediation Activity (7004) for traffic (schema.ocsf.io/1.8.0). Strict: what is not named there goes into `unmapped`.
 */
export const RemediationEvent = z.discriminatedUnion('class_uid', [
  z.strictObject({ ...base, class_uid: z.literal(7001) }),
  z.strictObject({
    ...base,
    class_uid: z.literal(7002),
    file: z.strictObject({ name: z.string(), type_id: z.literal(1) }),
  }),
  z.strictObject({
    ...base,
    class_uid: z.literal(7004),
    connection_info: z.strictObject({ direction_id: z.int().min(0).max(3) }),
  }),
]);
export type RemediationEvent = z.infer<typeof RemediationEvent>;
