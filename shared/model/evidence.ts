import * as z from 'zod';
import { Json } from './json.ts';

/** SHA-256 of a value's canonical JSON, as lower-case hex: its name in the evidence store. */
export const EvidenceDigest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest has 64 hexadecimal digits');

/** State captured before a change: a value per resource as it was read, or where it lies when it is large. */
export const CapturedState = z.union([z.record(z.string(), Json), EvidenceDigest]);
export type CapturedState = z.infer<typeof CapturedState>;
