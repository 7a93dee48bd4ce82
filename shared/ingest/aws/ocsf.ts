import * as z from 'zod';
import { AwsAccountId } from '../../model/identifiers.ts';
import { isObject, own } from '../../model/json.ts';
import { Instant, Text } from '../shape.ts';

/** OCSF writes a time as text, as milliseconds, or both: `modified_time_dt` and `modified_time`. */
const Time = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((time, context) => {
    if (time === undefined || time === null || time === '') return undefined;
    const written = typeof time === 'string' ? Instant.safeParse(time).data : isoOf(time);
    if (written !== undefined) return written;
    context.issues.push({ code: 'custom', message: 'not a time', input: time });
    return z.NEVER;
  });

/** Milliseconds since 1970 up to the year 9999. */
const isoOf = (time: number): string | undefined =>
  Math.abs(time) < 253_402_300_800_000 ? new Date(time).toISOString() : undefined;

const Account = z.object({ account: z.object({ uid: Text }).nullish() }).nullish();
const Endpoint = z.object({ ip: Text }).nullish();

const Evidence = z.object({
  api: z.unknown().optional(),
  connection_info: z.object({ direction: Text }).nullish(),
  src_endpoint: Endpoint,
  dst_endpoint: Endpoint,
  data: z.unknown().optional(),
});

const Resource = z.object({
  uid: z.string().min(1),
  type: z.string().min(1),
  region: Text,
  cloud_partition: Text,
  owner: Account,
  role: Text,
  /** What a product tells beside, in spellings of its own. */
  data: z.unknown().optional(),
  tags: z.unknown().optional(),
});

/**
 * What Cordon needs of one finding of the new Security Hub, in the Open Cybersecurity Schema Framework.
 * schema.ocsf.io/1.6.0/classes/detection_finding, and compliance_finding, vulnerability_finding beside it
 */
export const Ocsf = z.object({
  finding_info: z.object({
    uid: z.string().min(1),
    uid_alt: Text,
    title: Text,
    desc: Text,
    types: z.array(Text).nullish(),
    src_url: Text,
    analytic: z.object({ uid: Text }).nullish(),
    product: z.object({ uid: Text }).nullish(),
    created_time: Time,
    created_time_dt: Time,
    modified_time: Time,
    modified_time_dt: Time,
    last_seen_time: Time,
    last_seen_time_dt: Time,
  }),
  metadata: z.object({
    uid: Text,
    product: z.object({ name: Text, uid: Text, vendor_name: Text }),
  }),
  cloud: z.object({ account: z.object({ uid: AwsAccountId }), region: Text, cloud_partition: Text }),
  count: z.int().nonnegative().nullish(),
  severity_id: z.int().nullish(),
  status_id: z.int().nullish(),
  vendor_attributes: z.object({ severity: z.union([Text, z.number()]) }).nullish(),
  compliance: z.object({ control: Text, status: Text, status_id: z.int().nullish() }).nullish(),
  evidences: z.array(Evidence).nullish(),
  resources: z.array(Resource).nullish(),
  time: Time,
  time_dt: Time,
});
export type Ocsf = z.infer<typeof Ocsf>;
export type OcsfResource = z.infer<typeof Resource>;

/** Tags as OCSF writes them, `[{ name, value }]`, or as AWS does. */
export function tagsIn(tags: unknown): Record<string, unknown> {
  if (isObject(tags)) return tags;
  const list: readonly unknown[] = Array.isArray(tags) ? tags : [];
  return Object.fromEntries(
    list.flatMap((tag) => {
      const name = own(tag, 'name') ?? own(tag, 'key');
      return typeof name === 'string' ? [[name, own(tag, 'value')]] : [];
    }),
  );
}
