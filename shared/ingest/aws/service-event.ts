import * as z from 'zod';
import { AwsAccountId, AwsRegion } from '../../model/identifiers.ts';
import { type Json, own } from '../../model/json.ts';
import { OptionalInstant, problemOf, quoted } from '../shape.ts';
import { ignored, malformed, type Reading } from '../source.ts';

/** Where and when an event came up, as its envelope says: not always where the resource is. */
const Envelope = z.object({
  account: AwsAccountId.optional().catch(undefined),
  region: AwsRegion.optional().catch(undefined),
  time: OptionalInstant.catch(undefined),
  resources: z.array(z.string()).catch([]),
});
export type Envelope = z.infer<typeof Envelope>;

const remedy = 'Send the event as EventBridge delivers it, unchanged.';

/** Reads an event whose detail is all there is to it: one of the `kinds` makes findings, others of the service none. */
export function readDetail<D>(
  event: Json,
  {
    service,
    kinds,
    detail,
  }: { readonly service: string; readonly kinds: readonly string[]; readonly detail: z.ZodType<D> },
  findingsOf: (detail: D, envelope: Envelope, kind: string) => Reading,
): Reading {
  const kind = own(event, 'detail-type');
  if (typeof kind !== 'string' || !kinds.includes(kind))
    return ignored(`${service} event of detail-type ${quoted(kind)} is not a finding.`);
  const parsed = detail.safeParse(own(event, 'detail'));
  if (!parsed.success) return malformed(problemOf(parsed.error, 'detail'), remedy);
  return findingsOf(parsed.data, Envelope.parse(event), kind);
}
