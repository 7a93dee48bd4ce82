import * as z from 'zod';
import { CordonError } from '../../shared/model/error.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import { forHost } from '../log.ts';
import { queueBytes } from './bindings.ts';

/** What stands in the inbox for a message that a queue cannot hold: where it is kept. */
const Kept = z.strictObject({ 'cordon-evidence': z.string().regex(/^[0-9a-f]{64}$/) });

/** Whether a queue takes it. */
export const fitsQueue = (message: Json): boolean => Buffer.byteLength(JSON.stringify(message)) <= queueBytes;

async function put(evidence: Evidence, message: Json): Promise<string> {
  try {
    return await evidence.put(message);
  } catch (thrown) {
    throw forHost(thrown); // what is thrown here ends an invocation
  }
}

/** A message as the inbox can hold it: itself, or its digest in the evidence store. */
export const toInbox = async (evidence: Evidence, message: Json): Promise<Json> =>
  fitsQueue(message) ? message : { 'cordon-evidence': await put(evidence, message) };

/** The message that stands in the inbox. Throws `CordonError` where it is not to be had. */
export async function fromInbox(evidence: Evidence, entry: Json): Promise<Json> {
  const kept = Kept.safeParse(entry);
  if (!kept.success) return entry;
  const digest = kept.data['cordon-evidence'];
  const message = await evidence.get(digest);
  if (message !== undefined) return message;
  throw new CordonError({
    code: 'no-evidence',
    message: `the message kept as ${digest} is not in the evidence store`,
    remedy: 'Look in the log of the storage account for who deleted it.',
    retryable: true,
  });
}
